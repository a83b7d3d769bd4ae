"""From "Call back" to the end of the call, or without one, on both databases."""

from dataclasses import replace

import pytest

from asterisk_callback.domain.console import ConsoleRules
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import InvalidNumber, NumberNotAllowed
from asterisk_callback.domain.gate import No, Passed, Refused
from asterisk_callback.domain.mode import Mode
from asterisk_callback.domain.opening_hours import Span
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
from asterisk_callback.services.calling import holds as hold
from asterisk_callback.services.console.errors import TooLate
from asterisk_callback.services.console.view import Stage
from asterisk_callback.store import SqlStore
from tests.factories import SERVER, SetClock, number
from tests.store.console_house import House, report, trail_of


def test_call_back_rings_the_own_phone_and_the_gate_hands_the_number_over(house: House) -> None:
    booked = house.office.submit(1)
    anna = house.agent("anna")
    claim = house.called(anna)
    attempt = claim.attempt
    assert (attempt.mode, attempt.member, attempt.agent) == (Mode.PREVIEW, "PJSIP/anna", "Anna")
    assert house.office.request(booked.request.id).state is RequestState.IN_PROGRESS
    assert house.stage(anna) is Stage.CALLING
    assert house.calls() == []  # once
    report(house, AgentAnswers(token=attempt.token, agent=""))
    passed = house.office.gate.ask(attempt.token)
    assert isinstance(passed, Passed) and passed.number.e164 == number(1)
    assert house.stage(anna) is Stage.RINGING
    report(house, CustomerRings(token=attempt.token))
    report(house, CustomerAnswers(token=attempt.token))
    assert house.stage(anna) is Stage.TALKING
    assert isinstance(house.office.gate.ask(attempt.token), Refused)
    report(house, AttemptEnds(token=attempt.token, disposition=Disposition.ANSWERED, rung=True))
    assert house.stage(anna) is Stage.WRAP_UP
    assert house.office.request(booked.request.id).state is RequestState.COMPLETED
    [ended] = house.office.attempts(booked.request.id)
    assert (ended.agent, ended.member) == ("Anna", "PJSIP/anna")


@pytest.mark.case("CASES 7: members are phones")
def test_a_member_from_before_that_is_no_phone_is_never_rung(house: House) -> None:
    house.office.submit(1)
    sly = house.agent("sly", member="Local/09098791234@out/n")
    assert not house.round(sly)
    anna = house.agent("anna")
    offer_id = house.taken(anna)
    house.console.call_back(anna, offer_id, number(1))
    narrow = ConsoleRules(members=MemberRules(("PJSIP/1*",)))
    calling = replace(house.calling, rules=narrow)
    (offer,) = calling.asked(SERVER)
    assert calling.claim(house.office.me, offer) is None
    assert "Calls may not go to PJSIP/anna" in house.in_hand(anna).sentence


def test_a_changed_number_is_judged_written_down_and_the_one_that_is_rung(house: House) -> None:
    booked = house.office.submit(1)
    anna = house.agent("anna")
    offer_id = house.taken(anna)
    with pytest.raises(InvalidNumber):
        house.console.call_back(anna, offer_id, "12")
    with pytest.raises(NumberNotAllowed):
        house.console.call_back(anna, offer_id, "+33 6 12 34 56 78")
    house.console.call_back(anna, offer_id, "07400 000002")
    [claim] = house.calls()
    assert claim.attempt.e164 == number(2)
    assert "number changed" in trail_of(house, booked.request.id)
    passed = house.office.gate.ask(claim.attempt.token)
    assert isinstance(passed, Passed) and passed.number.e164 == number(2)
    # The request stays the customer's own.
    assert house.office.request(booked.request.id).e164 == number(1)


def test_the_gate_refuses_a_changed_number_that_is_suppressed(house: House) -> None:
    house.office.submit(1)
    anna = house.agent("anna")
    claim = house.called(anna, "07400 000002")
    with house.store.writing() as tx:
        tx.suppress(number(2), "test")
    assert house.office.gate.ask(claim.attempt.token) == Refused(reason=No.SUPPRESSED)


def test_the_own_phone_not_answered_puts_it_back_in_line_at_its_place(
    house: House, clock: SetClock
) -> None:
    booked = house.office.submit(1)
    anna = house.agent("anna")
    claim = house.called(anna)
    end = AttemptEnds(
        token=claim.attempt.token, disposition=Disposition.AGENT_NO_ANSWER, rung=False
    )
    report(house, end)
    request = house.office.request(booked.request.id)
    assert (request.state, request.rings, request.line_at) == (
        RequestState.QUEUED, 0, booked.request.line_at
    )  # fmt: skip
    assert house.stage(anna) is None
    assert "Your phone was not answered" in house.see(anna).news
    clock.advance(seconds=5)
    assert house.round(anna)  # she did not let it go


