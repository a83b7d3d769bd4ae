"""Customers who left no e-mail address are told at their number, if it may be a mobile's."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from asterisk_callback import bootstrap
from asterisk_callback.config import Settings
from asterisk_callback.config.who_is_told import by_number
from asterisk_callback.domain.alarm import AlarmName
from asterisk_callback.domain.customer_message import MessageKind
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.mobile import is_number, may_be_mobile
from asterisk_callback.services.booking.booking import Origin, Submission
from asterisk_callback.services.booking.withdraw import withdraw
from asterisk_callback.services.calling.release import release
from asterisk_callback.services.telling import customer
from asterisk_callback.services.telling.operator import Alarms
from asterisk_callback.services.telling.outbox import Outbox
from tests.factories import SERVER, Office, SetClock, callback_queue, number, sqlite_store
from tests.lab.hook_server import Hooks, hook_server
from tests.lab.waiting import PATIENCE, until
from tests.post import outcomes
from tests.unit.config.conftest import Load, load
from tests.unit.services.telling.test_messages import TOMORROW, ring

__all__ = ["load"]  # a fixture of the configuration's tests

ME = "customer@example.org"
MORE = """
[channels.sms]
{keys}
[channels.sms.http]
url = "http://localhost:{port}/send"
allow_hosts = ["localhost"]
body_as = "form"
body = {{ to = "{{number}}", text = "{{text}}" }}
"""


@pytest.fixture
def provider() -> Iterator[Hooks]:
    with hook_server() as hooks:
        yield hooks


class Informed:
    """An office as this configuration has it, with the outboxes of its customers."""

    def __init__(self, settings: Settings, folder: Path, clock: SetClock) -> None:
        store = sqlite_store(folder, clock, by_number=by_number(settings))
        self.office = Office(store=store, queues={"sales": callback_queue()})
        self.outboxes = bootstrap.outboxes(settings, store)
        for outbox in self.outboxes:
            outbox.queues, outbox.secret_key = self.office.queues, "test secret"

    def work_off(self) -> None:
        for outbox in self.outboxes:
            while outbox.work_off():
                pass


@pytest.fixture
def company(load: Load, tmp_path: Path, clock: SetClock, provider: Hooks) -> Iterator[Any]:
    """company(keys="…"): keys of [channels.sms]."""
    made: list[Informed] = []

    def make(keys: str = "") -> Informed:
        settings = load(more=MORE.format(keys=keys, port=provider.server_port))
        made.append(Informed(settings, tmp_path, clock))
        return made[-1]

    yield make
    for one in made:
        one.office.store.close()


def texts(hooks: Hooks) -> list[tuple[str, str]]:
    said = [parse_qs(body.decode()) for _, _, body in hooks.heard]
    return [(one["to"][0], one["text"][0]) for one in said]


def test_a_confirmation_with_the_link(company: Any, provider: Hooks) -> None:
    """Nothing that was typed, the link of the own page, and the company that calls."""
    here = company()
    booked = here.office.submit(123, name="BUY NOW", about="PILLS", locale="de")
    here.work_off()
    [(to, text)] = texts(provider)
    assert to == number(123)
    link = f"http://127.0.0.1:8080/c/{booked.secret}"
    words = "Larkmoor Broadband: Wir rufen Sie zurück, sobald jemand von uns frei ist"
    assert text == f"{words}. {link}"


@pytest.mark.parametrize(
    ("e164", "reached"),
    [
        ("+447400000123", True),
        ("+442079460000", False),
        ("+4915112345678", True),
        ("+493012345678", False),
        ("+12015550123", True),  # a number of North America does not tell
        ("+448001111111", False),
    ],
)
def test_a_mobile_by_its_type(e164: str, reached: bool) -> None:
    assert is_number(e164)
    assert may_be_mobile(e164) is reached


def test_who_left_an_address_is_told_by_mail_alone(company: Any, provider: Hooks) -> None:
    here = company()
    here.office.submit(123, email=ME)
    here.work_off()
    assert texts(provider) == []
    assert outcomes(here.office) == [("confirmation", "off")]  # there is no [mail]


def test_a_landline_and_a_missing_channel_make_no_row(
    company: Any, load: Load, tmp_path: Path, clock: SetClock, provider: Hooks
) -> None:
    here = company()
    landline = Submission(phone="020 7946 0000", queue="sales")
    here.office.booking.submit(landline, Origin(scope="web", actor="customer"))
    assert outcomes(here.office) == []
    (tmp_path / "other").mkdir()
    without = Informed(load(), tmp_path / "other", clock)
    without.office.submit(123)
    assert outcomes(without.office) == []
    assert len(without.outboxes) == 1
    without.office.store.close()


def test_missed_and_cancelled(company: Any, provider: Hooks) -> None:
    here = company()
    booked = here.office.submit(123)
    ring(here.office, Disposition.BUSY)
    here.work_off()
    withdraw(here.office.store, booked.wish)
    here.work_off()
    said = [text.removeprefix("Larkmoor Broadband: ") for _, text in texts(provider)]
    assert [one.partition(". ")[0] for one in said] == [
        "We call you back as soon as one of us is free",
        "We could not reach you",
        "Your call is cancelled",
    ]


def test_a_moved_call_is_not_told_of_and_is_reminded_of(
    company: Any, provider: Hooks, clock: SetClock
) -> None:
    """Who moved it knows; that its reminder comes at the new time is ours to see to."""
    here = company()
    booked = here.office.submit(123, scheduled_for=TOMORROW)
    here.work_off()
    with here.office.store.writing() as tx:
        later = {"moves": 1, "due_at": booked.wish.due_at + timedelta(hours=2)}
        customer.moved(tx, tx.wishes.change(booked.wish, booked.wish.evolve(**later)))
    here.work_off()
    clock.now = booked.wish.due_at + timedelta(hours=1)
    here.work_off()
    assert [kind for kind, outcome in outcomes(here.office) if outcome == "sent"] == [
        "confirmation",
        "reminder",
    ]
    assert "Soon: we call you" in texts(provider)[-1][1]


def test_only_what_is_configured(company: Any, provider: Hooks) -> None:
    here = company('customers = ["cancelled"]')
    booked = here.office.submit(123)
    here.work_off()
    withdraw(here.office.store, booked.wish)
    here.work_off()
    assert outcomes(here.office) == [("cancelled", "sent")]


def test_a_reminder_without_a_confirmation(company: Any, provider: Hooks, clock: SetClock) -> None:
    here = company('customers = ["reminder"]')
    booked = here.office.submit(123, scheduled_for=TOMORROW)
    here.work_off()
    assert provider.heard == []
    clock.now = booked.wish.due_at - timedelta(minutes=5)
    here.work_off()
    [(_, text)] = texts(provider)
    assert "Soon: we call you" in text


def test_one_number_gets_so_many_in_a_day(company: Any, provider: Hooks, clock: SetClock) -> None:
    here = company("per_number = 2")
    booked = here.office.submit(123)
    for _ in range(2):
        ring(here.office, Disposition.BUSY)
        here.work_off()
        clock.advance(minutes=6)
        release(here.office.store)
    withdraw(here.office.store, booked.wish)
    here.work_off()
    assert [outcome for _, outcome in outcomes(here.office)] == [
        "sent",
        "sent",
        "limited",
        "limited",
    ]
    assert len(provider.heard) == 2
    here.office.submit(124)  # another number has its own
    here.work_off()
    assert len(provider.heard) == 3


def test_an_erased_number_is_told_nothing(company: Any, provider: Hooks) -> None:
    here = company()
    booked = here.office.submit(123)
    with here.office.store.writing() as tx:
        tx.wishes.change(booked.wish, booked.wish.evolve(erased_at=tx.now))
    here.work_off()
    assert outcomes(here.office) == [("confirmation", "dropped")]
    assert provider.heard == []


def test_a_provider_without_credit_is_an_alarm_and_mail_goes_on(
    company: Any, provider: Hooks, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    """What mail takes meanwhile does not hide it; once it takes one again, all go out."""
    here = company()
    mailed: list[MessageKind] = []
    by_mail: Outbox = here.outboxes[0]
    by_mail.send = lambda dispatch: mailed.append(dispatch.message.kind)
    provider.code = 402
    here.office.submit(123)
    here.work_off()
    watch = Alarms(store=here.office.store, queues=here.office.queues, server=SERVER)
    assert watch.look(None) == []
    clock.advance(minutes=10)
    here.office.submit(124, email=ME)
    here.work_off()
    assert mailed == [MessageKind.CONFIRMATION]
    [(_, alarm)] = watch.look(None)
    assert alarm.name is AlarmName.SMS
    assert "a customer could not be written to (it answered 402)" in alarm.text
    assert "7400000123" not in caplog.text
    provider.code = 200
    clock.advance(minutes=10)
    here.work_off()
    assert texts(provider)[-1][0] == number(123)
    [(_, alarm)] = watch.look(None)
    assert alarm.cleared_at is not None


def test_from_the_configuration_to_the_threads(load: Load, provider: Hooks) -> None:
    """As the dispatcher's process has it: the form's wish, and a thread of its own that tells."""
    settings = load(more=MORE.format(keys="", port=provider.server_port))
    store = bootstrap.store(settings)
    bootstrap.upgrade(store)
    submission = Submission(phone="07400 000123", queue="support")
    booked = bootstrap.booking(settings, store).submit(submission, Origin(scope="web", actor="me"))
    with bootstrap.outbox_threads(settings, store):
        until(lambda: provider.heard, PATIENCE, "the confirmation")
    store.close()
    assert texts(provider)[0][1].endswith(f"/c/{booked.secret}")
