"""From the configuration to the phones: who is told by SMS, of what, and in which words."""

import os
from pathlib import Path
from urllib.parse import parse_qs

from asterisk_callback import bootstrap
from asterisk_callback.config import Settings
from asterisk_callback.doctor import CheckStatus
from asterisk_callback.doctor import channels as doctor
from asterisk_callback.doctor.asterisk_user import AsteriskUser
from asterisk_callback.services.calling.holds import stop
from asterisk_callback.services.telling.operator import Alarms
from asterisk_callback.services.telling.outbox import Telling
from tests.factories import SERVER, Office
from tests.lab.hook_server import Hooks, hook_server
from tests.post import work_off
from tests.unit.config.conftest import Load, load

__all__ = ["load"]  # a fixture of the configuration's tests

AGENT, OPERATOR = "+447400900123", "+447400900124"
PROVIDER = """
[channels.sms.http]
url = "http://localhost:{port}/send"
allow_hosts = ["localhost"]
body_as = "form"
body = {{ to = "{{number}}", text = "{{text}}" }}
"""
TYPED = {"name": "BUY NOW", "about": "https://spam.example PILLS"}


def texts(hooks: Hooks) -> list[tuple[str, str]]:
    said = [parse_qs(body.decode()) for _, _, body in hooks.heard]
    return [(one["to"][0], one["text"][0]) for one in said]


def notified(load: Load, port: int) -> Settings:
    more = f'mode = "notify"\n[channels.sms]\nteams = {{ support = ["{AGENT}"] }}\n'
    return load(more=more + PROVIDER.format(port=port))


def test_a_team_is_told_of_a_wish(office: Office, load: Load) -> None:
    """In our words alone, whatever was typed; the page has the rest."""
    with hook_server() as hooks:
        settings = notified(load, hooks.server_port)
        office.queues = bootstrap.queues(settings)
        booked = office.submit(123, queue="support", **TYPED)
        telling = bootstrap.team_telling(settings, office.store)
        while telling.work_off():
            pass
        [(to, text)] = texts(hooks)
    assert to == AGENT
    words, _, link = text.rpartition(": ")
    assert words == "[Support] A customer asks for a call (***123)"
    assert link.startswith(f"{settings.web.base_url}/done/")
    assert office.request(booked.request.id).note == "the team was told"
    assert not any(typed in text for typed in TYPED.values())


def test_operators_are_told_of_an_alarm_once(office: Office, load: Load) -> None:
    with hook_server() as hooks:
        more = f'[channels.sms]\noperators = ["{OPERATOR}", "{AGENT}"]\n'
        settings = load(more=more + PROVIDER.format(port=hooks.server_port))
        channels = bootstrap.alarm_channels(settings)
        names = [one.name for one in channels]
        assert names == ["sms"]
        with office.store.writing() as tx:
            stop(tx, actor="admin", reason="a reason that somebody typed")
        watch = Alarms(store=office.store, queues=office.queues, server=SERVER, channels=names)
        watch.look(None)
        for _ in range(2):
            work_off(Telling(store=office.store, channels=channels))
        said = texts(hooks)
    assert [to for to, _ in said] == [OPERATOR, AGENT]
    assert said[0][1].startswith(
        "[asterisk-callback] alarm raised: dialling_stopped: all calls are"
    )
    assert "typed" not in said[0][1]


def test_the_doctor_knocks_and_sends_nothing(load: Load, tmp_path: Path) -> None:
    with hook_server() as hooks:
        more = "[channels.sms]\n" + PROVIDER.format(port=hooks.server_port)
        settings = load(more=more)
        assert [one.verdict for one in doctor.check(settings)] == [CheckStatus.OK]
        assert hooks.heard == []
    [finding] = doctor.check(settings)
    assert finding.verdict is CheckStatus.WRONG
    assert "can’t be reached: ConnectionRefusedError" in finding.what
    spool = tmp_path / "outgoing"
    settings = load(more=f'[channels.sms]\nspool = "{spool}"\n')
    [finding] = doctor.check(settings)
    assert (finding.verdict, "not there" in finding.what) == (CheckStatus.WRONG, True)
    spool.mkdir()
    assert [one.verdict for one in doctor.check(settings)] == [CheckStatus.OK]
    assert os.listdir(spool) == []


def test_the_doctor_judges_a_spool_folder_as_the_service_would(tmp_path: Path) -> None:
    """Root may write everywhere; the user as whom the service runs may not."""
    uid = os.stat(tmp_path).st_uid + 1
    stranger = AsteriskUser(name="callback", group="callback", uid=uid, groups=frozenset())
    tmp_path.chmod(0o700)
    found = doctor.refused(tmp_path, stranger)
    assert found is not None and found.verdict is CheckStatus.WRONG
    assert f"runs as callback and may not write into {tmp_path}" in found.what
    tmp_path.chmod(0o777)
    assert doctor.refused(tmp_path, stranger) is None
    assert doctor.refused(tmp_path / "away", stranger) is None
    assert doctor.refused(tmp_path, None) is None


def test_no_secret_of_the_provider_is_in_a_repr(load: Load) -> None:
    """Its body may hold the account's key, and a repr ends up in a traceback."""
    http = """[channels.sms.http]
url = "https://sms.example.org/send?key=SECRET1&t={text}"
headers = { X-Key = "SECRET2" }
body = { to = "{number}", key = "SECRET3" }
"""
    settings = load(more="[channels.sms]\n" + http)
    [given] = settings.channels.given().values()
    for shown in (repr(settings), str(settings), repr(bootstrap.channel("sms", given))):
        assert "SECRET" not in shown