def test_while_dialling_is_stopped_nothing_is_offered_and_nobody_called(house: House) -> None:
    house.office.submit(1)
    house.office.submit(2)
    anna, bert = house.agent("anna"), house.agent("bert")
    offer_id = house.taken(anna)
    with house.store.writing() as tx:
        hold.stop(tx, actor="test")
    assert not house.round(bert)
    house.console.call_back(anna, offer_id, number(1))
    assert house.calls() == []
    assert "stopped" in house.in_hand(anna).sentence


def test_pressed_long_ago_no_phone_rings(house: House, clock: SetClock) -> None:
    house.office.submit(1)
    anna = house.agent("anna")
    offer_id = house.taken(anna)
    house.console.call_back(anna, offer_id, number(1))
    clock.advance(seconds=16)
    house.see(anna)
    assert house.calls() == []
    assert "in time" in house.in_hand(anna).sentence


def test_dropped_before_a_call_it_goes_back_to_its_place(house: House) -> None:
    booked = house.office.submit(1)
    anna, bert = house.agent("anna"), house.agent("bert")
    house.taken(anna)
    house.console.drop(anna)
    request = house.office.request(booked.request.id)
    assert (request.state, request.line_at) == (RequestState.QUEUED, booked.request.line_at)
    assert house.stage(anna) is None
    assert house.round(anna, bert)
    assert house.stage(bert) is Stage.OFFERED  # not the one who put it back


def test_dropped_between_call_back_and_the_claim_nobody_is_rung(house: House) -> None:
    house.office.submit(1)
    anna = house.agent("anna")
    offer_id = house.taken(anna)
    house.console.call_back(anna, offer_id, number(1))
    house.console.drop(anna)
    assert house.calls() == []


def test_dropping_a_call_hangs_it_up_and_cancels_nothing(house: House) -> None:
    booked = house.office.submit(1)
    anna = house.agent("anna")
    claim = house.called(anna)
    token = claim.attempt.token
    house.office.gate.ask(token)
    report(house, CustomerRings(token=token))
    house.console.drop(anna)
    house.console.drop(anna)
    with house.store.reading() as tx:
        [to_end] = tx.attempts_to_end("main")
    assert to_end.token == token
    report(house, AttemptEnds(token=token, disposition=Disposition.ABANDONED, rung=True))
    [attempt] = house.office.attempts(booked.request.id)
    assert attempt.disposition is Disposition.ABANDONED
    assert house.office.request(booked.request.id).state is RequestState.SCHEDULED


@pytest.mark.parametrize("tell", [False, True])
def test_cancelled_without_a_call_it_stays_until_it_is_dropped(house: House, tell: bool) -> None:
    booked = house.office.submit(1, email="amira@example.org")
    anna = house.agent("anna")
    offer_id = house.taken(anna)
    house.console.cancel(anna, offer_id, "Already solved", tell)
    assert house.office.request(booked.request.id).state is RequestState.CANCELLED
    house.round(anna)
    assert house.stage(anna) is Stage.CANCELLED
    with pytest.raises(TooLate):
        house.console.call_back(anna, offer_id, number(1))
    house.console.drop(anna)
    assert house.stage(anna) is None
    with house.store.reading() as tx:
        kinds = [
            row.kind for row in tx.connection.exec_driver_sql("SELECT kind FROM message").all()
        ]
        reasons = [one.reason for one in tx.trail(booked.request.id)]
    assert ("cancelled" in kinds) is tell
    assert "Already solved" in reasons


@pytest.mark.parametrize("by", ["customer", "company"])
def test_cancelled_meanwhile_it_leaves_the_console_with_a_word(house: House, by: str) -> None:
    booked = house.office.submit(1)
    anna = house.agent("anna")
    offer_id = house.taken(anna)
    if by == "customer":
        withdraw(house.store, booked.wish)
    else:
        cancel(house.store, booked.request.id, "a reason", actor="user:helen")
    assert house.stage(anna) is None
    with pytest.raises(TooLate, match="cancelled"):
        house.console.call_back(anna, offer_id, number(1))
    house.round(anna)
    assert "cancelled" in house.see(anna).news
    assert house.calls() == []


