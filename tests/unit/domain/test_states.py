"""What may be asked of a request's state, and which of its wishes speaks for it."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_callback.domain.report_data import ReportedWish
from asterisk_callback.domain.request import RequestState, state_for
from asterisk_callback.domain.wish import Wish, deciding, representative, standing
from asterisk_callback.services.status.status import PublicStatus
from asterisk_callback.store.tables.calls import IS_OPEN, MAY_EXPIRE
from tests.factories import NOW, a_wish

S = RequestState


@pytest.mark.parametrize(
    ("asked", "yes"),
    [
        (lambda s: s.is_open, {S.SCHEDULED, S.QUEUED, S.OFFERED, S.IN_PROGRESS}),
        (lambda s: s.is_waiting, {S.SCHEDULED, S.QUEUED}),
        (lambda s: s.is_in_line, {S.QUEUED, S.OFFERED}),
        (lambda s: s.is_due, {S.QUEUED, S.OFFERED, S.IN_PROGRESS}),
        (lambda s: s.is_changeable, {S.SCHEDULED, S.QUEUED, S.IN_PROGRESS}),
        (lambda s: s.may_expire, {S.SCHEDULED, S.QUEUED, S.OFFERED}),
        (lambda s: s.ended_without_talk, {S.FAILED, S.EXPIRED}),
        (lambda s: s.can_be_asked_again, {S.FAILED, S.EXPIRED, S.CANCELLED}),
    ],
)
def test_of_which_states_it_is_true(asked: Callable[[S], bool], yes: set[S]) -> None:
    assert {state for state in S if asked(state)} == yes


def test_of_which_public_states_it_is_true() -> None:
    P = PublicStatus
    assert {one for one in P if one.is_waiting} == {P.SCHEDULED, P.WAITING}
    assert {one for one in P if one.is_over} == {P.COMPLETED, P.CANCELLED, P.EXPIRED, P.FAILED}


def test_the_words_of_the_indexes() -> None:
    """They stand in the databases of those who have it already: another word or another order,
    and neither database would use its index."""
    assert str(IS_OPEN) == "state IN ('scheduled', 'queued', 'offered', 'in_progress')"
    assert str(MAY_EXPIRE) == "state IN ('scheduled', 'queued', 'offered')"


@pytest.mark.parametrize(("seconds", "state"), [(-1, S.QUEUED), (0, S.QUEUED), (1, S.SCHEDULED)])
def test_what_is_due_is_in_line_at_once(seconds: int, state: S) -> None:
    assert state_for(NOW + timedelta(seconds=seconds), NOW) is state


def _past(wish: Wish) -> ReportedWish:
    return ReportedWish(
        id=wish.id,
        asked_at=wish.created_at,
        due_at=wish.due_at,
        promised_from=None,
        promised_to=None,
        withdrawn_at=wish.withdrawn_at,
        rang_at=None,
        talked_at=None,
    )


@given(st.lists(st.tuples(st.integers(-9, 9), st.booleans()), max_size=6), st.randoms())
def test_the_report_and_the_console_mean_the_same_wish(
    told: list[tuple[int, bool]], shuffled: Random
) -> None:
    wishes = [
        a_wish(due_at=NOW + timedelta(minutes=m), withdrawn_at=NOW if gone else None)
        for m, gone in told
    ]
    first = min(wishes, key=lambda one: one.id, default=None)
    shuffled.shuffle(wishes)
    found, past = representative(wishes), representative([_past(one) for one in wishes])
    assert found == (deciding(wishes) or first)
    assert (past.id if past else None) == (found.id if found else None)
    assert [one.id for one in standing(wishes)] == [one.id for one in wishes if one.stands]


def test_of_withdrawn_wishes_the_first_made_speaks() -> None:
    """A report showed the second, which had been for an earlier time; the console the first."""
    first = a_wish(due_at=NOW + timedelta(hours=3), withdrawn_at=NOW)
    second = a_wish(due_at=NOW + timedelta(hours=2), withdrawn_at=NOW)
    assert representative([second, first]) is first


@pytest.mark.parametrize(
    ("zone", "own", "customer", "shown"),
    [
        (None, False, None, "Europe/London"),
        ("Europe/Berlin", False, None, "Europe/Berlin"),
        ("Asia/Tokyo", True, "Asia/Tokyo", "Asia/Tokyo"),
    ],
)
def test_whose_zone_it_is(zone: str | None, own: bool, customer: str | None, shown: str) -> None:
    wish = a_wish(zone=zone, own_zone=own)
    assert (wish.customer_zone, wish.shown_zone("Europe/London")) == (customer, shown)
