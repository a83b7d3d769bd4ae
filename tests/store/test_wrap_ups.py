"""What agents say of their calls, on both databases, and what follows from it."""

import pytest

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.limits import CallLimits
from asterisk_callback.domain.progress import (
    AgentRings,
    AttemptEnds,
)
from asterisk_callback.domain.request import RequestState
from asterisk_callback.domain.slots import SlotRules
from asterisk_callback.services.booking.erase import erase
from asterisk_callback.services.console.errors import InvalidEntry, NotYours
from asterisk_callback.services.console.view import Stage
from tests.factories import SetClock, number
from tests.store.preview_office import PreviewOffice, report, talked, wrap_up_over


def test_a_preview_queue_is_offered_and_never_claimed(preview: PreviewOffice) -> None:
    booked = preview.office.submit(1)
    assert preview.office.claim() is None
    anna = preview.agent("anna")
    assert preview.round(anna)
    hand = preview.in_hand(anna)
    assert (hand.stage, hand.request.id, hand.number) == (
        Stage.OFFERED, booked.request.id, number(1)
    )  # fmt: skip
    assert preview.office.request(booked.request.id).state is RequestState.OFFERED


def test_after_a_busy_line_it_is_offered_again_with_the_changed_number(
    preview: PreviewOffice, clock: SetClock
) -> None:
    booked = preview.office.submit(1)
    anna = preview.agent("anna")
    claim = preview.called(anna, "07400 000002")
    preview.office.gate.ask(claim.attempt.token)
    report(preview, AttemptEnds(token=claim.attempt.token, disposition=Disposition.BUSY, rung=True))
    assert preview.stage(anna) is Stage.WRAP_UP
    assert preview.office.request(booked.request.id).state is RequestState.SCHEDULED
    clock.advance(minutes=5)
    preview.see(anna)
    with preview.store.writing() as tx:
        [due] = tx.requests.lock_due(1)
        tx.requests.change(due, due.evolve(state=RequestState.QUEUED), actor="clock", reason="due")
    assert preview.round(anna)
    assert preview.in_hand(anna).number == number(2)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"limits": CallLimits(at_once=0)}, "at once"),
        ({"limits": CallLimits(per_hour=0)}, "in an hour"),
    ],
)
def test_what_only_the_last_moment_tells_is_said_on_the_console(
    preview: PreviewOffice, changes: dict[str, CallLimits], said: str
) -> None:
    preview.office.submit(1)
    anna = preview.agent("anna")
    offer_id = preview.taken(anna)
    preview.change_queue(**changes)
    preview.console.call_back(anna, offer_id, number(1))
    assert preview.calls() == []
    hand = preview.in_hand(anna)
    assert hand.stage is Stage.CHECKING and said in hand.sentence
    preview.change_queue(limits=CallLimits())
    preview.console.call_back(anna, offer_id, number(1))
    assert len(preview.calls()) == 1


def test_while_a_call_is_wrapped_up_nothing_new_is_offered(
    preview: PreviewOffice, clock: SetClock
) -> None:
    preview.office.submit(1)
    anna = preview.agent("anna")
    claim = preview.called(anna)
    talked(preview, claim)
    preview.office.submit(2)
    assert not preview.round(anna)
    clock.advance(seconds=wrap_up_over().total_seconds())
    preview.see(anna)
    assert preview.round(anna)
    # Too late to keep others waiting, not too late to say it.
    preview.wrap_ups.save(anna, claim.attempt.id, code="Solved", note="a", again=None, never=False)
    preview.wrap_ups.save(
        anna, claim.attempt.id, code="Voicemail", note="b", again=None, never=False
    )
    with preview.store.reading() as tx:
        said = tx.wrap_ups.get(claim.attempt.id)
    assert said is not None and (said.code, said.note) == ("Voicemail", "b")


def test_a_wrap_up_is_the_agent_s_own_and_its_codes_are_configured(preview: PreviewOffice) -> None:
    preview.office.submit(1)
    anna, bert = preview.agent("anna"), preview.agent("bert")
    attempt_id = preview.called(anna).attempt.id
    with pytest.raises(NotYours):
        preview.wrap_ups.save(bert, attempt_id, code="", note="", again=None, never=False)
    with pytest.raises(InvalidEntry) as raised:
        preview.wrap_ups.save(anna, attempt_id, code="Nice", note="", again=None, never=False)
    assert raised.value.field == "code"
    with pytest.raises(InvalidEntry) as raised:
        preview.wrap_ups.save(anna, attempt_id, code="", note="x" * 501, again=None, never=False)
    for hidden in ("\x1b[2J", "\0", "\u202egnihton"):
        with pytest.raises(InvalidEntry, match="invisible"):
            preview.wrap_ups.save(anna, attempt_id, code="", note=hidden, again=None, never=False)
    assert raised.value.field == "note"


