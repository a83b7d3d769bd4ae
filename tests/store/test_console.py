"""Offers to consoles on both databases: to whom, how they end, and who sees what."""

import pytest

from asterisk_callback.domain.account import Grant, Role
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.mode import DeliveryMode, OfferPolicy
from asterisk_callback.domain.progress import (
    AgentAnswers,
    AttemptEnds,
    CustomerAnswers,
)
from asterisk_callback.domain.request import RequestState
from asterisk_callback.domain.server import DispatcherIdentity
from asterisk_callback.services.booking.move import MoveService
from asterisk_callback.services.booking.withdraw import withdraw
from asterisk_callback.services.console.errors import InvalidEntry, NotYours, TooLate
from asterisk_callback.services.console.offering import OfferService
from asterisk_callback.services.console.view import Stage
from asterisk_callback.store import SqlStore
from tests.factories import ZONE, SetClock, number
from tests.store.preview_office import PreviewOffice, report


def test_only_to_agents_of_the_queue_with_an_open_console_and_a_free_phone(
    preview: PreviewOffice, clock: SetClock
) -> None:
    preview.office.submit(1)
    stranger = preview.agent("stranger", queue="support")
    without = preview.agent("without", member=None)
    busy = preview.agent("busy")
    assert not preview.round(stranger, without)
    gone = preview.agent("gone")
    clock.advance(seconds=26)
    preview.see(busy)
    assert not preview.round(gone)
    assert preview.round(busy, gone)
    assert preview.stage(busy) is Stage.OFFERED


def test_they_are_offered_in_the_order_of_the_line_to_who_waited_longest(
    preview: PreviewOffice, clock: SetClock
) -> None:
    first = preview.office.submit(1)
    clock.advance(seconds=1)
    second = preview.office.submit(2)
    anna, bert = preview.agent("anna"), preview.agent("bert")
    assert preview.round(anna, bert)
    assert preview.in_hand(anna).request.id == first.request.id
    assert preview.round(anna, bert)
    assert preview.in_hand(bert).request.id == second.request.id
    assert not preview.round(anna, bert)  # both have something on their console


def test_passed_on_it_goes_to_the_next_and_then_back_in_line(
    preview: PreviewOffice, clock: SetClock
) -> None:
    booked = preview.office.submit(1)
    anna, bert = preview.agent("anna"), preview.agent("bert")
    preview.round(anna, bert)
    preview.console.pass_on(anna, preview.offer_of(anna))
    assert preview.office.request(booked.request.id).state is RequestState.QUEUED
    assert preview.round(anna, bert)
    preview.console.pass_on(bert, preview.offer_of(bert))
    assert not preview.round(anna, bert)  # nobody is asked again at once
    request = preview.office.request(booked.request.id)
    assert (request.state, request.rings) == (RequestState.QUEUED, 0)
    assert request.line_at == booked.request.line_at
    assert preview.office.attempts(request.id) == []
    for _ in range(8):  # their consoles stay open meanwhile
        clock.advance(seconds=8)
        preview.see(anna)
        preview.see(bert)
    assert preview.round(anna, bert)
    assert preview.stage(anna) is Stage.OFFERED


def test_not_answered_in_time_it_goes_to_the_next(preview: PreviewOffice, clock: SetClock) -> None:
    preview.office.submit(1)
    anna, bert = preview.agent("anna"), preview.agent("bert")
    preview.round(anna, bert)
    offer_id = preview.offer_of(anna)
    clock.advance(seconds=19)
    preview.see(bert)
    assert not preview.round(anna, bert)
    clock.advance(seconds=1)
    assert preview.stage(anna) is None  # the dispatcher may be a moment behind
    clock.advance(seconds=1)
    with pytest.raises(TooLate):
        preview.console.take(anna, offer_id)
    assert preview.round(anna, bert)
    assert preview.stage(bert) is Stage.OFFERED
    assert "next colleague" in preview.see(anna).news


def test_of_two_who_take_it_one_wins_and_the_other_is_told(still_store: SqlStore) -> None:
    preview = PreviewOffice.of(still_store, offer_to=OfferPolicy.ALL)
    preview.office.submit(1)
    anna, bert = preview.agent("anna"), preview.agent("bert")
    assert preview.round(anna, bert)
    offer = preview.offer_of(anna)
    preview.console.take(bert, preview.offer_of(bert))
    with pytest.raises(TooLate, match="Bert took it first"):
        preview.console.take(anna, offer)
    assert preview.see(anna).news == "Bert took it first."
    assert preview.stage(bert) is Stage.CHECKING
    preview.console.take(bert, preview.offer_of(bert))  # twice is no error


