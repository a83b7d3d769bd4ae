"""A request is given to another queue in the same instant in which something else is done to it."""

from functools import partial

from asterisk_callback.domain.errors import NotPossible
from asterisk_callback.domain.gate import GatePass
from asterisk_callback.domain.request import Request
from asterisk_callback.services.board.reassign import ReassignService
from asterisk_callback.services.booking.booking import BookingResult
from tests.factories import Office
from tests.store.racing import at_once, failures

TIMES = 8


def give(office: Office, request: Request, to: str = "support") -> Request:
    giving = ReassignService(store=office.store, queues=office.queues, guard=office.guard)
    return giving.give(request.id, to, actor="ada")


def test_given_or_rung_never_both(office: Office) -> None:
    """P5: the gate of the old queue says yes, or the request is another queue's."""
    for n in range(TIMES):
        attempt = office.attempt(n)
        request = office.request(attempt.request_id)
        answer, given = at_once(
            partial(office.gate.ask, attempt.token),
            partial(give, office, request),
        )
        after = office.request(request.id)
        if isinstance(answer, GatePass):
            assert isinstance(given, NotPossible) and after.queue == "sales"
        else:
            assert not isinstance(given, Exception), given
            assert after.queue == "support"
            office.claim("support")
        (first, *_) = office.attempts(request.id)
        assert (first.gate_at is not None) is isinstance(answer, GatePass)


def test_given_while_the_same_number_asks_there(office: Office) -> None:
    """P3: one open request for the number in the queue, and no wish is lost."""
    for n in range(TIMES):
        request = office.submit(n).request
        booked, given = at_once(
            partial(office.submit, n, "support"),
            partial(give, office, request),
        )
        assert isinstance(booked, BookingResult)
        joined = booked.request.id == request.id
        assert joined is not isinstance(given, NotPossible)
        with office.store.reading() as tx:
            assert len(tx.wishes.of(booked.request.id)) == (2 if joined else 1)


def test_two_give_it_away(office: Office) -> None:
    """There and back, and twice the same: whatever the order, it is in one of them."""
    for n in range(TIMES):
        request = office.submit(n).request
        results = at_once(
            partial(give, office, request),
            partial(give, office, request, "sales"),
            partial(give, office, request),
        )
        assert failures(results) == []
        assert office.request(request.id).queue in ("sales", "support")