def a_talk(preview: PreviewOffice, login: str = "anna", **wish: str) -> tuple[object, int]:
    preview.office.submit(1, **wish)
    user = preview.agent(login)
    claim = preview.called(user)
    talked(preview, claim)
    return user, claim.attempt.id


def test_never_call_again_suppresses_the_number_that_was_called(preview: PreviewOffice) -> None:
    user, attempt_id = a_talk(preview)
    preview.wrap_ups.save(user, attempt_id, code="", note="", again=None, never=True)  # type: ignore[arg-type]
    with preview.store.reading() as tx:
        assert tx.suppressions.has(number(1))


def test_call_again_makes_a_request_of_its_own_in_the_customer_s_zone(
    preview: PreviewOffice,
) -> None:
    page = "https://shop.example/moving"
    user, attempt_id = a_talk(preview, time_zone="America/Denver", name="Amira", page=page)
    with pytest.raises(InvalidEntry) as raised:
        preview.wrap_ups.save(
            user, attempt_id, code="", note="", again="2026-11-20T10:00", never=False  # type: ignore[arg-type]
        )  # fmt: skip
    assert raised.value.field == "again"
    preview.wrap_ups.save(
        user, attempt_id, code="", note="", again="2026-11-24T16:00", never=False  # type: ignore[arg-type]
    )  # fmt: skip
    with preview.store.reading() as tx:
        found = tx.requests.open_for("sales", number(1))
        assert found is not None
        [wish] = tx.wishes.of(found.id)
        said = tx.wrap_ups.get(attempt_id)  # type: ignore[arg-type]
    assert found.state is RequestState.SCHEDULED and found.name == "Amira"
    assert wish.page == page
    # 16:00 in London
    assert (wish.wall_time, wish.zone, wish.own_zone) == (
        "2026-11-24T09:00", "America/Denver", True
    )  # fmt: skip
    assert said is not None and said.again == found.id


def test_a_call_agreed_on_for_this_very_minute_is_in_line_at_once(
    preview: PreviewOffice, clock: SetClock
) -> None:
    """It waited for the next sweep."""
    user, attempt_id = a_talk(preview)
    now = clock.now.isoformat(timespec="minutes")
    preview.wrap_ups.save(user, attempt_id, code="", note="", again=now, never=False)  # type: ignore[arg-type]
    with preview.store.reading() as tx:
        found = tx.requests.open_for("sales", number(1))
        assert found is not None
        [wish] = tx.wishes.of(found.id)
    assert (found.state, found.due_at) == (RequestState.QUEUED, clock.now)
    assert found.expires_at == preview.office.queues["sales"].keeps_until(clock.now)
    assert {name: getattr(found, name) for name in wish.call.fields()} == (
        wish.call.fields() | {"due_at": clock.now}
    )


def test_call_again_after_a_ring_in_vain_moves_the_request(preview: PreviewOffice) -> None:
    booked = preview.office.submit(1)
    anna = preview.agent("anna")
    claim = preview.called(anna)
    preview.office.gate.ask(claim.attempt.token)
    report(preview, AttemptEnds(token=claim.attempt.token, disposition=Disposition.BUSY, rung=True))
    preview.wrap_ups.save(
        anna, claim.attempt.id, code="", note="", again="2026-11-24T16:00", never=False
    )
    request = preview.office.request(booked.request.id)
    assert (request.state, request.wall_time) == (RequestState.SCHEDULED, "2026-11-24T16:00")


def test_the_day_counts_talks_and_promises(preview: PreviewOffice, clock: SetClock) -> None:
    user, _ = a_talk(preview)
    preview.office.submit(2, scheduled_for="2026-11-23T14:00", time_zone="Europe/London")
    day = preview.console.day(user)  # type: ignore[arg-type]
    assert day.calls == 1
    assert [one.queue for one in day.booked] == ["Sales"]