def test_one_of_all_who_passes_it_on_leaves_it_to_the_others(still_store: SqlStore) -> None:
    preview = PreviewOffice.of(still_store, offer_to=OfferPolicy.ALL)
    booked = preview.office.submit(1)
    anna, bert = preview.agent("anna"), preview.agent("bert")
    preview.round(anna, bert)
    preview.console.pass_on(anna, preview.offer_of(anna))
    assert preview.office.request(booked.request.id).state is RequestState.OFFERED
    preview.console.pass_on(bert, preview.offer_of(bert))
    assert preview.office.request(booked.request.id).state is RequestState.QUEUED


@pytest.mark.parametrize("taken", [False, True])
def test_who_closes_the_console_loses_the_offer_and_not_the_customer(
    preview: PreviewOffice, clock: SetClock, taken: bool
) -> None:
    booked = preview.office.submit(1)
    anna, bert = preview.agent("anna"), preview.agent("bert")
    preview.round(anna)
    if taken:
        preview.console.take(anna, preview.offer_of(anna))
    preview.console.leave(anna)
    clock.advance(seconds=3)
    assert not preview.round(bert)  # it may only load the page anew
    clock.advance(seconds=2)
    assert preview.round(bert)
    assert preview.in_hand(bert).request.id == booked.request.id


def test_a_page_that_is_loaded_anew_keeps_what_it_had(
    preview: PreviewOffice, clock: SetClock
) -> None:
    preview.office.submit(1)
    anna = preview.agent("anna")
    offer_id = preview.taken(anna)
    preview.console.leave(anna)
    clock.advance(seconds=1)
    preview.console.see(anna, opened=True)
    clock.advance(seconds=8)
    assert not preview.round(anna)
    assert preview.offer_of(anna) == offer_id


@pytest.mark.case("CASES 8: a question read after the page's farewell opens no console")
def test_a_question_read_after_the_farewell_opens_nothing(
    preview: PreviewOffice, clock: SetClock
) -> None:
    preview.office.submit(1)
    anna, bert = preview.agent("anna"), preview.agent("bert")
    assert preview.round(anna, bert)
    preview.console.leave(anna)
    clock.advance(seconds=1)
    preview.see(anna)
    clock.advance(seconds=4)
    assert preview.round(anna, bert) and preview.in_hand(bert)


def test_another_tab_keeps_the_offer_of_one_that_was_closed(
    preview: PreviewOffice, clock: SetClock
) -> None:
    preview.office.submit(1)
    anna, bert = preview.agent("anna"), preview.agent("bert")
    assert preview.round(anna)
    preview.console.leave(anna)
    for _ in range(6):  # it asks every second
        clock.advance(seconds=1)
        preview.see(anna)
        assert not preview.round(anna, bert)


def test_taken_and_not_called_in_time_it_goes_back_in_line(
    preview: PreviewOffice, clock: SetClock
) -> None:
    booked = preview.office.submit(1)
    anna = preview.agent("anna")
    preview.taken(anna)
    clock.advance(minutes=10)
    preview.see(anna)
    preview.round()
    assert preview.office.request(booked.request.id).state is RequestState.QUEUED


def test_nobody_acts_on_another_s_console(preview: PreviewOffice) -> None:
    preview.office.submit(1)
    anna, bert = preview.agent("anna"), preview.agent("bert")
    preview.round(anna)
    offer_id = preview.offer_of(anna)
    for act in (preview.console.take, preview.console.pass_on):
        with pytest.raises(NotYours):
            act(bert, offer_id)
    with pytest.raises(NotYours):
        preview.console.call_back(bert, offer_id, number(1))
    preview.console.drop(bert)
    assert preview.stage(anna) is Stage.OFFERED


def test_a_queue_that_is_no_longer_in_preview_takes_its_requests_back(
    preview: PreviewOffice, clock: SetClock
) -> None:
    booked = preview.office.submit(1)
    anna = preview.agent("anna")
    preview.taken(anna)
    preview.change_queue(mode=DeliveryMode.AGENT_FIRST)
    preview.round()
    # Another dispatcher may know better: it is theirs until its time is over.
    assert preview.stage(anna) is Stage.CHECKING
    clock.advance(minutes=10)
    preview.round()
    assert preview.office.request(booked.request.id).state is RequestState.QUEUED
    assert preview.office.claim() is not None


