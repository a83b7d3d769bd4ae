"""A stranger who knows that somebody has chosen a time takes it from nobody."""

from datetime import timedelta
from functools import partial

import pytest

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.progress import AttemptEnds
from asterisk_callback.domain.request import RequestState
from asterisk_callback.services.booking.booking import BookingResult
from asterisk_callback.services.booking.call_now import call_now
from asterisk_callback.services.booking.move import MoveService
from asterisk_callback.services.booking.withdraw import withdraw
from asterisk_callback.services.calling.release import release
from asterisk_callback.services.status.status import PublicStatus, Statuses
from tests.factories import ZONE, Office, SetClock, complaint

CHOSEN = "2026-11-24T11:00"


def rings(office: Office, disposition: Disposition, cancels: BookingResult | None = None) -> bool:
    """Is the number called now? It ends like that."""
    release(office.store)
    claimed = office.claim()
    if claimed is None:
        return False
    attempt: Attempt = claimed.attempt
    office.gate.ask(attempt.token)
    if cancels is not None:
        withdraw(office.store, cancels.wish)
    end = AttemptEnds(token=attempt.token, disposition=disposition, rung=True)
    office.progress.report(end, office.me)
    return True


def public(office: Office, booked: BookingResult) -> PublicStatus:
    return Statuses(store=office.store, queues=office.queues).by_secret(booked.secret).public


@pytest.mark.parametrize("attack", ["declined", "missed", "cancelled while it rings"])
def test_another_wish_does_not_end_a_chosen_time(
    office: Office, clock: SetClock, attack: str
) -> None:
    theirs = office.submit(scheduled_for=CHOSEN, time_zone="Europe/London")
    moving = MoveService(store=office.store, queues=office.queues, home_zone=ZONE)
    rung = 0
    for hour in range(6):
        other = office.submit()
        if hour == 0:
            moved = other
        how = {"declined": Disposition.REJECTED, "missed": Disposition.NO_ANSWER}.get(attack)
        cancels = None if how else other
        rung += rings(office, how or Disposition.CANCELLED, cancels)
        complaint(partial(call_now, office.store, office.queues, moved.wish))
        later = f"{clock.now + timedelta(hours=2):%Y-%m-%dT%H:%M}"
        complaint(partial(moving.move, moved.wish, later))
        complaint(partial(moving.move, moved.wish, None))
        clock.advance(minutes=70)
    assert rung == 2
    assert public(office, theirs) is PublicStatus.SCHEDULED
    request = office.request(theirs.request.id)
    assert f"{request.due_at:%d %H:%M}" == "24 11:00"
    clock.now = request.due_at
    assert rings(office, Disposition.NO_ANSWER)
    assert office.request(theirs.request.id).state is RequestState.FAILED
