"""The agent's console on both databases: offered, taken, called, dropped, wrapped up."""

import pytest

from asterisk_callback.domain.attempt import Disposition
from asterisk_callback.domain.errors import InvalidNumber, NumberNotAllowed
from asterisk_callback.domain.gate import No, Passed, Refused
from asterisk_callback.domain.limits import CallLimits
from asterisk_callback.domain.mode import Mode
from asterisk_callback.domain.offer import OfferTo
from asterisk_callback.domain.progress import (
    AgentAnswers,
    AttemptEnds,
    CustomerAnswers,
    CustomerRings,
    Report,
)
from asterisk_callback.domain.request import RequestState
from asterisk_callback.services import hold
from asterisk_callback.services.console.errors import InvalidWrapUp, NotYours, TooLate
from asterisk_callback.services.console.view import Stage
from asterisk_callback.services.supervise import cancel
from asterisk_callback.services.withdraw import withdraw
from asterisk_callback.store import SqlStore
from tests.factories import SetClock, number
from tests.store.conftest import OpenStore
from tests.store.console_house import House, wrap_up_over


@pytest.fixture
def still_store(url: str, open_store: OpenStore, clock: SetClock) -> SqlStore:
    return open_store(url, clock)


@pytest.fixture
def house(still_store: SqlStore) -> House:
    return House.of(still_store)


def report(house: House, one: Report) -> None:
    house.office.progress.report(one, house.office.me)


def trail_of(house: House, request_id: int) -> list[str]:
    with house.store.reading() as tx:
        return [one.event for one in tx.trail(request_id)]  # type: ignore[arg-type]


def test_a_preview_queue_is_offered_and_never_claimed(house: House) -> None:
    booked = house.office.submit(1)
    assert house.office.claim() is None
    anna = house.agent("anna")
    assert house.round(anna)
    hand = house.in_hand(anna)
    assert (hand.stage, hand.request.id, hand.number) == (
        Stage.OFFERED, booked.request.id, number(1)
    )  # fmt: skip
    assert house.office.request(booked.request.id).state is RequestState.OFFERED


def test_only_to_agents_of_the_queue_with_an_open_console_and_a_free_phone(
    house: House, clock: SetClock
) -> None:
    house.office.submit(1)
    stranger = house.agent("stranger", queue="support")
    without = house.agent("without", member=None)
    busy = house.agent("busy")
    assert not house.round(stranger, without)
    gone = house.agent("gone")
    clock.advance(seconds=26)
    house.see(busy)
    assert not house.round(gone)
    assert house.round(busy, gone)
    assert house.stage(busy) is Stage.OFFERED


def test_they_are_offered_in_the_order_of_the_line_to_who_waited_longest(
    house: House, clock: SetClock
) -> None:
    first = house.office.submit(1)
    clock.advance(seconds=1)
    second = house.office.submit(2)
    anna, bert = house.agent("anna"), house.agent("bert")
    assert house.round(anna, bert)
    assert house.in_hand(anna).request.id == first.request.id
    assert house.round(anna, bert)
    assert house.in_hand(bert).request.id == second.request.id
    assert not house.round(anna, bert)  # both have something on their console


def test_passed_on_it_goes_to_the_next_and_then_back_in_line(house: House, clock: SetClock) -> None:
    booked = house.office.submit(1)
    anna, bert = house.agent("anna"), house.agent("bert")
    house.round(anna, bert)
    house.console.pass_on(anna, house.offer_of(anna))
    assert house.office.request(booked.request.id).state is RequestState.QUEUED
    assert house.round(anna, bert)
    house.console.pass_on(bert, house.offer_of(bert))
    assert not house.round(anna, bert)  # nobody is asked again at once
    request = house.office.request(booked.request.id)
    assert (request.state, request.rings) == (RequestState.QUEUED, 0)
    assert request.line_at == booked.request.line_at
    assert house.office.attempts(request.id) == []
    for _ in range(8):  # their consoles stay open meanwhile
        clock.advance(seconds=8)
        house.see(anna)
        house.see(bert)
    assert house.round(anna, bert)
    assert house.stage(anna) is Stage.OFFERED


