"""What follows an attempt: the rows of the default table, limits, pauses and the expiry rule."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_callback.domain.disposition import DEFAULT, Reaction, RetryAction
from asterisk_callback.domain.disposition import Disposition as D
from asterisk_callback.domain.request import RequestState
from asterisk_callback.domain.retry import in_a_row, react
from tests.factories import NOW, a_request, an_attempt

S = RequestState
M = timedelta(minutes=1)
SEC = timedelta(seconds=1)

# The table of dispositions as the product promises it: state, pause, rings in all.
PROMISED = {
    D.ANSWERED: (S.COMPLETED, None, None),
    D.NO_AGENT: (S.QUEUED, 5 * SEC, None),
    D.AGENT_NO_ANSWER: (S.QUEUED, 5 * SEC, None),
    D.AGENT_REJECTED: (S.QUEUED, 5 * SEC, None),
    D.AGENT_GONE: (S.QUEUED, 0 * SEC, None),
    D.REFUSED: (S.QUEUED, 5 * SEC, None),
    D.BUSY: (S.SCHEDULED, 5 * M, 3),
    D.NO_ANSWER: (S.SCHEDULED, 15 * M, 3),
    D.MACHINE: (S.SCHEDULED, 60 * M, 2),
    D.REJECTED: (S.FAILED, None, None),
    D.ABANDONED: (S.SCHEDULED, 5 * M, 3),
    D.INVALID_NUMBER: (S.FAILED, None, None),
    D.TRUNK_FAULT: (S.QUEUED, 30 * SEC, None),
    D.CONGESTION: (S.QUEUED, 30 * SEC, None),
    D.CANCELLED: (S.CANCELLED, None, None),
    D.UNKNOWN: (S.SCHEDULED, 15 * M, 3),
}


@pytest.mark.parametrize("disposition", D)
def test_each_disposition_does_what_is_promised(disposition: D) -> None:
    state, pause, limit = PROMISED[disposition]
    request = a_request(line_at=NOW - M)
    following = react(request, DEFAULT[disposition], rings=1, in_a_row=0, now=NOW)
    assert following.state is state
    assert DEFAULT[disposition].limit == limit
    if pause is not None:
        assert following.due_at == NOW + pause


@pytest.mark.parametrize("disposition", [d for d in D if PROMISED[d][2]])
def test_the_last_allowed_ring_ends_the_request(disposition: D) -> None:
    limit = DEFAULT[disposition].limit
    assert limit is not None
    for rings in range(1, limit + 3):
        following = react(a_request(), DEFAULT[disposition], rings=rings, in_a_row=0, now=NOW)
        assert following.state is (S.FAILED if rings >= limit else S.SCHEDULED)


def test_rings_of_every_disposition_count_together() -> None:
    """A machine after a busy line is the second ring in all, and the last one."""
    assert react(a_request(), DEFAULT[D.MACHINE], rings=2, in_a_row=0, now=NOW).state is S.FAILED


@pytest.mark.parametrize("disposition", [D.CONGESTION, D.TRUNK_FAULT])
def test_the_pause_doubles_up_to_ten_minutes(disposition: D) -> None:
    pauses = [
        react(a_request(), DEFAULT[disposition], rings=0, in_a_row=n, now=NOW).due_at - NOW
        for n in (0, 1, 2, 3, 4, 5, 50)
    ]
    assert pauses == [30 * SEC, 1 * M, 2 * M, 4 * M, 8 * M, 10 * M, 10 * M]


def test_the_second_agent_gone_in_a_row_waits_longer() -> None:
    pauses = [
        react(a_request(), DEFAULT[D.AGENT_GONE], rings=0, in_a_row=n, now=NOW).due_at - NOW
        for n in (0, 1, 2)
    ]
    assert pauses == [0 * SEC, 30 * SEC, 30 * SEC]


def test_places_in_line() -> None:
    """P18: not rung and abandoned keep their place; a retry goes to the end."""
    request = a_request(line_at=NOW - M)
    places = {
        disposition: react(request, DEFAULT[disposition], rings=1, in_a_row=0, now=NOW).line_at
        for disposition in (D.NO_AGENT, D.ABANDONED, D.BUSY)
    }
    assert places == {D.NO_AGENT: NOW - M, D.ABANDONED: NOW - M, D.BUSY: NOW + 5 * M}


@pytest.mark.parametrize(("rings", "state"), [(0, S.EXPIRED), (1, S.FAILED)])
@pytest.mark.parametrize("then", [RetryAction.RETRY, RetryAction.BACK])
def test_a_try_after_the_end_ends_the_request_now(then: RetryAction, rings: int, state: S) -> None:
    request = a_request(expires_at=NOW + 5 * M)
    reaction = Reaction(then=then, after=5 * M)
    assert react(request, reaction, rings=rings, in_a_row=0, now=NOW).state is state
    sooner = Reaction(then=then, after=5 * M - SEC)
    assert react(request, sooner, rings=rings, in_a_row=0, now=NOW).state.is_open


@given(
    then=st.sampled_from(RetryAction),
    after=st.timedeltas(timedelta(0), timedelta(days=2)),
    limit=st.none() | st.integers(1, 5),
    repeated=st.none() | st.timedeltas(timedelta(0), timedelta(days=2)),
    grows=st.booleans(),
    keep_place=st.booleans(),
    rings=st.integers(0, 6),
    row=st.integers(0, 1000),
    life=st.timedeltas(timedelta(0), timedelta(days=3)),
)
def test_any_policy(
    then: RetryAction, after: timedelta, limit: int | None, repeated: timedelta | None, grows: bool,
    keep_place: bool, rings: int, row: int, life: timedelta,
) -> None:  # fmt: skip
    """Whatever an admin configures: a try lies in the future and before the end, and within the
    limit; no pause is shorter than the shorter one configured."""
    reaction = Reaction(
        then=then, after=after, limit=limit, repeated=repeated, grows=grows, keep_place=keep_place
    )
    request = a_request(expires_at=NOW + life)
    following = react(request, reaction, rings=rings, in_a_row=row, now=NOW)
    assert react(request, reaction, rings=rings, in_a_row=row, now=NOW) == following
    if not following.state.is_open:
        return
    assert following.state is (S.SCHEDULED if then is RetryAction.RETRY else S.QUEUED)
    shortest = after if repeated is None else min(after, repeated)
    assert NOW + shortest <= following.due_at < request.expires_at
    assert limit is None or rings < limit


def test_in_a_row_counts_back_to_the_first_other() -> None:
    ended = [an_attempt(disposition=d) for d in (D.BUSY, D.NO_AGENT, D.BUSY, D.BUSY)]
    assert in_a_row(D.BUSY, ended) == 2
    assert in_a_row(D.NO_AGENT, ended) == 0
    assert in_a_row(D.BUSY, []) == 0
