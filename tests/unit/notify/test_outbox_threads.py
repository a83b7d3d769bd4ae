"""From the configuration to the mailbox: the outbox as the dispatcher's process works it off."""

import threading

from asterisk_callback import bootstrap
from asterisk_callback.dispatcher.outbox_thread import OutboxThreads
from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.services.booking.booking import Origin, Submission
from tests.lab import mail_server
from tests.lab.waiting import PATIENCE, until
from tests.unit.config.conftest import Load, load

__all__ = ["load"]


def test_wired_as_configured(load: Load) -> None:
    with mail_server.MailServer() as server:
        given = f'[mail]\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\n'
        settings = load(more=f'\n{given}sender = "callback@example.org"\n')
        store = bootstrap.store(settings)
        bootstrap.upgrade(store)
        submission = Submission(phone="020 7946 0000", queue="support", email="me@example.org")
        booking = bootstrap.booking(settings, store)
        booked = booking.submit(submission, Origin(scope="web", actor="customer"))
        with bootstrap.outbox_threads(settings, store):
            until(lambda: server.received, PATIENCE, "the confirmation")
        web = bootstrap.web_app(settings, store)
        assert web.extensions["callback_parts"].organizer == "callback@example.org"
        store.close()
    (mail,) = server.received
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert f"/c/{booked.secret}" in plain.get_content()


def test_goes_on_after_a_fault_and_stops_when_told() -> None:
    calls: list[int] = []
    enough = threading.Event()

    def work_off() -> bool:
        calls.append(1)
        if len(calls) >= 3:
            enough.set()
        if len(calls) == 1:
            raise StoreUnavailable("the database does not answer")
        return False

    with OutboxThreads([work_off], every=0.01, after_a_fault=0.01) as outbox_threads:
        assert enough.wait(60)
    assert not outbox_threads.running


def test_one_that_hangs_holds_back_no_other() -> None:
    told = threading.Event()

    def hangs() -> bool:
        assert told.wait(60)
        return False

    def tells() -> bool:
        told.set()
        return False

    with OutboxThreads([hangs, tells]):
        assert told.wait(60)


def test_operators_and_teams_are_told_by_it_too(load: Load) -> None:
    """Each channel of alarms by a thread of its own."""
    mail = '\n[mail]\nhost = "127.0.0.1"\nsecurity = "none"\nsender = "callback@example.org"\n'
    hook = 'webhook = "https://example.org/a"\nwebhook_secret = "0123456789abcdef01234567"\n'
    settings = load(more=f'{mail}[alarms]\nemail = ["ops@example.org"]\n{hook}')
    store = bootstrap.store(settings)
    tellings = bootstrap.alarm_tellings(settings, store)
    assert [[way.name for way in one.channels] for one in tellings] == [["webhook"], ["email"]]
    store.close()
