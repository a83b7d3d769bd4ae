"""What a database's URL must be, and what is said of the mistakes that are often made with one.

No sentence shows a piece of it: there may be a password in it, and not always where it belongs.
"""

import re

_FORMS = ("sqlite:///", "postgresql://")
_POSTGRESQL = re.compile(r"(postgres|postgresql)(\+[\w.-]+)?://")


def fault(url: str) -> str:
    """A sentence on what is wrong with it, "" if nothing is."""
    if not url.isprintable():
        return "must not hold control characters or line ends"
    if "://" not in url:
        return (
            "must begin with sqlite:/// or postgresql://; a file's path stands behind sqlite:///, "
            "so an absolute one has four slashes: sqlite:////var/lib/asterisk-callback/callback.db"
        )
    if url.startswith("sqlite"):
        return _of_sqlite(url)
    driver = _POSTGRESQL.match(url)
    if driver is None:
        return f"must begin with {' or '.join(_FORMS)}: no other kind of database is known"
    if driver[2] not in (None, "+psycopg"):
        return "must name no driver but psycopg: write postgresql:// in front"
    return _of_postgresql(url[driver.end() :])


def _of_sqlite(url: str) -> str:
    if not url.startswith(("sqlite:///", "sqlite+pysqlite:///")) and url != "sqlite://":
        return "must begin with sqlite:/// (three slashes, and no driver), then the file's path"
    return ""


def _of_postgresql(rest: str) -> str:
    """rest: user:password@host:port/database?options. A password ends at the first @."""
    _, at, behind = rest.partition("@")
    place = behind if at else rest
    hosts = re.split(r"[/?]", place, maxsplit=1)[0]
    # What is left is shown as the host's name in messages: nothing of a password may be in it.
    if re.search(r"(?<!=)@", place):
        return "has an @ too many: one in a name or a password is written %40"
    if "," in hosts:
        return (
            "names several hosts in one place; write them one by one: "
            "postgresql://callback@/callback?host=one:5432&host=two:5432"
            "&target_session_attrs=read-write"
        )
    if not re.fullmatch(r"([^:\[\]]*|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?", hosts):
        return "must have a host and a port, a number, behind the @: db.example.org:5432"
    return ""
