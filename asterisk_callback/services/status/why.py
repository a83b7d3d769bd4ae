"""Why has this one not been called yet? One answer for the page, the API, the board and the CLI.

`explain` is a function of what services/status/facts.py read: it asks no database.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from asterisk_callback.domain import calling_hours
from asterisk_callback.domain.languages import N_
from asterisk_callback.domain.request import RequestState
from asterisk_callback.domain.team_notice import TeamLink
from asterisk_callback.services.status.facts import RequestFacts, is_told
from asterisk_callback.services.status.serving import (
    NOT_EVEN_BEGUN,
    Serving,
    Stopped,
    agents_of,
    serving,
)


class Reason(StrEnum):
    """Public: part of the API (`why_waiting`)."""

    SCHEDULED = "scheduled"
    RETRY = "retry"
    PUT_OFF = "put_off"
    OUTSIDE_HOURS = "outside_hours"
    AT_LIMIT = "at_limit"
    HELD = "held"
    NOTED = "noted"
    TOLD = "told"
    UNTOLD = "untold"
    NO_DISPATCHER = "no_dispatcher"
    ASTERISK_DOWN = "asterisk_down"
    SYSTEM_FAULT = "system_fault"  # nothing that mends itself: no right, no gate, no dialplan
    LINE_DOWN = "line_down"
    QUEUE_UNKNOWN = "queue_unknown"
    NO_AGENT = "no_agent"
    ALL_BUSY = "all_busy"
    IN_LINE = "in_line"
    NEXT = "next"
    OFFERED = "offered"
    RINGING_AGENT = "ringing_agent"
    DIALLING = "dialling"
    CALLING = "calling"
    CONNECTING = "connecting"
    HANGING_UP = "hanging_up"
    TALKING = "talking"
    ENDED = "ended"
    UNCLEAR = "unclear"  # no reason could be found: a fault of ours, in the log


SENTENCES = {
    Reason.SCHEDULED: N_("The chosen time has not come yet."),
    Reason.RETRY: N_("We could not reach you, and leave a pause before the next try."),
    Reason.PUT_OFF: N_("As many calls as allowed have been made; this one goes on a little later."),
    Reason.OUTSIDE_HOURS: N_(
        "This is outside the hours in which we call. Your place in line is kept."
    ),
    Reason.AT_LIMIT: N_("As many calls as we can make are under way. Yours is among the next."),
    Reason.HELD: N_("We have stopped calling for a moment. Your place in line is kept."),
    Reason.NOTED: N_("We have your wish, and are telling our team."),
    Reason.UNTOLD: N_("We have your wish, and are telling our team."),
    Reason.TOLD: N_("Our team knows of your wish."),
    Reason.NO_DISPATCHER: N_("Our calling service is being restarted. Your place in line is kept."),
    Reason.ASTERISK_DOWN: N_(
        "Our telephone system is being restarted. Your place in line is kept."
    ),
    Reason.SYSTEM_FAULT: N_("Our telephone system has a fault. Your place in line is kept."),
    Reason.LINE_DOWN: N_("Our telephone line has a fault. Your place in line is kept."),
    Reason.QUEUE_UNKNOWN: N_("Our telephone system does not know this department yet."),
    Reason.NO_AGENT: N_(
        "Nobody is at work in this department right now. Your place in line is kept."
    ),
    Reason.ALL_BUSY: N_("All of us are on calls right now."),
    Reason.IN_LINE: N_("Others asked before you."),
    Reason.NEXT: N_("You are next."),
    Reason.OFFERED: N_("One of us is looking at your request."),
    Reason.RINGING_AGENT: N_("We are getting one of us on the line for you."),
    Reason.DIALLING: N_("We are dialling your number."),
    Reason.CALLING: N_("Your phone is ringing."),
    Reason.CONNECTING: N_("You picked up. One of us is coming on the line."),
    Reason.HANGING_UP: N_("You cancelled; we are hanging up."),
    Reason.TALKING: N_("You are talking with us."),
    Reason.ENDED: N_("This call has ended."),
    Reason.UNCLEAR: N_("You’re in line."),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Why:
    """until: when the reason ends, if that is known (aware UTC). ahead: requests before this one.
    agents: how many are at work, where that is the reason.

    detail is for the company's own people (CLI, board), never for the customer.
    """

    reason: Reason
    until: datetime | None = None
    ahead: int = 0
    agents: int = 0
    detail: str = ""

    @property
    def sentence(self) -> str:
        return SENTENCES.get(self.reason, SENTENCES[Reason.UNCLEAR])


def explain(facts: RequestFacts) -> Why:
    """The reason that stands in the way right now, the nearest one first."""
    request = facts.request
    if is_told(request, facts.queue):
        # No call is made, so nothing stands in its way.
        return Why(reason=_known(facts.team))
    match request.state:
        case RequestState.SCHEDULED:
            reason = Reason.RETRY if request.rings else Reason.SCHEDULED
            return Why(reason=reason, until=request.due_at, detail=request.note)
        case RequestState.IN_PROGRESS:
            return _in_progress(facts)
        case RequestState.OFFERED:
            offered = Why(reason=Reason.OFFERED, detail="on an agent's console")
            return _on_its_way(facts) or offered
        case RequestState.QUEUED:
            return _in_line(facts)
        case _:
            return Why(reason=Reason.ENDED, detail=request.note)


def _known(team: TeamLink | None) -> Reason:
    """Whether the team knows of a request; what one of several channels told counts."""
    if team is not None and team.told_at is not None:
        return Reason.TOLD
    return Reason.NOTED if team is None or team.untold_at is None else Reason.UNTOLD


def _stopped(found: Stopped, ahead: int = 0) -> Why:
    reason = Reason(found.stop.value)
    return Why(reason=reason, until=found.until, ahead=ahead, detail=found.detail)


def _on_its_way(facts: RequestFacts) -> Why | None:
    """What keeps one that an agent has, or is being found for, from coming any further."""
    if facts.queue is None or facts.service is None:
        return None
    found = serving(facts.service, facts.queue, facts.request.region).stopped
    return _stopped(found) if found is not None and found.stop in NOT_EVEN_BEGUN else None


def _in_progress(facts: RequestFacts) -> Why:
    attempt = facts.attempt
    if attempt is None or attempt.gate_at is None:
        return _on_its_way(facts) or _before_the_gate(facts)
    if attempt.answered_at is not None:
        return Why(reason=Reason.TALKING)
    if attempt.hangup_asked_at is not None:
        return Why(reason=Reason.HANGING_UP)
    if attempt.picked_up_at is not None:
        return Why(reason=Reason.CONNECTING)
    # A line that does not report ringing stays at "dialling" until somebody answers.
    return Why(reason=Reason.DIALLING if attempt.ringing_at is None else Reason.CALLING)


def _before_the_gate(facts: RequestFacts) -> Why:
    """The call stands in the Asterisk queue: an agent's phone rings, or nobody is free yet."""
    attempt = facts.attempt
    if attempt is not None and attempt.mode.rules.customer_first:
        return Why(reason=Reason.DIALLING, detail="on the way to the gate")
    if attempt is not None and attempt.agent_rang_at is not None:
        return Why(reason=Reason.RINGING_AGENT, detail=f"rings agent {attempt.agent}")
    if attempt is not None and attempt.mode.rules.offered:
        return Why(reason=Reason.RINGING_AGENT, detail=f"about to ring agent {attempt.agent}")
    waits = "waits in the Asterisk queue"
    if facts.queue is not None and facts.service is not None:
        agents = agents_of(facts.service, facts.queue)
        if agents.known and agents.free == 0:
            nobody = Reason.ALL_BUSY if agents.logged_in else Reason.NO_AGENT
            detail = f"{waits}: {agents.logged_in} agents, none free"
            return Why(reason=nobody, agents=agents.logged_in, detail=detail)
    return Why(reason=Reason.RINGING_AGENT, detail=waits)