def test_dropped_while_the_own_phone_rings_nobody_is_rung_whatever_becomes_of_the_call(
    house: House,
) -> None:
    booked = house.office.submit(1)
    anna = house.agent("anna")
    token = house.called(anna).attempt.token
    house.console.drop(anna)
    report(house, AgentAnswers(token=token, agent=""))  # they picked up in that moment
    assert isinstance(house.office.gate.ask(token), Refused)
    [attempt] = house.office.attempts(booked.request.id)
    assert (attempt.disposition, attempt.rung) == (Disposition.AGENT_GONE, False)
    request = house.office.request(booked.request.id)
    assert (request.state, request.line_at) == (RequestState.QUEUED, booked.request.line_at)
    with house.store.reading() as tx:
        assert [one.token for one in tx.attempts_to_end("main")] == [token]


def test_a_second_press_of_drop_hits_nothing_that_came_since(house: House) -> None:
    first = house.office.submit(1)
    second = house.office.submit(2)
    anna, bert = house.agent("anna"), house.agent("bert")
    house.taken(anna)
    house.console.drop(anna, first.request.id)
    assert house.round(anna)
    assert house.in_hand(anna).request.id == second.request.id
    house.console.drop(anna, first.request.id)
    assert house.stage(anna) is Stage.OFFERED
    assert house.stage(bert) is None


def test_the_gate_knows_where_a_changed_number_is(still_store: SqlStore, clock: SetClock) -> None:
    """10:45 in London is permitted; the number in its place is in New York, where it is 5:45."""
    house = House.of(still_store, permitted=Span(9 * 60, 21 * 60), regions=("GB", "US"))
    booked = house.office.submit(1, scheduled_for="2026-11-23T10:45")
    clock.advance(minutes=45)
    with house.store.writing() as tx:
        [due] = tx.lock_due(1)
        tx.change_request(due, due.evolve(state=RequestState.QUEUED), actor="clock", reason="due")
    anna = house.agent("anna")
    offer_id = house.taken(anna)
    house.console.call_back(anna, offer_id, "+1 212 456 1414")
    assert house.calls() == []
    assert "outside the hours" in house.in_hand(anna).sentence
    house.console.call_back(anna, offer_id, number(1))
    [claim] = house.calls()
    with house.store.writing() as tx:
        elsewhere = claim.attempt.evolve(e164="+12124561414")
        tx.change_attempt(claim.attempt, elsewhere, actor="test", reason="test")
    assert house.office.gate.ask(claim.attempt.token) == Refused(reason=No.OUTSIDE_HOURS)
    assert house.office.request(booked.request.id).open


def test_a_trunk_in_doubt_is_tried_by_one(house: House, clock: SetClock) -> None:
    for n in (1, 2, 3):
        house.office.submit(n)
    anna, bert = house.agent("anna"), house.agent("bert")
    token = house.called(anna).attempt.token
    house.office.gate.ask(token)
    report(house, AttemptEnds(token=token, disposition=Disposition.TRUNK_FAULT, rung=False))
    clock.advance(seconds=31)
    house.see(anna)
    house.see(bert)
    house.taken(anna)
    house.taken(bert, anna)
    for user, n in ((anna, 2), (bert, 3)):
        house.console.call_back(user, house.offer_of(user), house.in_hand(user).number)
        assert n
    assert len(house.calls()) == 1


def test_who_dropped_the_call_has_a_rest_from_it(house: House, clock: SetClock) -> None:
    house.office.submit(1)
    anna, bert = house.agent("anna"), house.agent("bert")
    house.called(anna)
    house.console.drop(anna)
    clock.advance(seconds=5)
    assert not house.round(anna)
    assert house.round(anna, bert)
    assert house.stage(bert) is Stage.OFFERED


@pytest.mark.case("CASES 10: a transfer, and the console")
def test_a_call_that_was_handed_on_is_no_longer_the_agents(house: House, clock: SetClock) -> None:
    booked = house.office.submit(1)
    anna = house.agent("anna")
    token = house.called(anna).attempt.token
    report(house, AgentAnswers(token=token, agent=""))
    house.office.gate.ask(token)
    report(house, CustomerAnswers(token=token))
    clock.advance(seconds=90)
    report(house, AgentLeaves(token=token))
    assert house.stage(anna) is Stage.WRAP_UP
    # Dropping what is on her console does not cut the colleague off.
    house.console.drop(anna)
    [attempt] = house.office.attempts(booked.request.id)
    assert attempt.open and attempt.dropped_at is None
    assert house.office.request(booked.request.id).state is RequestState.IN_PROGRESS
    clock.advance(seconds=1200)
    assert house.stage(anna) is None  # the time to wrap it up runs from then
    report(house, AttemptEnds(token=token, disposition=Disposition.ANSWERED, rung=True))
    assert house.stage(anna) is None
    assert house.console.day(anna).talk == 90
    assert house.office.request(booked.request.id).state is RequestState.COMPLETED
