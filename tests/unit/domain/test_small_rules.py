"""Tokens, wishes, pacing, dial strings, and that the tables of data are complete."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_callback.domain import gate, queue
from asterisk_callback.domain.attempt import TOKEN_DIGITS, is_token, new_token
from asterisk_callback.domain.disposition import DEFAULT, Disposition, RetryAction
from asterisk_callback.domain.email_address import mailbox
from asterisk_callback.domain.errors import NumberNotAllowed, UnknownQueue
from asterisk_callback.domain.gate import RefusalReason
from asterisk_callback.domain.pacing import QueueStatus, room
from asterisk_callback.domain.phone import NumberRules, judge
from asterisk_callback.domain.queue_member import phone_name
from asterisk_callback.domain.request import TABLE, RequestState
from asterisk_callback.domain.trunk import Trunk
from asterisk_callback.domain.wish import Wish, deciding
from asterisk_callback.services.status.why import SENTENCES, Reason
from tests.factories import NOW, RULES, TRUNK, a_request, a_wish, callback_queue, number

# Nothing to close, or (per second) a matter of a moment: the attempt stays, and is asked again.
WITHOUT_CONSEQUENCE = {
    RefusalReason.UNKNOWN,
    RefusalReason.USED,
    RefusalReason.ENDED,
    RefusalReason.CANCELLED,
    RefusalReason.PER_SECOND,
}


def test_every_disposition_has_a_reaction() -> None:
    assert set(DEFAULT) == set(Disposition)
    assert {one: one.rule.reaction for one in Disposition} == DEFAULT


def test_what_a_disposition_says_of_a_ring_agrees() -> None:
    """P4: a limit and a pause hang on whether it was a ring."""
    for one in Disposition:
        rule = one.rule
        assert not (rule.rings and (rule.after_ringing or rule.before_an_agent)), one
        assert not (rule.needs_gate and rule.before_an_agent), one
        assert rule.needs_gate or not rule.rings, one
        if rule.after_ringing is not None:
            assert rule.after_ringing.rule.rings, one
        if rule.reaction.then is RetryAction.RETRY:
            assert rule.rings and rule.reaction.limit, one


def test_every_no_that_closes_an_attempt_says_what_follows() -> None:
    assert set(gate.TABLE) == set(RefusalReason)
    closes = {no for no, rule in gate.TABLE.items() if rule.reaction is not None}
    assert closes == set(RefusalReason) - WITHOUT_CONSEQUENCE
    assert all(rule.agent.endswith(".") for rule in gate.TABLE.values())


def test_every_state_is_in_the_table_of_transitions() -> None:
    assert set(TABLE) == set(RequestState)


def test_every_reason_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Reason)
    assert all(sentence.endswith(".") for sentence in SENTENCES.values())


def test_tokens_are_27_digits_and_none_is_another() -> None:
    tokens = {new_token() for _ in range(2000)}
    assert len(tokens) == 2000
    assert {len(token) for token in tokens} == {TOKEN_DIGITS} == {27}
    assert all(is_token(token) for token in tokens)


def test_a_small_random_number_is_a_full_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda _: 7)
    assert new_token() == "7".rjust(27, "0")


@pytest.mark.parametrize(
    "text", ["", "1" * 26, "1" * 28, "1" * 27 + "\n", "٣" * 27, "a" * 27, "-" + "1" * 26]
)
def test_what_is_no_token(text: str) -> None:
    assert not is_token(text)


@given(st.lists(st.tuples(st.integers(-600, 600), st.booleans()), max_size=6))
def test_the_deciding_standing_wish_decides(told: list[tuple[int, bool]]) -> None:
    wishes = [
        a_wish(due_at=NOW + timedelta(minutes=m), withdrawn_at=NOW if gone else None)
        for m, gone in told
    ]
    standing = [wish for wish in wishes if wish.withdrawn_at is None]
    found = deciding(wishes)
    if not standing:
        assert found is None
        return
    assert found in standing
    assert all((found.due_at, found.id) <= (wish.due_at, wish.id) for wish in standing)


def test_of_two_wishes_for_one_instant_the_first_decides() -> None:
    first, second = a_wish(), a_wish()
    assert deciding([second, first]) is first


@given(
    known=st.booleans(),
    logged_in=st.integers(0, 50),
    free=st.integers(0, 50),
    waiting=st.integers(0, 60),
    one=st.booleans(),
)
def test_pacing(known: bool, logged_in: int, free: int, waiting: int, one: bool) -> None:
    """No more wait in the Asterisk queue than it has free agents, plus one where it is known not
    to ring who is on a call."""
    facts = QueueStatus(known=known, logged_in=logged_in, free=free, one_more=one)
    more = room(facts, waiting)
    assert more >= 0
    if more:
        assert known and logged_in and waiting + more == free + one
    elif known and logged_in:
        assert waiting >= free + one


def test_nothing_is_tried_where_nothing_is_known() -> None:
    assert room(QueueStatus(), 0) == 0


def test_the_dial_string_is_made_of_digits() -> None:
    found = judge(number(7), RULES)
    assert TRUNK.dial_string(found) == "PJSIP/+447400000007@trunk"
    dahdi = Trunk(
        name="t", dial="DAHDI/g0/{prefix}{national}", caller_id="1", prefix="9", country="GB"
    )
    assert dahdi.dial_string(found) == "DAHDI/g0/907400000007"
    local = Trunk(name="t", dial="Local/{digits}@from-internal/n", caller_id="1")
    assert local.dial_string(found) == "Local/447400000007@from-internal/n"


@pytest.mark.case("CASES 7: one mailbox")
@pytest.mark.parametrize(
    "address",
    ["v.ictim@gmail.com", "victim@googlemail.com", "Vic.Tim+x@GMail.com", "victim@gmail.com"],
)
def test_a_mailbox_however_it_is_written(address: str) -> None:
    assert mailbox(address) == "victim@gmail.com"
    assert mailbox("v.ictim@example.org") != mailbox("victim@example.org")


@pytest.mark.case("CASES 3: {national} abroad")
def test_national_digits_are_for_the_trunk_s_own_country_only() -> None:
    rules = NumberRules(home="GB", regions=("GB", "FR", "JE"))
    paris, london, jersey = (
        judge(e164, rules) for e164 in ("+33142685300", "+442079460000", "+441534440000")
    )
    alone = Trunk(name="t", dial="PJSIP/{national}@trunk", caller_id="1", country="GB")
    assert alone.dial_string(london) == "PJSIP/02079460000@trunk"
    assert alone.dial_string(jersey) == "PJSIP/01534440000@trunk"  # one numbering plan
    with pytest.raises(NumberNotAllowed):
        alone.dial_string(paris)
    both = replace(alone, dial_foreign="PJSIP/00{digits}@trunk")
    assert both.dial_string(london) == "PJSIP/02079460000@trunk"
    assert both.dial_string(paris) == "PJSIP/0033142685300@trunk"
    theirs = replace(alone, country="FR")
    assert theirs.dial_string(paris) == "PJSIP/0142685300@trunk"
    assert not theirs.reaches("GB") and not replace(alone, country="").reaches("GB")


def test_an_unknown_queue_names_the_known_ones() -> None:
    queues = {name: callback_queue(name) for name in ("support", "sales")}
    assert queue.find_queue(queues, "sales").name == "sales"
    with pytest.raises(UnknownQueue, match=r"sales, support"):
        queue.find_queue(queues, "sale\r\n")


@pytest.mark.parametrize("field", ["created_at", "due_at", "line_at", "expires_at"])
def test_a_request_refuses_naive_times(field: str) -> None:
    with pytest.raises(ValueError, match=field):
        a_request(**{field: datetime(2026, 1, 1)})


def test_a_wish_is_a_value() -> None:
    wish = a_wish()
    assert wish == Wish(**{name: getattr(wish, name) for name in wish.__slots__})


def test_a_phone_is_named_as_people_say_it() -> None:
    assert phone_name("PJSIP/anna") == "anna"
    assert phone_name("Local/6001@from-queue/n") == "6001"
    assert phone_name(None) == ""
