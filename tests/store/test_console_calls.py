"""From "Call back" to the end of the call, or without one, on both databases."""

from dataclasses import replace

import pytest

from asterisk_callback.domain.console import ConsoleRules
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import InvalidNumber, NumberNotAllowed
from asterisk_callback.domain.gate import GatePass, GateRefusal, RefusalReason
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.opening_hours import OpeningSpan
from asterisk_callback.domain.progress import (
    AgentAnswers,
    AgentLeaves,
    AttemptEnds,
    CustomerAnswers,
    CustomerRings,
)
from asterisk_callback.domain.queue_member import MemberRules
from asterisk_callback.domain.request import RequestState
from asterisk_callback.services.board.supervise import cancel
from asterisk_callback.services.booking.withdraw import withdraw
from asterisk_callback.services.calling import holds
from asterisk_callback.services.console.errors import TooLate
from asterisk_callback.services.console.view import Stage
from asterisk_callback.store import SqlStore
from tests.factories import SERVER, SetClock, number
from tests.store.preview_office import PreviewOffice, report, trail_of


def test_call_back_rings_the_own_phone_and_the_gate_hands_the_number_over(
    preview: PreviewOffice,
) -> None:
    booked = preview.office.submit(1)
    anna = preview.agent("anna")
    claim = preview.called(anna)
    attempt = claim.attempt
    assert (attempt.mode, attempt.member, attempt.agent) == (
        DeliveryMode.PREVIEW,
        "PJSIP/anna",
        "Anna",
    )
    assert preview.office.request(booked.request.id).state is RequestState.IN_PROGRESS
    assert preview.stage(anna) is Stage.CALLING
    assert preview.calls() == []  # once
    report(preview, AgentAnswers(token=attempt.token, agent=""))
    passed = preview.office.gate.ask(attempt.token)
    assert isinstance(passed, GatePass) and passed.number.e164 == number(1)
    assert preview.stage(anna) is Stage.RINGING
    report(preview, CustomerRings(token=attempt.token))
    report(preview, CustomerAnswers(token=attempt.token))
    assert preview.stage(anna) is Stage.TALKING
    assert isinstance(preview.office.gate.ask(attempt.token), GateRefusal)
    report(preview, AttemptEnds(token=attempt.token, disposition=Disposition.ANSWERED, rung=True))
    assert preview.stage(anna) is Stage.WRAP_UP
    assert preview.office.request(booked.request.id).state is RequestState.COMPLETED
    [ended] = preview.office.attempts(booked.request.id)
    assert (ended.agent, ended.member) == ("Anna", "PJSIP/anna")


@pytest.mark.case("CASES 7: members are phones")
def test_a_member_from_before_that_is_no_phone_is_never_rung(preview: PreviewOffice) -> None:
    preview.office.submit(1)
    sly = preview.agent("sly", member="Local/09098791234@out/n")
    assert not preview.round(sly)
    anna = preview.agent("anna")
    offer_id = preview.taken(anna)
    preview.console.call_back(anna, offer_id, number(1))
    narrow = ConsoleRules(members=MemberRules(("PJSIP/1*",)))
    calling = replace(preview.calling, rules=narrow)
    (offer,) = calling.asked(SERVER)
    assert calling.claim(preview.office.me, offer) is None
    assert "Calls may not go to PJSIP/anna" in preview.in_hand(anna).sentence


def test_a_changed_number_is_judged_written_down_and_the_one_that_is_rung(
    preview: PreviewOffice,
) -> None:
    booked = preview.office.submit(1)
    anna = preview.agent("anna")
    offer_id = preview.taken(anna)
    with pytest.raises(InvalidNumber):
        preview.console.call_back(anna, offer_id, "12")
    with pytest.raises(NumberNotAllowed):
        preview.console.call_back(anna, offer_id, "+33 6 12 34 56 78")
    preview.console.call_back(anna, offer_id, "07400 000002")
    [claim] = preview.calls()
    assert claim.attempt.e164 == number(2)
    assert "number changed" in trail_of(preview, booked.request.id)
    passed = preview.office.gate.ask(claim.attempt.token)
    assert isinstance(passed, GatePass) and passed.number.e164 == number(2)
    # The request stays the customer's own.
    assert preview.office.request(booked.request.id).e164 == number(1)


def test_the_gate_refuses_a_changed_number_that_is_suppressed(preview: PreviewOffice) -> None:
    preview.office.submit(1)
    anna = preview.agent("anna")
    claim = preview.called(anna, "07400 000002")
    with preview.store.writing() as tx:
        tx.suppressions.add(number(2), "test")
    assert preview.office.gate.ask(claim.attempt.token) == GateRefusal(
        reason=RefusalReason.SUPPRESSED
    )


