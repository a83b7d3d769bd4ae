"""Offers to consoles on both databases: to whom, how they end, and who sees what."""

import pytest

from asterisk_callback.domain.account import Grant, Role
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.mode import Mode, OfferTo
from asterisk_callback.domain.progress import (
    AgentAnswers,
    AttemptEnds,
    CustomerAnswers,
)
from asterisk_callback.domain.request import RequestState
from asterisk_callback.domain.server import Me
from asterisk_callback.services.booking.move import Moving
from asterisk_callback.services.booking.withdraw import withdraw
from asterisk_callback.services.console.errors import InvalidEntry, NotYours, TooLate
from asterisk_callback.services.console.offering import Offering
from asterisk_callback.services.console.view import Stage
from asterisk_callback.store import SqlStore
from tests.factories import ZONE, SetClock, number
from tests.store.console_house import House, report


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
    house.console.see(anna, opened=True)
    clock.advance(seconds=8)
    assert not house.round(anna)
    assert house.offer_of(anna) == offer_id


@pytest.mark.case("CASES 8: a question read after the page's farewell opens no console")
def test_a_question_read_after_the_farewell_opens_nothing(house: House, clock: SetClock) -> None:
    house.office.submit(1)
    anna, bert = house.agent("anna"), house.agent("bert")
    assert house.round(anna, bert)
    house.console.leave(anna)
    clock.advance(seconds=1)
    house.see(anna)
    clock.advance(seconds=4)
    assert house.round(anna, bert) and house.in_hand(bert)


def test_another_tab_keeps_the_offer_of_one_that_was_closed(house: House, clock: SetClock) -> None:
    house.office.submit(1)
    anna, bert = house.agent("anna"), house.agent("bert")
    assert house.round(anna)
    house.console.leave(anna)
    for _ in range(6):  # it asks every second
        clock.advance(seconds=1)
        house.see(anna)
        assert not house.round(anna, bert)


def test_taken_and_not_called_in_time_it_goes_back_in_line(house: House, clock: SetClock) -> None:
    booked = house.office.submit(1)
    anna = house.agent("anna")
    house.taken(anna)
    clock.advance(minutes=10)
    house.see(anna)
    house.round()
    assert house.office.request(booked.request.id).state is RequestState.QUEUED


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


def test_a_queue_that_is_no_longer_in_preview_takes_its_requests_back(
    house: House, clock: SetClock
) -> None:
    booked = house.office.submit(1)
    anna = house.agent("anna")
    house.taken(anna)
    house.change_queue(mode=Mode.AGENT_FIRST)
    house.round()
    # Another dispatcher may know better: it is theirs until its time is over.
    assert house.stage(anna) is Stage.CHECKING
    clock.advance(minutes=10)
    house.round()
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


def test_the_earlier_wish_withdrawn_while_it_is_offered_leaves_the_later_one_its_time(
    house: House,
) -> None:
    early = house.office.submit(1)
    house.office.submit(1, scheduled_for="2026-11-24T10:00")
    anna = house.agent("anna")
    house.taken(anna)
    withdraw(house.store, early.wish)
    request = house.office.request(early.request.id)
    assert (request.state, request.wall_time) == (RequestState.SCHEDULED, "2026-11-24T10:00")
    assert house.stage(anna) is None and house.see(anna).news
    assert not house.round(anna)


def test_moved_by_the_customer_while_it_is_offered_it_leaves_the_console(house: House) -> None:
    booked = house.office.submit(1)
    anna = house.agent("anna")
    offer_id = house.taken(anna)
    moving = Moving(store=house.store, queues=house.office.queues, home_zone=ZONE)
    moving.move(booked.wish, "2026-11-24T10:00")
    assert house.office.request(booked.request.id).state is RequestState.SCHEDULED
    with pytest.raises(TooLate):
        house.console.call_back(anna, offer_id, number(1))
    assert house.calls() == []


def test_who_joined_an_offered_request_moves_the_own_wish_and_learns_nothing(house: House) -> None:
    house.office.submit(1)
    anna = house.agent("anna")
    house.taken(anna)
    stranger = house.office.submit(1, scheduled_for="2026-11-24T10:00")
    moving = Moving(store=house.store, queues=house.office.queues, home_zone=ZONE)
    moved = moving.move(stranger.wish, "2026-11-24T11:00")
    assert moved.wish.wall_time == "2026-11-24T11:00"
    assert house.stage(anna) is Stage.CHECKING


def test_a_role_that_is_taken_away_takes_the_offer_with_it(house: House) -> None:
    booked = house.office.submit(1)
    anna, bert = house.agent("anna"), house.agent("bert")
    offer_id = house.taken(anna)
    house.console.call_back(anna, offer_id, number(1))
    with house.store.writing() as tx:
        tx.remove_grant(anna.id, Grant(Role.AGENT, "sales"))
    assert house.calls() == []
    assert house.round(bert)
    assert house.in_hand(bert).request.id == booked.request.id


def test_a_reason_that_is_not_configured_is_refused(house: House) -> None:
    house.office.submit(1)
    anna = house.agent("anna")
    offer_id = house.taken(anna)
    with pytest.raises(InvalidEntry) as raised:
        house.console.cancel(anna, offer_id, "Ring +44 20 7946 0000", True)
    assert raised.value.field == "reason"
    assert house.stage(anna) is Stage.CHECKING


def test_a_sweep_leaves_the_offers_of_queues_that_it_does_not_know(
    house: House, clock: SetClock
) -> None:
    booked = house.office.submit(1)
    anna = house.agent("anna")
    house.taken(anna)
    other = Offering(
        store=house.store,
        queues={"support": house.office.queues["support"]},
        guard=house.office.guard,
    )
    assert other.sweep(house.office.me) == 0
    assert house.stage(anna) is Stage.CHECKING
    clock.advance(minutes=10)  # nobody may hold a request for ever
    assert other.sweep(house.office.me) == 1
    assert house.office.request(booked.request.id).state is RequestState.QUEUED


def test_a_replaced_dispatcher_sweeps_nothing(house: House, clock: SetClock) -> None:
    house.office.submit(1)
    anna = house.agent("anna")
    house.taken(anna)
    clock.advance(minutes=10)
    with pytest.raises(StaleWrite):
        house.offering.sweep(Me(name="another", epoch=7))
