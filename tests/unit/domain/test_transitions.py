"""The table of transitions is complete, and what ended stays ended unless they did talk."""

import pytest

from asterisk_callback.domain import request
from asterisk_callback.domain.errors import IllegalTransition
from asterisk_callback.domain.request import RequestState

S = RequestState
ENDED = frozenset(state for state in S if not state.is_open)
PAIRS = [(old, new) for old in S for new in S]


@pytest.mark.parametrize("state", S)
def test_every_state_has_a_row(state: S) -> None:
    assert state in request.TABLE


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_check_agrees_with_the_table(old: S, new: S) -> None:
    if new in request.TABLE[old]:
        request.check(old, new)
        return
    with pytest.raises(IllegalTransition, match=f"from {old} to {new}"):
        request.check(old, new)


@pytest.mark.parametrize("state", sorted(ENDED - {S.COMPLETED}))
def test_what_ended_can_only_turn_out_to_have_been_a_talk(state: S) -> None:
    assert request.TABLE[state] == {S.COMPLETED}


def test_completed_is_final() -> None:
    assert request.TABLE[S.COMPLETED] == frozenset()


@pytest.mark.parametrize("state", sorted(set(S) - ENDED))
def test_every_open_state_can_end_every_way_and_be_cancelled(state: S) -> None:
    """P7: whatever a request waits for, its time may pass (failed if it was rung before)."""
    assert request.TABLE[state] >= ENDED


def test_only_waiting_requests_can_be_claimed() -> None:
    into_progress = {old for old in S if S.IN_PROGRESS in request.TABLE[old]}
    assert into_progress == {S.QUEUED, S.OFFERED}


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        request.TABLE[S.COMPLETED] = frozenset()  # type: ignore[index]