def test_the_own_phone_not_answered_puts_it_back_in_line_at_its_place(
    preview: PreviewOffice, clock: SetClock
) -> None:
    booked = preview.office.submit(1)
    anna = preview.agent("anna")
    claim = preview.called(anna)
    end = AttemptEnds(
        token=claim.attempt.token, disposition=Disposition.AGENT_NO_ANSWER, rung=False
    )
    report(preview, end)
    request = preview.office.request(booked.request.id)
    assert (request.state, request.rings, request.line_at) == (
        RequestState.QUEUED, 0, booked.request.line_at
    )  # fmt: skip
    assert preview.stage(anna) is None
    assert "Your phone was not answered" in preview.see(anna).news
    clock.advance(seconds=5)
    assert preview.round(anna)  # she did not let it go


def test_while_dialling_is_stopped_nothing_is_offered_and_nobody_called(
    preview: PreviewOffice,
) -> None:
    preview.office.submit(1)
    preview.office.submit(2)
    anna, bert = preview.agent("anna"), preview.agent("bert")
    offer_id = preview.taken(anna)
    with preview.store.writing() as tx:
        holds.stop(tx, actor="test")
    assert not preview.round(bert)
    preview.console.call_back(anna, offer_id, number(1))
    assert preview.calls() == []
    assert "stopped" in preview.in_hand(anna).sentence


def test_pressed_long_ago_no_phone_rings(preview: PreviewOffice, clock: SetClock) -> None:
    preview.office.submit(1)
    anna = preview.agent("anna")
    offer_id = preview.taken(anna)
    preview.console.call_back(anna, offer_id, number(1))
    clock.advance(seconds=16)
    preview.see(anna)
    assert preview.calls() == []
    assert "in time" in preview.in_hand(anna).sentence


def test_dropped_before_a_call_it_goes_back_to_its_place(preview: PreviewOffice) -> None:
    booked = preview.office.submit(1)
    anna, bert = preview.agent("anna"), preview.agent("bert")
    preview.taken(anna)
    preview.console.drop(anna)
    request = preview.office.request(booked.request.id)
    assert (request.state, request.line_at) == (RequestState.QUEUED, booked.request.line_at)
    assert preview.stage(anna) is None
    assert preview.round(anna, bert)
    assert preview.stage(bert) is Stage.OFFERED  # not the one who put it back


def test_dropped_between_call_back_and_the_claim_nobody_is_rung(preview: PreviewOffice) -> None:
    preview.office.submit(1)
    anna = preview.agent("anna")
    offer_id = preview.taken(anna)
    preview.console.call_back(anna, offer_id, number(1))
    preview.console.drop(anna)
    assert preview.calls() == []


def test_dropping_a_call_hangs_it_up_and_cancels_nothing(preview: PreviewOffice) -> None:
    booked = preview.office.submit(1)
    anna = preview.agent("anna")
    claim = preview.called(anna)
    token = claim.attempt.token
    preview.office.gate.ask(token)
    report(preview, CustomerRings(token=token))
    preview.console.drop(anna)
    preview.console.drop(anna)
    with preview.store.reading() as tx:
        [to_end] = tx.attempts.to_hang_up("main")
    assert to_end.token == token
    report(preview, AttemptEnds(token=token, disposition=Disposition.ABANDONED, rung=True))
    [attempt] = preview.office.attempts(booked.request.id)
    assert attempt.disposition is Disposition.ABANDONED
    assert preview.office.request(booked.request.id).state is RequestState.SCHEDULED


@pytest.mark.parametrize("tell", [False, True])
def test_cancelled_without_a_call_it_stays_until_it_is_dropped(
    preview: PreviewOffice, tell: bool
) -> None:
    booked = preview.office.submit(1, email="amira@example.org")
    anna = preview.agent("anna")
    offer_id = preview.taken(anna)
    preview.console.cancel(anna, offer_id, "Already solved", tell)
    assert preview.office.request(booked.request.id).state is RequestState.CANCELLED
    preview.round(anna)
    assert preview.stage(anna) is Stage.CANCELLED
    with pytest.raises(TooLate):
        preview.console.call_back(anna, offer_id, number(1))
    preview.console.drop(anna)
    assert preview.stage(anna) is None
    with preview.store.reading() as tx:
        kinds = [
            row.kind for row in tx.connection.exec_driver_sql("SELECT kind FROM message").all()
        ]
        reasons = [one.reason for one in tx.trail.of(booked.request.id)]
    assert ("cancelled" in kinds) is tell
    assert "Already solved" in reasons


@pytest.mark.parametrize("by", ["customer", "company"])
def test_cancelled_meanwhile_it_leaves_the_console_with_a_word(
    preview: PreviewOffice, by: str
) -> None:
    booked = preview.office.submit(1)
    anna = preview.agent("anna")
    offer_id = preview.taken(anna)
    if by == "customer":
        withdraw(preview.store, booked.wish)
    else:
        cancel(preview.store, booked.request.id, "a reason", actor="user:helen")
    assert preview.stage(anna) is None
    with pytest.raises(TooLate, match="cancelled"):
        preview.console.call_back(anna, offer_id, number(1))
    preview.round(anna)
    assert "cancelled" in preview.see(anna).news
    assert preview.calls() == []