def _in_line(facts: RequestFacts) -> Why:
    request, queue, service = facts.request, facts.queue, facts.service
    if queue is None or service is None:
        return Why(
            reason=Reason.QUEUE_UNKNOWN,
            detail=f"callback queue {request.queue!r} is not in the configuration",
        )
    if not calling_hours.allowed(queue, request, facts.wishes, facts.now):
        due = max(facts.now, request.due_at)
        opens = calling_hours.next_allowed(queue, request, facts.wishes, due)
        return Why(reason=Reason.OUTSIDE_HOURS, until=opens, detail=request.note)
    if request.due_at > facts.now + timedelta(seconds=60):
        return Why(reason=Reason.PUT_OFF, until=request.due_at, detail=request.note)
    found = serving(service, queue, request.region)
    if found.stopped is not None:
        return _stopped(found.stopped, facts.ahead)
    return _by_agents(facts, found) or _by_the_line(facts)


def _by_agents(facts: RequestFacts, found: Serving) -> Why | None:
    agents, ahead = found.agents, facts.ahead
    if agents.free == 0:
        detail = f"{agents.logged_in} agents, none free"
        busy = agents.logged_in
        return Why(reason=Reason.ALL_BUSY, ahead=ahead, agents=busy, detail=detail)
    if found.spare.free == 0:
        left = f"{agents.free} of {agents.logged_in} agents free, left to callers (keep_free)"
        return Why(reason=Reason.AT_LIMIT, ahead=ahead, detail=left)
    return None


def _by_the_line(facts: RequestFacts) -> Why:
    """Agents are free."""
    ahead = facts.ahead
    if facts.limit is not None:
        return Why(reason=Reason.AT_LIMIT, ahead=ahead, detail=f"limit reached: {facts.limit}")
    reason = Reason.IN_LINE if ahead else Reason.NEXT
    return Why(reason=reason, ahead=ahead, detail=facts.request.note)
