"""What the doctor says of the mail server: it asks up to the recipient, and sends nothing."""

import pytest

from asterisk_callback.doctor import CheckStatus, Finding, mail
from tests.lab.mail_server import MailServer
from tests.unit.config.conftest import Load, load

__all__ = ["load"]  # a fixture of the configuration's tests


def examined(load: Load, server: MailServer, more: str = "") -> dict[str, Finding]:
    given = f'[mail]\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\n'
    settings = load(more=f'\n{given}sender = "Larkmoor <callback@example.org>"\n{more}')
    return {finding.check: finding for finding in mail.check(settings)}


def test_all_is_well_and_nothing_is_sent(load: Load) -> None:
    with MailServer() as server:
        found = examined(load, server)
    assert {one.verdict for one in found.values()} == {CheckStatus.OK}
    assert set(found) == {"mail", "mail.recipients"}
    assert server.received == []


def test_nobody_there_and_no_mail(load: Load) -> None:
    with MailServer() as server:
        pass
    found = examined(load, server)
    assert found["mail"].verdict is CheckStatus.WRONG
    assert "refused" in found["mail"].what
    assert [one.verdict for one in mail.check(load())] == [CheckStatus.OK]


@pytest.mark.case("CASES 6: doctor asks the mail server up to the recipient")
@pytest.mark.parametrize(
    ("answer", "verdict"),
    [("554 Relay access denied", CheckStatus.WRONG), ("451 Come again", CheckStatus.WARNING)],
)
def test_a_server_that_lets_us_in_and_takes_nothing(
    load: Load, answer: str, verdict: CheckStatus
) -> None:
    with MailServer(to_recipient=answer) as server:
        found = examined(load, server)
    assert found["mail"].verdict is CheckStatus.OK
    assert found["mail.recipients"].verdict is verdict
    assert f"no message for customers: {answer}" in found["mail.recipients"].what
    assert server.received == []


@pytest.mark.case("CASES 6: doctor asks for those that are told of alarms")
def test_a_recipient_of_alarms_that_is_refused_and_a_lone_channel(load: Load) -> None:
    alarms = '[alarms]\nemail = ["ops@example.org"]\n'
    with MailServer(refused=frozenset({"ops@example.org"})) as server:
        found = examined(load, server, alarms)
    assert "[alarms] email ops@example.org: 550" in found["mail.recipients"].what
    assert found["mail.alarms"].verdict is CheckStatus.WARNING
    with MailServer(refused=frozenset({mail.ELSEWHERE})) as server:
        found = examined(
            load,
            server,
            f'{alarms}webhook = "https://ops.example.org/x"\nwebhook_secret = "0123456789abcdef"\n',
        )
    assert "mail.alarms" not in found
