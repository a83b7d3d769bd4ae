"""When it is the company that wants a call as soon as possible, the customer's hours count (P9)."""

import pytest

from asterisk_callback.domain.errors import NotPossibleForStaff
from asterisk_callback.domain.opening_hours import OpeningSpan
from asterisk_callback.services.board.supervise import cancel
from asterisk_callback.services.booking.ask_again import ask_again
from asterisk_callback.services.booking.move import MoveService
from asterisk_callback.store import SqlStore
from tests.factories import ZONE, Office, SetClock, callback_queue


@pytest.fixture
def office(still_store: SqlStore) -> Office:
    return Office(
        store=still_store, queues={"sales": callback_queue(permitted=OpeningSpan(9 * 60, 21 * 60))}
    )


@pytest.mark.parametrize(("hour", "fits"), [(18, True), (20, False), (22, False)])
def test_asked_again_by_the_company(office: Office, clock: SetClock, hour: int, fits: bool) -> None:
    """At 20:00 a wish would permit calls until 22:00, which the customer does not."""
    booked = office.submit(1)
    cancel(office.store, booked.request.id, "a test", actor="user:helen")
    clock.advance(hours=hour - 10)
    if fits:
        again = ask_again(office.booking, booked.request.id, scope="board", actor="user:helen")
        assert again.request.open
        return
    with pytest.raises(NotPossibleForStaff, match="Choose a time"):
        ask_again(office.booking, booked.request.id, scope="board", actor="user:helen")


def test_moved_by_the_company_to_as_soon_as_possible(office: Office, clock: SetClock) -> None:
    booked = office.submit(1, scheduled_for="2026-11-24T10:00")
    moving = MoveService(store=office.store, queues=office.queues, home_zone=ZONE)
    clock.advance(hours=12)
    with pytest.raises(NotPossibleForStaff, match="Choose a time"):
        moving.move_request(booked.request.id, None, actor="user:helen")
    assert office.request(booked.request.id).wall_time == "2026-11-24T10:00"
