"""Cancelling: before the gate, after it, and with others who still want the call."""

from functools import partial

import pytest

from asterisk_callback.domain.attempt import Token
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import NotPossible
from asterisk_callback.domain.gate import GatePass, GateRefusal, RefusalReason
from asterisk_callback.domain.progress import (
    AgentAnswers,
    AgentRings,
    AttemptEnds,
    CustomerAnswers,
    CustomerRings,
)  # fmt: skip
from asterisk_callback.domain.request import RequestState
from asterisk_callback.services.booking.booking import BookingResult
from asterisk_callback.services.booking.withdraw import cancel, withdraw
from asterisk_callback.services.calling.release import release
from asterisk_callback.services.status.status import PublicStatus, Statuses
from tests.factories import Office, SetClock, complaint

S = RequestState
TOMORROW = "2026-11-24T10:00"


def state(office: Office, booked: BookingResult) -> S:
    return office.request(booked.request.id).state


def public(office: Office, booked: BookingResult) -> PublicStatus:
    return Statuses(store=office.store, queues=office.queues).by_secret(booked.secret).public


@pytest.mark.parametrize("when", [None, TOMORROW])
def test_while_it_waits(office: Office, when: str | None) -> None:
    booked = office.submit(scheduled_for=when)
    for _ in range(2):  # twice is no error
        withdraw(office.store, booked.wish)
        assert state(office, booked) is S.CANCELLED
        assert public(office, booked) is PublicStatus.CANCELLED
    assert office.claim() is None


@pytest.mark.case("CASES 1: cancelled while the agent's phone rings: it stops")
@pytest.mark.parametrize("agent", ["", "rings", "answered"])
def test_before_the_gate(office: Office, agent: str) -> None:
    """Final at its commit. A phone that rings stops; an agent who has answered hears why nothing
    comes."""
    booked = office.submit()
    claimed = office.claim()
    assert claimed is not None
    token = claimed.attempt.token
    if agent:
        office.progress.report(AgentRings(token=token, agent="Anna"), office.me)
    if agent == "answered":
        office.progress.report(AgentAnswers(token=token, agent="Anna"), office.me)
    withdraw(office.store, booked.wish)
    assert state(office, booked) is S.CANCELLED
    assert office.gate.ask(token) == GateRefusal(reason=RefusalReason.CANCELLED)
    (attempt,) = office.attempts(booked.request.id)
    assert attempt.disposition is Disposition.CANCELLED
    assert (attempt.hangup_asked_at is None) == (agent == "answered")


def test_while_it_rings(office: Office) -> None:
    booked, token = ringing(office)
    withdraw(office.store, booked.wish)
    assert state(office, booked) is S.IN_PROGRESS
    office.progress.report(end(token, Disposition.ABANDONED), office.me)
    assert state(office, booked) is S.CANCELLED


def test_while_they_talk(office: Office) -> None:
    booked, token = ringing(office)
    office.progress.report(CustomerAnswers(token=token), office.me)
    with pytest.raises(NotPossible, match="talking"):
        withdraw(office.store, booked.wish)
    office.progress.report(end(token, Disposition.ANSWERED), office.me)
    with pytest.raises(NotPossible, match="ended"):
        withdraw(office.store, booked.wish)
    assert public(office, booked) is PublicStatus.COMPLETED


def test_a_customer_who_answers_before_we_hung_up_has_talked(office: Office) -> None:
    booked, token = ringing(office)
    withdraw(office.store, booked.wish)
    office.progress.report(CustomerAnswers(token=token), office.me)
    office.progress.report(end(token, Disposition.ANSWERED), office.me)
    assert state(office, booked) is S.COMPLETED


@pytest.mark.parametrize("company", [False, True])
def test_a_wish_made_while_we_hang_up_is_kept(office: Office, company: bool) -> None:
    """P1: the cancel was no answer to a wish that came after it."""
    booked, token = ringing(office)
    if company:
        cancel(office.store, booked.request, actor="operator")
    else:
        withdraw(office.store, booked.wish)
    again = office.submit()
    assert again.request.id == booked.request.id
    office.progress.report(end(token, Disposition.ABANDONED), office.me)
    assert state(office, booked) is S.SCHEDULED
    assert public(office, booked) is PublicStatus.CANCELLED
    assert public(office, again) is PublicStatus.SCHEDULED
    assert office.request(booked.request.id).rings == 1