def test_not_answered_in_time_it_goes_to_the_next(house: House, clock: SetClock) -> None:
    house.office.submit(1)
    anna, bert = house.agent("anna"), house.agent("bert")
    house.round(anna, bert)
    offer_id = house.offer_of(anna)
    clock.advance(seconds=19)
    house.see(bert)
    assert not house.round(anna, bert)
    clock.advance(seconds=1)
    assert house.stage(anna) is None  # the dispatcher may be a moment behind
    clock.advance(seconds=1)
    with pytest.raises(TooLate):
        house.console.take(anna, offer_id)
    assert house.round(anna, bert)
    assert house.stage(bert) is Stage.OFFERED
    assert "next colleague" in house.see(anna).news


def test_of_two_who_take_it_one_wins_and_the_other_is_told(still_store: SqlStore) -> None:
    house = House.of(still_store, offer_to=OfferTo.ALL)
    house.office.submit(1)
    anna, bert = house.agent("anna"), house.agent("bert")
    assert house.round(anna, bert)
    offer = house.offer_of(anna)
    house.console.take(bert, house.offer_of(bert))
    with pytest.raises(TooLate, match="Bert took it first"):
        house.console.take(anna, offer)
    assert house.see(anna).news == "Bert took it first."
    assert house.stage(bert) is Stage.CHECKING
    house.console.take(bert, house.offer_of(bert))  # twice is no error


def test_one_of_all_who_passes_it_on_leaves_it_to_the_others(still_store: SqlStore) -> None:
    house = House.of(still_store, offer_to=OfferTo.ALL)
    booked = house.office.submit(1)
    anna, bert = house.agent("anna"), house.agent("bert")
    house.round(anna, bert)
    house.console.pass_on(anna, house.offer_of(anna))
    assert house.office.request(booked.request.id).state is RequestState.OFFERED
    house.console.pass_on(bert, house.offer_of(bert))
    assert house.office.request(booked.request.id).state is RequestState.QUEUED


@pytest.mark.parametrize("taken", [False, True])
def test_who_closes_the_console_loses_the_offer_and_not_the_customer(
    house: House, clock: SetClock, taken: bool
) -> None:
    booked = house.office.submit(1)
    anna, bert = house.agent("anna"), house.agent("bert")
    house.round(anna)
    if taken:
        house.console.take(anna, house.offer_of(anna))
    house.console.leave(anna)
    clock.advance(seconds=3)
    assert not house.round(bert)  # it may only load the page anew
    clock.advance(seconds=2)
    assert house.round(bert)
    assert house.in_hand(bert).request.id == booked.request.id


def test_a_page_that_is_loaded_anew_keeps_what_it_had(house: House, clock: SetClock) -> None:
    house.office.submit(1)
    anna = house.agent("anna")
    offer_id = house.taken(anna)
    house.console.leave(anna)
    clock.advance(seconds=1)
    house.see(anna)
    clock.advance(seconds=8)
    assert not house.round(anna)
    assert house.offer_of(anna) == offer_id


def test_taken_and_not_called_in_time_it_goes_back_in_line(house: House, clock: SetClock) -> None:
    booked = house.office.submit(1)
    anna = house.agent("anna")
    house.taken(anna)
    clock.advance(minutes=10)
    house.see(anna)
    house.round()
    assert house.office.request(booked.request.id).state is RequestState.QUEUED


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