def test_what_was_agreed_on_is_called_at_the_number_that_was_reached(
    preview: PreviewOffice,
) -> None:
    preview.office.submit(1)
    anna = preview.agent("anna")
    claim = preview.called(anna, "07400 000002")
    talked(preview, claim)
    save = preview.wrap_ups.save
    save(anna, claim.attempt.id, code="", note="", again="2026-11-24T16:00", never=False)
    with preview.store.reading() as tx:
        planned = tx.requests.open_for("sales", number(2))
    assert planned is not None and planned.wall_time == "2026-11-24T16:00"
    # The later one counts.
    save(anna, claim.attempt.id, code="", note="", again="2026-11-24T17:00", never=False)
    assert preview.office.request(planned.id).wall_time == "2026-11-24T17:00"
    with pytest.raises(InvalidEntry) as raised:
        save(anna, claim.attempt.id, code="", note="", again=None, never=True)
    assert raised.value.field == "never"


def test_call_again_moves_every_wish_behind_the_request(preview: PreviewOffice) -> None:
    booked = preview.office.submit(1)
    preview.office.submit(1)
    anna = preview.agent("anna")
    claim = preview.called(anna)
    preview.office.gate.ask(claim.attempt.token)
    report(preview, AttemptEnds(token=claim.attempt.token, disposition=Disposition.BUSY, rung=True))
    preview.wrap_ups.save(
        anna, claim.attempt.id, code="", note="", again="2026-11-24T16:00", never=False
    )
    request = preview.office.request(booked.request.id)
    assert (request.state, request.wall_time) == (RequestState.SCHEDULED, "2026-11-24T16:00")
    with preview.store.reading() as tx:
        assert {one.wall_time for one in tx.wishes.of(request.id)} == {"2026-11-24T16:00"}


def test_after_an_erasure_only_the_code_is_kept(preview: PreviewOffice) -> None:
    user, attempt_id = a_talk(preview)
    with preview.store.reading() as tx:
        attempt = tx.attempts.get(attempt_id)  # type: ignore[arg-type]
        assert attempt is not None
        [wish] = tx.wishes.of(attempt.request_id)
    save = preview.wrap_ups.save
    save(user, attempt_id, code="", note="of a person", again=None, never=False)  # type: ignore[arg-type]
    erase(preview.store, preview.office.guard, wish)
    with preview.store.reading() as tx:
        said = tx.wrap_ups.get(attempt_id)  # type: ignore[arg-type]
    assert said is not None and said.note == ""
    with pytest.raises(InvalidEntry):
        save(user, attempt_id, code="", note="again", again=None, never=False)  # type: ignore[arg-type]
    save(user, attempt_id, code="Solved", note="", again=None, never=False)  # type: ignore[arg-type]


def test_who_was_only_rung_says_nothing_of_the_call(preview: PreviewOffice) -> None:
    preview.office.submit(1, queue="support")
    anna = preview.agent("anna", queue="support")
    claim = preview.office.claim("support")
    assert claim is not None
    report(preview, AgentRings(token=claim.attempt.token, agent="Anna", member="PJSIP/anna"))
    with pytest.raises(NotYours):
        preview.wrap_ups.save(anna, claim.attempt.id, code="", note="", again=None, never=True)


def test_saved_twice_a_call_again_is_agreed_on_once(preview: PreviewOffice) -> None:
    preview.change_queue(slots=SlotRules(capacity=1))
    user, attempt_id = a_talk(preview, email="amira@example.org")
    for _ in range(2):  # a double click, or an answer that was lost
        preview.wrap_ups.save(
            user, attempt_id, code="", note="", again="2026-11-24T16:00", never=False  # type: ignore[arg-type]
        )  # fmt: skip
    with preview.store.reading() as tx:
        found = tx.requests.open_for("sales", number(1))
        assert found is not None
        [wish] = tx.wishes.of(found.id)
        kinds = [row.kind for row in tx.connection.exec_driver_sql("SELECT kind FROM message")]
    assert wish.moves == 0
    assert "moved" not in kinds


def test_who_is_never_to_be_called_is_promised_nothing(preview: PreviewOffice) -> None:
    user, attempt_id = a_talk(preview)
    save = preview.wrap_ups.save
    save(user, attempt_id, code="", note="", again=None, never=True)  # type: ignore[arg-type]
    with pytest.raises(InvalidEntry) as raised:
        save(user, attempt_id, code="", note="", again="2026-11-24T16:00", never=False)  # type: ignore[arg-type]
    assert raised.value.field == "again"
    with preview.store.reading() as tx:
        assert tx.requests.open_for("sales", number(1)) is None
