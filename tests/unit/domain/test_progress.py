"""Reports may come late, twice or out of order: no order of them does harm."""

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from asterisk_callback.domain.attempt import Attempt, new_token
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.progress import (
    AgentAnswers,
    AgentLeaves,
    AgentRings,
    AttemptEnds,
    CustomerAnswers,
    CustomerRings,
    Report,
    apply,
)  # fmt: skip
from tests.factories import NOW, an_attempt

TOKEN = new_token()
D = Disposition
RANG = {D.ANSWERED, D.BUSY, D.NO_ANSWER, D.MACHINE, D.REJECTED, D.ABANDONED, D.UNKNOWN}
BEFORE_AN_AGENT = {D.NO_AGENT, D.AGENT_NO_ANSWER, D.AGENT_REJECTED}
# TRUNK_FAULT is in neither: after a bare 100 for the whole ring time it may have rung.
NEVER_RANG = {*BEFORE_AN_AGENT, D.AGENT_GONE, D.REFUSED, D.CONGESTION}

ends = st.builds(
    AttemptEnds,
    token=st.just(TOKEN),
    disposition=st.sampled_from(D),
    rung=st.booleans(),
    cause=st.none() | st.integers(0, 127),
    detail=st.sampled_from(["", "BUSY"]),
)
agents = st.sampled_from(["Anna", "Ben"])
reports: st.SearchStrategy[Report] = st.one_of(
    st.builds(AgentRings, token=st.just(TOKEN), agent=agents),
    st.builds(AgentLeaves, token=st.just(TOKEN)),
    st.builds(AgentAnswers, token=st.just(TOKEN), agent=agents),
    st.just(CustomerRings(token=TOKEN)),
    st.just(CustomerAnswers(token=TOKEN)),
    ends,
)
attempts = st.builds(
    an_attempt,
    token=st.just(TOKEN),
    gate_at=st.sampled_from([None, NOW]),
    hangup_asked_at=st.sampled_from([None, NOW]),
)


@st.composite
def shuffled_with_repetitions(draw: st.DrawFn) -> list[Report]:
    some = draw(st.lists(reports, max_size=6))
    again = draw(st.lists(st.sampled_from(some), max_size=6)) if some else []
    return draw(st.permutations(some + again))


def steps(attempt: Attempt, sequence: list[Report]) -> list[Attempt]:
    """Every version of the attempt, the first one included; a second passes per report."""
    versions = [attempt]
    for second, report in enumerate(sequence, 1):
        versions.append(apply(versions[-1], report, NOW + timedelta(seconds=second)))
    return versions


def check(attempt: Attempt) -> None:
    """What holds for an attempt at any time."""
    assert attempt.open == (attempt.disposition is None)
    if attempt.gate_at is None:  # P5: no ring without the gate's yes
        assert attempt.ringing_at is None
        assert attempt.answered_at is None
        assert not attempt.rung
        assert attempt.disposition not in RANG | {D.INVALID_NUMBER, D.CONGESTION, D.TRUNK_FAULT}
    if attempt.ringing_at or attempt.answered_at:
        assert attempt.rung
    if attempt.disposition in RANG:  # P4: these count
        assert attempt.rung
    if attempt.disposition in NEVER_RANG:  # P4: these do not, so nothing may have rung
        assert not attempt.rung
    if not attempt.open:
        assert (attempt.answered_at is not None) == (attempt.disposition is D.ANSWERED)


@given(attempts, shuffled_with_repetitions())
def test_no_sequence_reaches_an_illegal_state(attempt: Attempt, sequence: list[Report]) -> None:
    for version in steps(attempt, sequence):
        check(version)


@given(attempts, shuffled_with_repetitions())
def test_an_instant_is_written_once(attempt: Attempt, sequence: list[Report]) -> None:
    instants = (
        "agent_rang_at", "agent_at", "gate_at", "ringing_at", "answered_at", "left_at", "ended_at",
    )  # fmt: skip
    for old, new in zip(steps(attempt, sequence), steps(attempt, sequence)[1:], strict=False):
        for field in instants:
            if getattr(old, field) is not None:
                assert getattr(new, field) == getattr(old, field)
        if old.rung:
            assert new.rung
        if not old.open and new.disposition is not old.disposition:
            assert new.disposition is D.ANSWERED


@given(attempts, shuffled_with_repetitions(), reports)
def test_twice_is_once(attempt: Attempt, sequence: list[Report], report: Report) -> None:
    once = apply(steps(attempt, sequence)[-1], report, NOW)
    assert apply(once, report, NOW + timedelta(hours=1)) is once


