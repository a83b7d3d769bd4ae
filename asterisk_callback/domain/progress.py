"""What Asterisk reports about an attempt, and what each report makes of it.

Reports may come late, twice, or out of order: applying one again changes nothing, and no order
of them undoes a bridge.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from asterisk_callback.domain.attempt import Attempt, Token
from asterisk_callback.domain.disposition import Disposition


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentRings:
    """The Asterisk queue rings an agent. agent: the queue member's name, member: its interface."""

    token: Token
    agent: str
    member: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentAnswers:
    """As AgentRings has it. alone: in customer-first, the line's own announcement is all that had
    answered before them."""

    token: Token
    agent: str
    member: str | None = None
    alone: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentLeaves:
    """The agent handed the call on: a transfer, a parking lot, a conference. It is not over."""

    token: Token


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerRings:
    """There is evidence that the customer's phone rings."""

    token: Token


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerAnswers:
    """The customer picked up: in agent-first agent and customer are bridged with it."""

    token: Token


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptEnds:
    """The call is over. cause: the Q.850 hangup cause, detail: what the line said of it.

    talked: how long they talked, by Asterisk's measure; None: not known.
    """

    token: Token
    disposition: Disposition
    rung: bool
    cause: int | None = None
    detail: str = ""
    talked: timedelta | None = None


Report = AgentRings | AgentAnswers | AgentLeaves | CustomerRings | CustomerAnswers | AttemptEnds


def apply(attempt: Attempt, report: Report, now: datetime) -> Attempt:
    """The attempt as it is after the report; the same object if the report says nothing new."""
    match report:
        case AgentRings(agent=agent, member=member):
            if attempt.agent_rang_at is not None or not attempt.open:
                return attempt
            if attempt.agent is not None:
                return attempt.evolve(agent_rang_at=now)
            return attempt.evolve(agent_rang_at=now, agent=agent, member=member)
        case AgentAnswers(agent=agent, member=member, alone=alone):
            if attempt.agent_at is not None or not attempt.open:
                return attempt
            # In preview they are known from the claim, and the report names nobody.
            who = {"agent": agent or attempt.agent, "member": member or attempt.member}
            with_agent = attempt.evolve(agent_at=now, **who)
            # In customer-first the agent is the second to answer, and bridges with it.
            bridges = _waits(attempt) and not alone
            return _answered(with_agent, now) if bridges else with_agent
        case AgentLeaves():
            if attempt.agent_at is None or attempt.left_at is not None or not attempt.open:
                return attempt
            return attempt.evolve(left_at=now)
        case CustomerRings():
            if attempt.ringing_at is not None or attempt.gate_at is None or not attempt.open:
                return attempt
            return attempt.evolve(ringing_at=now, rung=True)
        case CustomerAnswers() if attempt.mode.rules.customer_first:
            return _picked_up(attempt, now)
        case CustomerAnswers():
            return _answered(attempt, now)
        case AttemptEnds():
            return _ended(attempt, report, now)


def _waits(attempt: Attempt) -> bool:
    return attempt.mode.rules.customer_first and attempt.gate_at is not None


def _picked_up(attempt: Attempt, now: datetime) -> Attempt:
    if attempt.picked_up_at is not None or attempt.gate_at is None or not attempt.open:
        return attempt
    return attempt.evolve(picked_up_at=now, rung=True)


def _answered(attempt: Attempt, now: datetime) -> Attempt:
    if attempt.answered_at is not None or attempt.gate_at is None:
        return attempt
    if attempt.open:
        return attempt.evolve(answered_at=now, rung=True)
    # The end was judged without knowing of the bridge; the bridge wins.
    return attempt.evolve(answered_at=now, rung=True, disposition=Disposition.ANSWERED)


def _ended(attempt: Attempt, report: AttemptEnds, now: datetime) -> Attempt:
    if not attempt.open:
        if report.disposition is Disposition.ANSWERED:
            return _answered(attempt, now)
        return attempt
    if attempt.gate_at is not None and report.disposition.rule.before_an_agent:
        # Asterisk speaks of another call: of an Originate that somebody sent again under the token
        # of a call that goes on. The attempt's own end comes with its call's, or reconciliation
        # finds the call gone.
        return attempt
    disposition, rung = _judged(attempt, report)
    answered_at = attempt.answered_at
    if disposition is Disposition.ANSWERED and answered_at is None:
        answered_at = now
    return attempt.evolve(
        ended_at=now,
        disposition=disposition,
        rung=rung,
        answered_at=answered_at,
        cause=report.cause,
        detail=report.detail,
    )


def _judged(attempt: Attempt, report: AttemptEnds) -> tuple[Disposition, bool]:
    """The disposition and whether it rang, made to agree: the limit and the pause of a ring hang on
    it (P4)."""
    disposition = report.disposition
    if attempt.answered_at is not None:
        return Disposition.ANSWERED, True
    if attempt.hangup_asked_at is not None and disposition is not Disposition.ANSWERED:
        # We hung up for a customer who cancelled: that is cancelled, not abandoned.
        disposition = Disposition.CANCELLED
    if disposition is Disposition.NO_AGENT and attempt.agent_rang_at is not None:
        # Asterisk's word that an Originate failed may overtake the word of the leg that knows why.
        disposition = Disposition.AGENT_NO_ANSWER
    rule = disposition.rule
    if attempt.gate_at is None:
        # Without the gate's yes nobody can have been rung, whatever a report claims.
        return (Disposition.AGENT_GONE if rule.needs_gate else disposition), False
    if rule.rings:
        return disposition, True
    rung = report.rung or attempt.rung
    if disposition is Disposition.TRUNK_FAULT and not attempt.rung:
        # It may have rung without a word of it: the line's fault all the same.
        return disposition, rung
    return (rule.after_ringing or disposition) if rung else disposition, rung
