"""Erasing: what its owner wants gone is gone, and the limits still count it."""

from typing import Any

import pytest

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import IdempotencyConflict, LimitReached, NotFound, NotPossible
from asterisk_callback.domain.limits import Limits
from asterisk_callback.domain.progress import AttemptEnds, CustomerAnswers
from asterisk_callback.domain.request import RequestState
from asterisk_callback.services.booking.booking import BookingResult
from asterisk_callback.services.booking.erase import erase
from asterisk_callback.services.booking.renumber import RenumberService
from asterisk_callback.services.booking.withdraw import withdraw
from asterisk_callback.services.status.status import Statuses
from asterisk_callback.store import SqlStore
from asterisk_callback.store.tables.metadata import metadata
from tests.factories import Office, SetClock, complaint, number

TEXTS: dict[str, Any] = {
    "name": "Ada Lovelace",
    "about": "My line is dead",
    "email": "ada@example.org",
}
TEXTS |= {"page": "https://shop.example/moving"}


def deleted(office: Office, booked: BookingResult) -> None:
    erase(office.store, office.guard, booked.wish)


def talked(office: Office, attempt: Attempt) -> None:
    office.gate.ask(attempt.token)
    office.progress.report(CustomerAnswers(token=attempt.token), office.me)
    ends = AttemptEnds(
        token=attempt.token,
        disposition=Disposition.ANSWERED,
        rung=True,
        detail="200 OK sip:447400000000@carrier",
    )
    office.progress.report(ends, office.me)


def everything(office: Office) -> str:
    """All rows of the database but the trail's, as text."""
    assert isinstance(office.store, SqlStore)
    with office.store.connect() as connection, connection.begin():
        tables = [one for one in metadata.sorted_tables if one.name != "alembic_version"]
        return " ".join(str(row) for one in tables for row in connection.execute(one.select()))


def gone(office: Office, booked: BookingResult) -> bool:
    statuses = Statuses(store=office.store, queues=office.queues)
    found = [
        complaint(lambda: statuses.by_secret(booked.secret)),
        complaint(lambda: statuses.by_public_id(booked.wish.public_id, "site")),
    ]
    return all(isinstance(one, NotFound) for one in found)


def test_nothing_of_a_person_stays(office: Office) -> None:
    booked = office.submit(**TEXTS)
    claimed = office.claim()
    assert claimed is not None
    talked(office, claimed.attempt)
    before = everything(office)
    assert all(one in before for one in (number(0)[1:], *TEXTS.values()))
    for _ in range(2):  # twice is no error
        deleted(office, booked)
    after = everything(office)
    assert not any(one in after for one in (number(0)[1:], *TEXTS.values()))
    assert gone(office, booked)
    request = office.request(booked.request.id)
    assert request.state is RequestState.COMPLETED and request.rings == 1
    with office.store.reading() as tx:
        assert [one.event for one in tx.trail.of(request.id)].count("erased") == 1


def test_not_while_the_call_may_come(office: Office) -> None:
    booked = office.submit()
    with pytest.raises(NotPossible, match="Cancel it first"):
        deleted(office, booked)
    claimed = office.claim()
    assert claimed is not None
    office.gate.ask(claimed.attempt.token)
    withdraw(office.store, booked.wish)  # it rings, and is being hung up
    with pytest.raises(NotPossible):
        deleted(office, booked)
    assert not gone(office, booked)


def test_each_owner_deletes_only_what_is_theirs(office: Office) -> None:
    first, second = office.submit(**TEXTS), office.submit(email="second@example.org")
    withdraw(office.store, first.wish)
    deleted(office, first)
    assert gone(office, first) and not gone(office, second)
    request = office.request(first.request.id)
    assert request.open and request.e164 == number(0) and not request.name + request.about
    assert "second@example.org" in everything(office)
    withdraw(office.store, second.wish)
    deleted(office, second)
    assert gone(office, second) and number(0) not in everything(office)


def test_what_the_joining_one_said_goes_with_them(office: Office) -> None:
    first, second = office.submit(**TEXTS), office.submit(name="Bert Somebody", about="Too high")
    withdraw(office.store, second.wish)
    deleted(office, second)
    assert "Bert Somebody" not in everything(office) and "Too high" not in everything(office)
    assert office.request(first.request.id).name == TEXTS["name"]


def test_another_number_takes_the_texts_along(office: Office) -> None:
    booked = office.submit(**TEXTS)
    moved = RenumberService(store=office.store, queues=office.queues, guard=office.guard).renumber(
        booked.wish, number(1)
    )
    withdraw(office.store, moved.wish)
    erase(office.store, office.guard, moved.wish)
    assert not any(one in everything(office) for one in TEXTS.values())


def test_the_limits_still_count_it(office: Office, clock: SetClock) -> None:
    office.limits = Limits()
    for _ in range(2):
        booked = office.submit(email="")
        withdraw(office.store, booked.wish)
        deleted(office, booked)
    assert isinstance(complaint(office.submit), LimitReached)
    clock.advance(hours=25)
    assert complaint(office.submit) is None


def test_the_block_still_counts_it(office: Office) -> None:
    office.limits = Limits(requests_per_block=3)
    for n in range(3):
        booked = office.submit(n)
        withdraw(office.store, booked.wish)
        deleted(office, booked)
    assert isinstance(complaint(lambda: office.submit(4)), LimitReached)
    assert complaint(lambda: office.submit(1004)) is None


def test_the_gate_still_counts_the_calls(office: Office) -> None:
    office.limits = Limits(calls_per_number=1)
    booked = office.submit()
    claimed = office.claim()
    assert claimed is not None
    talked(office, claimed.attempt)
    deleted(office, booked)
    office.submit()
    assert office.claim() is None  # put off: the claim asks the same rules


def test_its_idempotency_key_makes_no_second_call(office: Office) -> None:
    booked = office.submit(key="k")
    withdraw(office.store, booked.wish)
    deleted(office, booked)
    assert isinstance(complaint(lambda: office.submit(key="k")), IdempotencyConflict)
