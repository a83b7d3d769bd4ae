"""Somebody who wants a stranger rung: what one number is rung in 30 days, whatever is tried.

The attacker has every address of the world. Every call is answered or rings in vain as the attacker
likes it best; a clock that only the test moves lets days pass in no time.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.disposition import DEFAULT, Disposition
from asterisk_callback.domain.errors import CallbackError
from asterisk_callback.domain.gate import GatePass
from asterisk_callback.domain.limits import Limits
from asterisk_callback.domain.progress import AttemptEnds, CustomerAnswers
from asterisk_callback.services.booking.booking import BookingResult
from asterisk_callback.services.booking.move import MoveService
from asterisk_callback.services.booking.renumber import RenumberService
from asterisk_callback.services.booking.withdraw import withdraw
from asterisk_callback.services.calling.release import release
from tests.factories import ZONE, Office, SetClock, callback_queue, number
from tests.memory_store import MemoryStore

VICTIM = number(0)
MONTH = timedelta(days=30)
LIMITS = Limits()  # as they are unless somebody changes them
RINGS_IN_ALL = max(one.limit or 0 for one in DEFAULT.values())
MOST = LIMITS.requests_per_number_in_30_days * RINGS_IN_ALL
Attack = Callable[["Attacker"], None]


class Attacker:
    """Rings the victim as often as the doors let it."""

    def __init__(self, office: Office, clock: SetClock) -> None:
        self.office, self.clock = office, clock
        self.rung: list[datetime] = []
        self._addresses = iter(range(10**9))

    def wish(self, n: int = 0, queue: str = "sales", **changes: str) -> BookingResult | None:
        """One more wish, from an address that nobody saw before; None if it is refused."""
        a = next(self._addresses)
        address = f"{a >> 16 & 255}.{a >> 8 & 255}.{a & 255}.1"
        try:
            return self.office.submit(n, queue=queue, address=address, **changes)
        except CallbackError:
            return None

    def rings(self, queue: str = "sales") -> Attempt | None:
        """The next call that is due, past its gate."""
        release(self.office.store)
        claimed = self.office.claim(queue)
        if claimed is None:
            return None
        answer = self.office.gate.ask(claimed.attempt.token)
        if not isinstance(answer, GatePass):
            return None
        if answer.number.e164 == VICTIM:
            self.rung.append(self.clock.now)
        return claimed.attempt

    def ends(self, attempt: Attempt, disposition: Disposition) -> None:
        end = AttemptEnds(token=attempt.token, disposition=disposition, rung=True)
        self.office.progress.report(end, self.office.me)

    def answers(self, attempt: Attempt) -> None:
        self.office.progress.report(CustomerAnswers(token=attempt.token), self.office.me)

    def most_in_30_days(self) -> int:
        return max(
            (sum(one <= at < one + MONTH for at in self.rung) for one in self.rung), default=0
        )


def in_talks(one: Attacker) -> None:
    """Two wishes in each talk: each of them used to open a request that nobody counted."""
    one.wish()
    attempt = one.rings()
    if attempt is None:
        return
    one.answers(attempt)
    one.clock.advance(seconds=5)
    one.wish()
    one.wish(scheduled_for=f"{one.clock.now + timedelta(hours=3):%Y-%m-%dT%H:%M}")
    one.ends(attempt, Disposition.ANSWERED)


def in_talks_for_two_queues(one: Attacker) -> None:
    one.wish()
    attempt = one.rings() or one.rings("support")
    if attempt is None:
        return
    one.answers(attempt)
    one.wish()
    one.wish(queue="support")
    one.wish()
    one.ends(attempt, Disposition.ANSWERED)


def changed_numbers(one: Attacker) -> None:
    """Wishes for others, whose number becomes the victim's; also while they talk."""
    renumbering = RenumberService(
        store=one.office.store, queues=one.office.queues, guard=one.office.guard
    )

    def to_victim() -> None:
        n = 1 + len(one.rung) * 1000 + one.clock.now.minute
        other = one.wish(n)
        if other is None:
            return
        try:
            renumbering.renumber(other.wish, VICTIM)
        except CallbackError:
            withdraw(one.office.store, other.wish)

    to_victim()
    attempt = one.rings()
    if attempt is None:
        return
    one.answers(attempt)
    to_victim()
    to_victim()
    one.ends(attempt, Disposition.ANSWERED)


def cancelled_and_asked_again(one: Attacker) -> None:
    """Each is cancelled while it rings for the last time."""
    booked = one.wish()
    while (attempt := one.rings()) is not None:
        one.clock.advance(seconds=10)
        if booked is not None:
            withdraw(one.office.store, booked.wish)
        again = one.wish()
        one.ends(attempt, Disposition.CANCELLED)
        one.clock.advance(minutes=6)
        booked = again


def moved(one: Attacker) -> None:
    """Wishes for a later day, moved to now: counted when they were made, rung much later."""
    moving = MoveService(store=one.office.store, queues=one.office.queues, home_zone=ZONE)
    later = f"{one.clock.now + timedelta(days=13):%Y-%m-%dT%H:%M}"
    for queue in one.office.queues:
        booked = one.wish(queue=queue, scheduled_for=later)
        if booked is not None and one.clock.now.day % 2:
            with suppress(CallbackError):
                moving.move(booked.wish, None)
        while (attempt := one.rings(queue)) is not None:
            one.ends(attempt, Disposition.BUSY)
            one.clock.advance(minutes=6)


def never_answered(one: Attacker) -> None:
    one.wish()
    while (attempt := one.rings()) is not None:
        one.ends(attempt, Disposition.NO_ANSWER)
        one.clock.advance(minutes=16)
        one.wish()


ATTACKS = [
    in_talks,
    in_talks_for_two_queues,
    changed_numbers,
    cancelled_and_asked_again,
    moved,
    never_answered,
]


def days_of(office: Office, clock: SetClock, attack: Attack, days: int) -> int:
    """The most calls of the victim in any 30 days, after so many days of this."""
    office.limits = LIMITS
    office.queues = {name: callback_queue(name) for name in ("sales", "support")}
    attacker = Attacker(office, clock)
    end = clock.now + timedelta(days=days)
    while clock.now < end:
        attack(attacker)
        clock.advance(hours=5, minutes=1)
    return attacker.most_in_30_days()


@pytest.mark.case("CASES 7: one number in 30 days")
@pytest.mark.parametrize("attack", ATTACKS)
def test_what_one_number_is_rung_in_30_days(clock: SetClock, attack: Attack) -> None:
    office = Office(store=cast(Any, MemoryStore(clock=clock)))
    assert 1 <= days_of(office, clock, attack, 45) <= MOST


@pytest.mark.case("CASES 7: one number in 30 days")
def test_the_same_on_a_database(office: Office, clock: SetClock) -> None:
    assert 1 <= days_of(office, clock, in_talks_for_two_queues, 10) <= MOST


@pytest.mark.thorough
@pytest.mark.parametrize("attack", ATTACKS)
def test_each_on_a_database(office: Office, clock: SetClock, attack: Attack) -> None:
    assert 1 <= days_of(office, clock, attack, 45) <= MOST
