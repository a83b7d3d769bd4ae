"""Mistakes in a database's URL: one sentence each, and never a piece of the secret."""

import pytest

from asterisk_callback import bootstrap
from asterisk_callback.config.database_url import fault
from tests.unit.config.conftest import Load, Problems

SEVERAL = "postgresql://callback@/callback?host=one:5432&host=two:5432"


@pytest.mark.case("CASES 4: a mistake in the database's URL is one sentence, without the secret")
@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("/var/lib/x.db", "so an absolute one has four slashes: sqlite:////var"),
        ("callback.db", "must begin with sqlite:/// or postgresql://"),
        ("sqlite://callback.db", "three slashes"),
        ("mysql://me:hunter2@db/x", "no other kind of database is known"),
        ("postgresql+asyncpg://me:hunter2@db/x", "no driver but psycopg: write postgresql://"),
        ("postgresql://me:hun@ter2@db/x", "one in a name or a password is written %40"),
        ("postgresql://me:hun@t/er2@db/x", "one in a name or a password is written %40"),
        ("postgresql://me:hunter2@one,two/x", SEVERAL),
        ("postgresql://me:hunter2@one:5432,two:5433/x", SEVERAL),
        ("postgresql://me:hunter2@db:port/x", "a port, a number"),
    ],
    ids=[str(n) for n in range(10)],  # the test's name is in the file's path, which is told
)
def test_a_mistake(problems: Problems, url: str, told: str) -> None:
    (line,) = problems(more=f'[database]\nurl = "{url}"\n')
    assert "[database] url" in line and told in line
    assert not any(piece in line for piece in ("hun", "ter2", "er2"))


@pytest.mark.case("CASES 4: a password with : / % # unescaped")
@pytest.mark.parametrize("password", ["a:b", "a/b", "a#b", "a%b", "a?b", "a%40b"])
def test_a_password_that_is_right_as_it_stands(load: Load, password: str) -> None:
    settings = load(more=f'[database]\nurl = "postgresql://me:{password}@db.example/x"\n')
    made = bootstrap.store(settings)
    assert made.url.password == password.replace("%40", "@")
    assert made.url.host == "db.example"
    assert password not in bootstrap.database_name(settings)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///:memory:", "sqlite:////var/lib/x.db", "postgresql:///x", "postgresql://db/x",
        "postgresql://me@[::1]:5432/x", "postgresql://me@/x?host=@abstract", SEVERAL,
    ],
)  # fmt: skip
def test_what_is_right(url: str) -> None:
    assert fault(url) == ""


def test_a_password_among_the_options_is_not_shown(load: Load) -> None:
    settings = load(more='[database]\nurl = "postgresql://me@db/x?password=hunter2"\n')
    assert bootstrap.database_name(settings) == "postgresql://me@db/x"


def test_a_direct_url_leads_to_postgresql(problems: Problems) -> None:
    (line,) = problems(more='[database]\ndirect_url = "sqlite:///callback.db"\n')
    assert "[database] direct_url leads to PostgreSQL: it begins postgresql://" in line