def test_dropped_while_the_own_phone_rings_nobody_is_rung_whatever_becomes_of_the_call(
    preview: PreviewOffice,
) -> None:
    booked = preview.office.submit(1)
    anna = preview.agent("anna")
    token = preview.called(anna).attempt.token
    preview.console.drop(anna)
    report(preview, AgentAnswers(token=token, agent=""))  # they picked up in that moment
    assert isinstance(preview.office.gate.ask(token), GateRefusal)
    [attempt] = preview.office.attempts(booked.request.id)
    assert (attempt.disposition, attempt.rung) == (Disposition.AGENT_GONE, False)
    request = preview.office.request(booked.request.id)
    assert (request.state, request.line_at) == (RequestState.QUEUED, booked.request.line_at)
    with preview.store.reading() as tx:
        assert [one.token for one in tx.attempts.to_hang_up("main")] == [token]


def test_a_second_press_of_drop_hits_nothing_that_came_since(preview: PreviewOffice) -> None:
    first = preview.office.submit(1)
    second = preview.office.submit(2)
    anna, bert = preview.agent("anna"), preview.agent("bert")
    preview.taken(anna)
    preview.console.drop(anna, first.request.id)
    assert preview.round(anna)
    assert preview.in_hand(anna).request.id == second.request.id
    preview.console.drop(anna, first.request.id)
    assert preview.stage(anna) is Stage.OFFERED
    assert preview.stage(bert) is None


def test_the_gate_knows_where_a_changed_number_is(still_store: SqlStore, clock: SetClock) -> None:
    """10:45 in London is permitted; the number in its place is in New York, where it is 5:45."""
    preview = PreviewOffice.of(
        still_store, permitted=OpeningSpan(9 * 60, 21 * 60), regions=("GB", "US")
    )
    booked = preview.office.submit(1, scheduled_for="2026-11-23T10:45")
    clock.advance(minutes=45)
    with preview.store.writing() as tx:
        [due] = tx.requests.lock_due(1)
        tx.requests.change(due, due.evolve(state=RequestState.QUEUED), actor="clock", reason="due")
    anna = preview.agent("anna")
    offer_id = preview.taken(anna)
    preview.console.call_back(anna, offer_id, "+1 212 456 1414")
    assert preview.calls() == []
    assert "outside the hours" in preview.in_hand(anna).sentence
    preview.console.call_back(anna, offer_id, number(1))
    [claim] = preview.calls()
    with preview.store.writing() as tx:
        elsewhere = claim.attempt.evolve(e164="+12124561414")
        tx.attempts.change(claim.attempt, elsewhere, actor="test", reason="test")
    assert preview.office.gate.ask(claim.attempt.token) == GateRefusal(
        reason=RefusalReason.OUTSIDE_HOURS
    )
    assert preview.office.request(booked.request.id).open


def test_a_trunk_in_doubt_is_tried_by_one(preview: PreviewOffice, clock: SetClock) -> None:
    for n in (1, 2, 3):
        preview.office.submit(n)
    anna, bert = preview.agent("anna"), preview.agent("bert")
    token = preview.called(anna).attempt.token
    preview.office.gate.ask(token)
    report(preview, AttemptEnds(token=token, disposition=Disposition.TRUNK_FAULT, rung=False))
    clock.advance(seconds=31)
    preview.see(anna)
    preview.see(bert)
    preview.taken(anna)
    preview.taken(bert, anna)
    for user, n in ((anna, 2), (bert, 3)):
        preview.console.call_back(user, preview.offer_of(user), preview.in_hand(user).number)
        assert n
    assert len(preview.calls()) == 1


def test_who_dropped_the_call_has_a_rest_from_it(preview: PreviewOffice, clock: SetClock) -> None:
    preview.office.submit(1)
    anna, bert = preview.agent("anna"), preview.agent("bert")
    preview.called(anna)
    preview.console.drop(anna)
    clock.advance(seconds=5)
    assert not preview.round(anna)
    assert preview.round(anna, bert)
    assert preview.stage(bert) is Stage.OFFERED


@pytest.mark.case("CASES 10: a transfer, and the console")
def test_a_call_that_was_handed_on_is_no_longer_the_agents(
    preview: PreviewOffice, clock: SetClock
) -> None:
    booked = preview.office.submit(1)
    anna = preview.agent("anna")
    token = preview.called(anna).attempt.token
    report(preview, AgentAnswers(token=token, agent=""))
    preview.office.gate.ask(token)
    report(preview, CustomerAnswers(token=token))
    clock.advance(seconds=90)
    report(preview, AgentLeaves(token=token))
    assert preview.stage(anna) is Stage.WRAP_UP
    # Dropping what is on her console does not cut the colleague off.
    preview.console.drop(anna)
    [attempt] = preview.office.attempts(booked.request.id)
    assert attempt.open and attempt.dropped_at is None
    assert preview.office.request(booked.request.id).state is RequestState.IN_PROGRESS
    clock.advance(seconds=1200)
    assert preview.stage(anna) is None  # the time to wrap it up runs from then
    report(preview, AttemptEnds(token=token, disposition=Disposition.ANSWERED, rung=True))
    assert preview.stage(anna) is None
    assert preview.console.day(anna).talk == 90
    assert preview.office.request(booked.request.id).state is RequestState.COMPLETED
