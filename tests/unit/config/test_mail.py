"""The [mail] section: off unless it is there, and complete if it is."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.config.conftest import Load, Problems

MAIL = """
[mail]
host = "smtp.example.org"
sender = "Larkmoor Broadband <callback@example.org>"
"""


def test_off_by_default(load: Load) -> None:
    assert load().mail is None


def test_little_is_needed(load: Load) -> None:
    mail = load(more=MAIL).mail
    assert mail is not None
    assert (mail.port, mail.security) == (587, "starttls")


@pytest.mark.parametrize(
    ("more", "minutes"),
    [
        ("", 60),
        (MAIL, 60),
        (f'{MAIL}reminder = "30m"\n', 30),  # where it stood before
        ('[messages]\nreminder = "15m"\n', 15),  # also for those who only send SMS
        (f'{MAIL}reminder = "30m"\n[messages]\nreminder = "15m"\n', 15),
        (f"{MAIL}[messages]\nreminder = 0\n", 0),
    ],
)
def test_when_customers_are_reminded(load: Load, more: str, minutes: int) -> None:
    assert load(more=more).reminder == timedelta(minutes=minutes)


def test_the_password_from_a_file(load: Load, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("a mailbox's password\n")
    more = MAIL + 'username = "callback"\n'
    mail = load(more=more, MAIL__PASSWORD_FILE="password").mail
    assert mail is not None
    assert mail.password is not None
    assert mail.password.get_secret_value() == "a mailbox's password"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('username = "callback"', "[mail] password goes together with username"),
        ('password = "nobody-may"', "[mail] password goes together with username"),
        ('security = "ssl"', "[mail] security"),
        ('reply_to = "Larkmoor"', "[mail] reply_to must be one e-mail address"),
        ('reply_to = "a@example.org, b@example.org"', "[mail] reply_to must be one e-mail address"),
        ('reply_to = "a@example.org\\nBcc: b@example.org"', "[mail] reply_to must be one"),
        (
            'username = "a"\npassword = "nobody-may"\nsecurity = "none"',
            "[mail] security none would send the password in the clear",
        ),
    ],
)
def test_mistakes(problems: Problems, line: str, sentence: str) -> None:
    (problem,) = problems(more=f"{MAIL}{line}\n")
    assert sentence in problem


def test_a_webhook_of_alarms_is_signed(problems: Problems) -> None:
    (problem,) = problems(more='\n[alarms]\nwebhook = "https://ops.example.org/x"\n')
    assert "[alarms] webhook needs a webhook_secret beside it" in problem


def test_alarms_by_mail_need_a_mail_server(problems: Problems, load: Load) -> None:
    alarms = '\n[alarms]\nemail = ["ops@example.org"]\n'
    (problem,) = problems(more=alarms)
    assert "[alarms] email needs the mail server of [mail], which is missing" in problem
    assert load(more=MAIL + alarms).alarms.email == ("ops@example.org",)