def test_a_call_of_the_asterisk_queue_pops_on_the_console_of_who_took_it(
    preview: PreviewOffice,
) -> None:
    preview.office.submit(1, queue="support")
    anna = preview.agent("anna", queue="support")
    bert = preview.agent("bert", queue="support")
    claim = preview.office.claim("support")
    assert claim is not None
    assert preview.stage(anna) is None
    token = claim.attempt.token
    report(preview, AgentAnswers(token=token, agent="Anna", member="PJSIP/anna"))
    hand = preview.in_hand(anna)
    assert (hand.stage, hand.offer, hand.mode) == (Stage.CALLING, None, DeliveryMode.AGENT_FIRST)
    assert preview.stage(bert) is None
    preview.office.gate.ask(token)
    report(preview, CustomerAnswers(token=token))
    report(preview, AttemptEnds(token=token, disposition=Disposition.ANSWERED, rung=True))
    assert preview.stage(anna) is Stage.WRAP_UP
    preview.wrap_ups.save(anna, claim.attempt.id, code="Solved", note="", again=None, never=False)
    assert preview.stage(anna) is None


def test_the_earlier_wish_withdrawn_while_it_is_offered_leaves_the_later_one_its_time(
    preview: PreviewOffice,
) -> None:
    early = preview.office.submit(1)
    preview.office.submit(1, scheduled_for="2026-11-24T10:00")
    anna = preview.agent("anna")
    preview.taken(anna)
    withdraw(preview.store, early.wish)
    request = preview.office.request(early.request.id)
    assert (request.state, request.wall_time) == (RequestState.SCHEDULED, "2026-11-24T10:00")
    assert preview.stage(anna) is None and preview.see(anna).news
    assert not preview.round(anna)


def test_moved_by_the_customer_while_it_is_offered_it_leaves_the_console(
    preview: PreviewOffice,
) -> None:
    booked = preview.office.submit(1)
    anna = preview.agent("anna")
    offer_id = preview.taken(anna)
    moving = MoveService(store=preview.store, queues=preview.office.queues, home_zone=ZONE)
    moving.move(booked.wish, "2026-11-24T10:00")
    assert preview.office.request(booked.request.id).state is RequestState.SCHEDULED
    with pytest.raises(TooLate):
        preview.console.call_back(anna, offer_id, number(1))
    assert preview.calls() == []


def test_who_joined_an_offered_request_moves_the_own_wish_and_learns_nothing(
    preview: PreviewOffice,
) -> None:
    preview.office.submit(1)
    anna = preview.agent("anna")
    preview.taken(anna)
    stranger = preview.office.submit(1, scheduled_for="2026-11-24T10:00")
    moving = MoveService(store=preview.store, queues=preview.office.queues, home_zone=ZONE)
    moved = moving.move(stranger.wish, "2026-11-24T11:00")
    assert moved.wish.wall_time == "2026-11-24T11:00"
    assert preview.stage(anna) is Stage.CHECKING


def test_a_role_that_is_taken_away_takes_the_offer_with_it(preview: PreviewOffice) -> None:
    booked = preview.office.submit(1)
    anna, bert = preview.agent("anna"), preview.agent("bert")
    offer_id = preview.taken(anna)
    preview.console.call_back(anna, offer_id, number(1))
    with preview.store.writing() as tx:
        tx.accounts.remove_grant(anna.id, Grant(Role.AGENT, "sales"))
    assert preview.calls() == []
    assert preview.round(bert)
    assert preview.in_hand(bert).request.id == booked.request.id


def test_a_reason_that_is_not_configured_is_refused(preview: PreviewOffice) -> None:
    preview.office.submit(1)
    anna = preview.agent("anna")
    offer_id = preview.taken(anna)
    with pytest.raises(InvalidEntry) as raised:
        preview.console.cancel(anna, offer_id, "Ring +44 20 7946 0000", True)
    assert raised.value.field == "reason"
    assert preview.stage(anna) is Stage.CHECKING


def test_a_sweep_leaves_the_offers_of_queues_that_it_does_not_know(
    preview: PreviewOffice, clock: SetClock
) -> None:
    booked = preview.office.submit(1)
    anna = preview.agent("anna")
    preview.taken(anna)
    other = OfferService(
        store=preview.store,
        queues={"support": preview.office.queues["support"]},
        guard=preview.office.guard,
    )
    assert other.sweep(preview.office.me) == 0
    assert preview.stage(anna) is Stage.CHECKING
    clock.advance(minutes=10)  # nobody may hold a request for ever
    assert other.sweep(preview.office.me) == 1
    assert preview.office.request(booked.request.id).state is RequestState.QUEUED


def test_a_replaced_dispatcher_sweeps_nothing(preview: PreviewOffice, clock: SetClock) -> None:
    preview.office.submit(1)
    anna = preview.agent("anna")
    preview.taken(anna)
    clock.advance(minutes=10)
    with pytest.raises(StaleWrite):
        preview.offering.sweep(DispatcherIdentity(name="another", epoch=7))