def test_nobody_cancels_for_somebody_else(office: Office) -> None:
    """P12."""
    first, second = office.submit(), office.submit()
    withdraw(office.store, first.wish)
    assert state(office, second) is S.QUEUED
    assert public(office, first) is PublicStatus.CANCELLED
    withdraw(office.store, second.wish)
    assert state(office, second) is S.CANCELLED


def test_the_request_falls_back_to_the_later_wish(office: Office, clock: SetClock) -> None:
    first = office.submit()
    second = office.submit(scheduled_for=TOMORROW)
    withdraw(office.store, first.wish)
    request = office.request(second.request.id)
    assert (request.state, request.due_at) == (S.SCHEDULED, second.wish.due_at)
    assert request.wall_time == TOMORROW
    assert request.expires_at > request.due_at
    clock.now = second.wish.due_at
    assert release(office.store) == 1
    assert office.claim() is not None


@pytest.mark.parametrize("gated", [False, True])
def test_the_later_wish_is_not_called_early(office: Office, gated: bool) -> None:
    """P10: the one who wanted it now withdrew before the gate; the other wants it tomorrow."""
    first = office.submit()
    second = office.submit(scheduled_for=TOMORROW)
    claimed = office.claim()
    assert claimed is not None
    if gated:
        assert isinstance(office.gate.ask(claimed.attempt.token), GatePass)
    withdraw(office.store, first.wish)
    assert state(office, second) is (S.IN_PROGRESS if gated else S.SCHEDULED)
    refused = RefusalReason.USED if gated else RefusalReason.CANCELLED
    assert office.gate.ask(claimed.attempt.token) == GateRefusal(reason=refused)
    if gated:  # it is hung up, and then the other one's time counts
        with office.store.reading() as tx:
            assert [one.token for one in tx.attempts.to_hang_up("main")] == [claimed.attempt.token]
        office.progress.report(end(claimed.attempt.token, Disposition.ABANDONED), office.me)
        assert state(office, second) is S.SCHEDULED
    assert office.request(second.request.id).due_at == second.wish.due_at


def test_after_a_ring_the_later_wish_decides_too(office: Office) -> None:
    booked, token = ringing(office)
    second = office.submit(scheduled_for=TOMORROW)
    office.progress.report(end(token, Disposition.BUSY), office.me)
    withdraw(office.store, booked.wish)
    assert office.request(second.request.id).due_at == second.wish.due_at


def test_the_company_cancels_for_all(office: Office) -> None:
    first, second = office.submit(), office.submit()
    cancel(office.store, first.request, actor="operator")
    assert {public(office, one) for one in (first, second)} == {PublicStatus.CANCELLED}
    with pytest.raises(NotPossible):
        cancel(office.store, office.request(completed(office).request.id), actor="operator")


@pytest.mark.parametrize("over", [False, True])
def test_nobody_learns_of_other_wishes_by_cancelling(office: Office, over: bool) -> None:
    """P12: while they talk and afterwards, the answer is the same with others and without."""
    told = []
    for joins in (False, True):
        booked, token = ringing(office)
        if joins:
            booked = office.submit()
        office.progress.report(CustomerAnswers(token=token), office.me)
        if over:
            office.progress.report(end(token, Disposition.ANSWERED), office.me)
        told.append(str(complaint(partial(withdraw, office.store, booked.wish))))
        office.progress.report(end(token, Disposition.ANSWERED), office.me)
    assert told[0] == told[1] != "None"


def ringing(office: Office) -> tuple[BookingResult, Token]:
    booked = office.submit()
    claimed = office.claim()
    assert claimed is not None
    token = claimed.attempt.token
    assert isinstance(office.gate.ask(token), GatePass)
    office.progress.report(CustomerRings(token=token), office.me)
    return booked, token


def completed(office: Office) -> BookingResult:
    booked, token = ringing(office)
    office.progress.report(end(token, Disposition.ANSWERED), office.me)
    return booked


def end(token: str, disposition: Disposition) -> AttemptEnds:
    return AttemptEnds(token=token, disposition=disposition, rung=True)  # type: ignore[arg-type]