def test_after_a_busy_line_it_is_offered_again_with_the_changed_number(
    house: House, clock: SetClock
) -> None:
    booked = house.office.submit(1)
    anna = house.agent("anna")
    claim = house.called(anna, "07400 000002")
    house.office.gate.ask(claim.attempt.token)
    report(house, AttemptEnds(token=claim.attempt.token, disposition=Disposition.BUSY, rung=True))
    assert house.stage(anna) is Stage.WRAP_UP
    assert house.office.request(booked.request.id).state is RequestState.SCHEDULED
    clock.advance(minutes=5)
    house.see(anna)
    with house.store.writing() as tx:
        [due] = tx.lock_due(1)
        tx.change_request(due, due.evolve(state=RequestState.QUEUED), actor="clock", reason="due")
    assert house.round(anna)
    assert house.in_hand(anna).number == number(2)


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


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"limits": CallLimits(at_once=0)}, "at once"),
        ({"limits": CallLimits(per_hour=0)}, "in an hour"),
    ],
)
def test_what_only_the_last_moment_tells_is_said_on_the_console(
    house: House, changes: dict[str, CallLimits], said: str
) -> None:
    house.office.submit(1)
    anna = house.agent("anna")
    offer_id = house.taken(anna)
    house.change_queue(**changes)
    house.console.call_back(anna, offer_id, number(1))
    assert house.calls() == []
    hand = house.in_hand(anna)
    assert hand.stage is Stage.CHECKING and said in hand.sentence
    house.change_queue(limits=CallLimits())
    house.console.call_back(anna, offer_id, number(1))
    assert len(house.calls()) == 1


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


def test_nobody_acts_on_another_s_console(house: House) -> None:
    house.office.submit(1)
    anna, bert = house.agent("anna"), house.agent("bert")
    house.round(anna)
    offer_id = house.offer_of(anna)
    for act in (house.console.take, house.console.pass_on):
        with pytest.raises(NotYours):
            act(bert, offer_id)
    with pytest.raises(NotYours):
        house.console.call_back(bert, offer_id, number(1))
    house.console.drop(bert)
    assert house.stage(anna) is Stage.OFFERED


def test_a_queue_that_is_no_longer_in_preview_takes_its_requests_back(house: House) -> None:
    booked = house.office.submit(1)
    anna = house.agent("anna")
    house.taken(anna)
    house.change_queue(mode=Mode.AGENT_FIRST)
    house.offering.sweep()
    assert house.office.request(booked.request.id).state is RequestState.QUEUED
    assert house.office.claim() is not None


def test_a_call_of_the_asterisk_queue_pops_on_the_console_of_who_took_it(house: House) -> None:
    house.office.submit(1, queue="support")
    anna = house.agent("anna", queue="support")
    bert = house.agent("bert", queue="support")
    claim = house.office.claim("support")
    assert claim is not None
    assert house.stage(anna) is None
    token = claim.attempt.token
    report(house, AgentAnswers(token=token, agent="Anna", member="PJSIP/anna"))
    hand = house.in_hand(anna)
    assert (hand.stage, hand.offer, hand.mode) == (Stage.CALLING, None, Mode.AGENT_FIRST)
    assert house.stage(bert) is None
    house.office.gate.ask(token)
    report(house, CustomerAnswers(token=token))
    report(house, AttemptEnds(token=token, disposition=Disposition.ANSWERED, rung=True))
    assert house.stage(anna) is Stage.WRAP_UP
    house.wrap_ups.save(anna, claim.attempt.id, code="Solved", note="", again=None, never=False)
    assert house.stage(anna) is None


def test_while_a_call_is_wrapped_up_nothing_new_is_offered(house: House, clock: SetClock) -> None:
    house.office.submit(1)
    anna = house.agent("anna")
    claim = house.called(anna)
    house.office.gate.ask(claim.attempt.token)
    report(house, CustomerAnswers(token=claim.attempt.token))
    report(
        house, AttemptEnds(token=claim.attempt.token, disposition=Disposition.ANSWERED, rung=True)
    )
    house.office.submit(2)
    assert not house.round(anna)
    clock.advance(seconds=wrap_up_over().total_seconds())
    house.see(anna)
    assert house.round(anna)
    # Too late to keep others waiting, not too late to say it.
    house.wrap_ups.save(anna, claim.attempt.id, code="Solved", note="a", again=None, never=False)
    house.wrap_ups.save(anna, claim.attempt.id, code="Voicemail", note="b", again=None, never=False)
    with house.store.reading() as tx:
        said = tx.wrap_up(claim.attempt.id)
    assert said is not None and (said.code, said.note) == ("Voicemail", "b")