@given(attempts, shuffled_with_repetitions(), st.randoms(use_true_random=False))
@example(an_attempt(token=TOKEN, gate_at=NOW), [CustomerAnswers(token=TOKEN)], None)
def test_a_bridge_is_never_undone(
    attempt: Attempt, sequence: list[Report], shuffle: st.DrawFn | None
) -> None:
    """In whichever order: past the gate, a bridge among the reports and an end give `answered`."""
    bridged = attempt.evolve(gate_at=NOW)
    told = [*sequence, CustomerAnswers(token=TOKEN), AttemptEnds(
        token=TOKEN, disposition=D.UNKNOWN, rung=True
    )]  # fmt: skip
    if shuffle is not None:
        shuffle.shuffle(told)  # type: ignore[attr-defined]
    last = steps(bridged, told)[-1]
    assert last.disposition is D.ANSWERED
    assert last.answered_at is not None
    assert last.rung


@pytest.mark.parametrize("disposition", D)
def test_nobody_is_rung_without_the_gate(disposition: D) -> None:
    claimed = AttemptEnds(token=TOKEN, disposition=disposition, rung=True)
    ended = apply(an_attempt(token=TOKEN), claimed, NOW)
    assert not ended.open
    check(ended)


@pytest.mark.parametrize("disposition", sorted(BEFORE_AN_AGENT))
def test_past_the_gate_no_agent_is_said_of_another_call(disposition: D) -> None:
    """P4: whoever passed the gate had an agent on the line, and may be ringing now."""
    attempt = an_attempt(token=TOKEN, gate_at=NOW)
    end = AttemptEnds(token=TOKEN, disposition=disposition, rung=False)
    for version in (attempt, apply(attempt, CustomerRings(token=TOKEN), NOW)):
        assert apply(version, end, NOW) is version


@pytest.mark.parametrize("disposition", sorted(NEVER_RANG - BEFORE_AN_AGENT))
def test_a_line_that_rang_and_then_failed_counts_as_a_ring(disposition: D) -> None:
    """P4: the customer heard it, so the pause and the limit of a ring apply."""
    ringing = apply(an_attempt(token=TOKEN, gate_at=NOW), CustomerRings(token=TOKEN), NOW)
    ended = apply(
        ringing, AttemptEnds(token=TOKEN, disposition=disposition, rung=False, detail="x"), NOW
    )
    assert ended.disposition in (D.NO_ANSWER, D.ABANDONED)
    assert ended.rung
    assert ended.detail == "x"


@pytest.mark.parametrize("disposition", sorted(RANG))
def test_dispositions_of_a_ring_count_even_without_evidence(disposition: D) -> None:
    """A busy line never rings, and yet it is one of the three tries that the customer gets."""
    end = AttemptEnds(token=TOKEN, disposition=disposition, rung=False)
    assert apply(an_attempt(token=TOKEN, gate_at=NOW), end, NOW).rung


def test_the_agent_who_answers_is_the_one_kept() -> None:
    attempt = an_attempt(token=TOKEN)
    rings = AgentRings(token=TOKEN, agent="Anna", member="PJSIP/anna")
    attempt = apply(attempt, rings, NOW)
    assert (attempt.agent, attempt.member) == ("Anna", "PJSIP/anna")
    attempt = apply(attempt, AgentAnswers(token=TOKEN, agent="Ben", member="PJSIP/ben"), NOW)
    assert (attempt.agent, attempt.member) == ("Ben", "PJSIP/ben")
    assert attempt.agent_rang_at == attempt.agent_at == NOW


@pytest.mark.case("CASES 2: own phone in preview rings in vain")
@pytest.mark.parametrize("swapped", [False, True])
def test_whichever_word_of_an_agent_who_was_rung_in_vain_comes_first(swapped: bool) -> None:
    ends = [
        AttemptEnds(token=TOKEN, disposition=D.AGENT_NO_ANSWER, rung=False),
        AttemptEnds(token=TOKEN, disposition=D.NO_AGENT, rung=False, detail="originate failed"),
    ]
    told: list[Report] = [AgentRings(token=TOKEN, agent=""), *(ends[::-1] if swapped else ends)]
    assert steps(an_attempt(token=TOKEN), told)[-1].disposition is D.AGENT_NO_ANSWER


@pytest.mark.case("CASES 2: a bare 100 for the whole ring time")
def test_a_line_that_never_said_that_it_rings_is_at_fault_and_may_have_rung() -> None:
    end = AttemptEnds(token=TOKEN, disposition=D.TRUNK_FAULT, rung=True)
    silent = steps(an_attempt(token=TOKEN, gate_at=NOW), [end])[-1]
    assert (silent.disposition, silent.rung) == (D.TRUNK_FAULT, True)
    rang = steps(an_attempt(token=TOKEN, gate_at=NOW), [CustomerRings(token=TOKEN), end])[-1]
    assert (rang.disposition, rang.rung) == (D.NO_ANSWER, True)


def test_an_agent_who_reached_an_announcement_alone_talks_with_nobody() -> None:
    first = an_attempt(token=TOKEN, gate_at=NOW, mode=DeliveryMode.CUSTOMER_FIRST)
    alone = steps(first, [AgentAnswers(token=TOKEN, agent="Anna", alone=True)])[-1]
    assert alone.agent_at is not None and alone.answered_at is None