def test_a_wrap_up_is_the_agent_s_own_and_its_codes_are_configured(house: House) -> None:
    house.office.submit(1)
    anna, bert = house.agent("anna"), house.agent("bert")
    attempt_id = house.called(anna).attempt.id
    with pytest.raises(NotYours):
        house.wrap_ups.save(bert, attempt_id, code="", note="", again=None, never=False)
    with pytest.raises(InvalidWrapUp) as raised:
        house.wrap_ups.save(anna, attempt_id, code="Nice", note="", again=None, never=False)
    assert raised.value.field == "code"
    with pytest.raises(InvalidWrapUp) as raised:
        house.wrap_ups.save(anna, attempt_id, code="", note="x" * 501, again=None, never=False)
    assert raised.value.field == "note"


def talked(house: House, login: str = "anna", **wish: str) -> tuple[object, int]:
    house.office.submit(1, **wish)
    user = house.agent(login)
    claim = house.called(user)
    house.office.gate.ask(claim.attempt.token)
    report(house, CustomerAnswers(token=claim.attempt.token))
    report(
        house, AttemptEnds(token=claim.attempt.token, disposition=Disposition.ANSWERED, rung=True)
    )
    return user, claim.attempt.id


def test_never_call_again_suppresses_the_number_that_was_called(house: House) -> None:
    user, attempt_id = talked(house)
    house.wrap_ups.save(user, attempt_id, code="", note="", again=None, never=True)  # type: ignore[arg-type]
    with house.store.reading() as tx:
        assert tx.suppressed(number(1))


def test_call_again_makes_a_request_of_its_own_in_the_customer_s_zone(house: House) -> None:
    page = "https://shop.example/moving"
    user, attempt_id = talked(house, time_zone="America/Denver", name="Amira", page=page)
    with pytest.raises(InvalidWrapUp) as raised:
        house.wrap_ups.save(
            user, attempt_id, code="", note="", again="2026-11-20T10:00", never=False  # type: ignore[arg-type]
        )  # fmt: skip
    assert raised.value.field == "again"
    house.wrap_ups.save(
        user, attempt_id, code="", note="", again="2026-11-24T16:00", never=False  # type: ignore[arg-type]
    )  # fmt: skip
    with house.store.reading() as tx:
        found = tx.open_request("sales", number(1))
        assert found is not None
        [wish] = tx.wishes_of(found.id)
        said = tx.wrap_up(attempt_id)  # type: ignore[arg-type]
    assert found.state is RequestState.SCHEDULED and found.name == "Amira"
    assert wish.page == page
    # 16:00 in London
    assert (wish.wall_time, wish.zone, wish.own_zone) == (
        "2026-11-24T09:00", "America/Denver", True
    )  # fmt: skip
    assert said is not None and said.again == found.id


def test_call_again_after_a_ring_in_vain_moves_the_request(house: House) -> None:
    booked = house.office.submit(1)
    anna = house.agent("anna")
    claim = house.called(anna)
    house.office.gate.ask(claim.attempt.token)
    report(house, AttemptEnds(token=claim.attempt.token, disposition=Disposition.BUSY, rung=True))
    house.wrap_ups.save(
        anna, claim.attempt.id, code="", note="", again="2026-11-24T16:00", never=False
    )
    request = house.office.request(booked.request.id)
    assert (request.state, request.wall_time) == (RequestState.SCHEDULED, "2026-11-24T16:00")


def test_the_day_counts_talks_and_promises(house: House, clock: SetClock) -> None:
    user, _ = talked(house)
    house.office.submit(2, scheduled_for="2026-11-23T14:00", time_zone="Europe/London")
    day = house.console.day(user)  # type: ignore[arg-type]
    assert day.calls == 1
    assert [one.queue for one in day.booked] == ["Sales"]
