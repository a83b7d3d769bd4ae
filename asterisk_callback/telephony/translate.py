"""AMI events to reports of the domain, tested on recorded streams. What needs more than one event
is remembered by Dials alone."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from asterisk_callback.domain.attempt import Token, is_token
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.gate import RefusalReason
from asterisk_callback.domain.progress import (
    AgentAnswers,
    AgentLeaves,
    AgentRings,
    AttemptEnds,
    CustomerAnswers,
    CustomerRings,
    Report,
)
from asterisk_callback.telephony import contract, dials, gate_word
from asterisk_callback.telephony.causes import BEHIND_A_DIALPLAN, DialResult, judge
from asterisk_callback.telephony.dials import Dials, Seen
from asterisk_callback.telephony.event_filter import together

Event = Mapping[str, str]
_PICKUP = "Pickup"
_PREVIEW = contract.CONTEXT_PREVIEW.removeprefix("callback")
GivesRinging = Callable[[Token], bool]


@dataclass(frozen=True, slots=True)
class Context:
    """What an event alone does not say. gives_ringing: whether the trunk of that attempt reports
    ringing; dials: what was dialled in that call before."""

    gives_ringing: GivesRinging = lambda _: True
    dials: Dials = field(default_factory=Dials)


def translate(event: Event, context: Context | None = None) -> Report | None:
    """The report that an event makes of one of our attempts; None for everything else."""
    context = context or Context()
    context.dials.take(event)
    reader = _READERS.get(event.get("Event", ""))
    return reader(event, context) if reader else None


def left_outcome(token: Token, value: str, gives_ringing: bool) -> AttemptEnds | None:
    """The outcome that a customer leg left in AstDB; None if it is not in our form."""
    parts = value.split("|")
    if parts[0] == contract.LEFT_FIRST and len(parts) == len(contract.FIRST_FIELDS) + 1:
        return _first_ended(token, dict(zip(contract.FIRST_FIELDS, parts[1:], strict=True)))
    if len(parts) != len(contract.OUTCOME_FIELDS):
        return None
    fields = dict(zip(contract.OUTCOME_FIELDS, parts, strict=True))
    return _ended(token, fields, gives_ringing, None)


def _agent_rings(event: Event, _: Context) -> Report | None:
    token = contract.token_of(event.get("Uniqueid", ""))
    return AgentRings(token=token, agent=_name(event), member=_interface(event)) if token else None


def _agent_answers(event: Event, context: Context) -> Report | None:
    token = contract.token_of(event.get("Uniqueid", ""))
    if token is None:
        return None
    seen = context.dials.seen(token)
    return AgentAnswers(
        token=token,
        agent=_name(event),
        member=_interface(event),
        alone=seen is not None and seen.announced,
    )


def _handed_on(event: Event, _: Context) -> Report | None:
    """A transfer of any kind, by whoever is on the agent's side. The customer's own is none: then
    the transferee would be the half that dials the customer."""
    uniqueid = event.get("TransfereeUniqueid", "")
    token = contract.token_of(uniqueid)
    if token is None or contract.is_customer_half(uniqueid) or event.get("Result") != "Success":
        return None
    return AgentLeaves(token=token)


def picked_up(event: Event) -> tuple[Token, str] | None:
    """A colleague took the call from an agent's ringing phone: the attempt, and the device that
    took it, such as PJSIP/1002. None for any other event."""
    token = contract.token_of(event.get("TargetLinkedid", ""))
    if event.get("Event") != _PICKUP or token is None:
        return None
    # A channel is named after its device, with a serial number behind the last dash.
    return token, event.get("Channel", "").rpartition("-")[0]


def _dial_state(event: Event, context: Context) -> Report | None:
    status = event.get("DialStatus")
    own = _own_phone(event)
    if own and status in ("RINGING", "PROGRESS"):
        return AgentRings(token=own, agent="")
    # PROGRESS is early media, by which carriers announce refusals: what it was, the end tells.
    token = context.dials.customers(event) if status == "RINGING" else None
    return CustomerRings(token=token) if token else None


def _dial_end(event: Event, context: Context) -> Report | None:
    if event.get("DialStatus") != "ANSWER":
        return None
    own = _own_phone(event)
    if own:
        return AgentAnswers(token=own, agent="")
    token = context.dials.customers(event)
    return CustomerAnswers(token=token) if token else None


def _leg(event: Event, context: Context) -> Report | None:
    text = event.get("Token", "")
    if event.get("UserEvent") != contract.EVENT_LEG or not is_token(text):
        return None
    token = Token(text)
    seen = context.dials.seen(token)
    match event.get("Leg"):
        case "customer" if gate_word.unheard(event):
            silent = Disposition.REFUSED
            return AttemptEnds(
                token=token, disposition=silent, rung=False, detail=str(RefusalReason.SILENT)
            )
        case "customer":
            return _ended(token, event, context.gives_ringing(token), seen)
        case "line":
            # customer-first: the leg that dialled was answered, if only by an announcement.
            announced = seen is not None and seen.announced
            return _ended(token, event, context.gives_ringing(token), seen) if announced else None
        case "first":
            return None if seen is not None and seen.announced else _first_ended(token, event)
        case "own":
            return _own_ended(token, event)
    # Empty after a call that an agent answered: then the customer leg tells the end.
    status = event.get("QueueStatus", "")
    if not status:
        return None
    nobody = Disposition.AGENT_NO_ANSWER if status == "TIMEOUT" else Disposition.NO_AGENT
    return AttemptEnds(token=token, disposition=nobody, rung=False, detail=f"queue: {status}")


def _originate_response(event: Event, _: Context) -> Report | None:
    """A failure ends the attempt. Reason says little and is only kept for the reader.

    Matched by ActionID alone: a failure of a second Originate would carry the Uniqueid of the
    live call.
    """
    text = event.get("ActionID", "")
    if event.get("Response") != "Failure" or not is_token(text):
        return None
    return AttemptEnds(
        token=Token(text),
        disposition=Disposition.NO_AGENT,
        rung=False,
        detail=f"originate failed, reason {event.get('Reason', '?')}",
    )


_READERS: dict[str, Callable[[Event, Context], Report | None]] = {
    "AgentCalled": _agent_rings,
    "AgentConnect": _agent_answers,
    "BlindTransfer": _handed_on,
    "AttendedTransfer": _handed_on,
    "DialState": _dial_state,
    "DialEnd": _dial_end,
    "UserEvent": _leg,
    "OriginateResponse": _originate_response,
}
# Those that name no channel of ours: it is the ActionID that is a token of ours.
_OTHERS = {"UserEvent": contract.USER_EVENT_OF_OURS, "OriginateResponse": ""}
TRANSLATED = together(
    dials.NEEDED,
    {name: _OTHERS.get(name, contract.EVENT_OF_OURS) for name in (*_READERS, _PICKUP)},
)


def _ended(token: Token, fields: Event, gives_ringing: bool, seen: Seen | None) -> AttemptEnds:
    cause, line = fields.get("Cause", ""), fields.get("Line", "")
    rang, early = bool(fields.get("RingMs")), bool(fields.get("ProgressMs"))
    behind = seen if line == BEHIND_A_DIALPLAN else None
    if behind is not None:
        # Dial()'s own times are those of the Local channel: a ringing tone may be the PBX's own.
        rang, early = behind.rang, behind.early
    ending = DialResult(
        dialstatus=fields.get("DialStatus", ""),
        cause=int(cause) if cause.isdigit() else None,
        tech=fields.get("TechCause", ""),
        rang=rang,
        early=early,
        gate=bool(fields.get("Gate")),
        line=line,
        answered=behind.answered if behind is not None else None,
    )
    verdict = judge(ending, gives_ringing=gives_ringing)
    codes = re.findall(r"SIP \d{3}", ending.tech)
    said = (ending.dialstatus, *codes, cause and f"cause {cause}")
    return AttemptEnds(
        token=token,
        disposition=verdict.disposition,
        rung=verdict.rung,
        cause=ending.cause,
        detail=", ".join(word for word in said if word),
        talked=_milliseconds(fields.get("AnsweredMs", "")),
    )


def _milliseconds(text: str) -> timedelta | None:
    return timedelta(milliseconds=int(text)) if text.isascii() and text.isdigit() else None


# preview: the agent asked for this call, and their own phone did not take it. Answered: then the
# customer leg tells the end.
_OWN = {
    "NOANSWER": Disposition.AGENT_NO_ANSWER,
    "BUSY": Disposition.AGENT_REJECTED,
    "CANCEL": Disposition.AGENT_GONE,
    "CHANUNAVAIL": Disposition.NO_AGENT,
    "CONGESTION": Disposition.NO_AGENT,
}


def _own_ended(token: Token, fields: Event) -> AttemptEnds | None:
    status = fields.get("DialStatus", "")
    disposition = _OWN.get(status)
    if disposition is None:
        return None
    said = f"the agent's own phone: {status}"
    return AttemptEnds(token=token, disposition=disposition, rung=False, detail=said)


def _first_ended(token: Token, fields: Event) -> AttemptEnds:
    """customer-first: the customer had answered. What became of it until an agent came?"""
    heard, status = fields.get("Heard", ""), fields.get("QueueStatus", "")
    if heard == contract.HEARD_MACHINE:
        disposition, said = Disposition.MACHINE, "an answering machine"
    elif heard == contract.HEARD_NO_KEY:
        # Somebody, or something, picked up and did not want the call now: as if nobody had.
        disposition, said = Disposition.NO_ANSWER, "picked up, and no key was pressed"
    elif fields.get("Bridged"):
        disposition, said = Disposition.ANSWERED, "ANSWER"
    else:
        disposition = Disposition.ABANDONED
        said = f"picked up, no agent came: {status}" if status else "hung up before an agent came"
    return AttemptEnds(token=token, disposition=disposition, rung=True, detail=said)


def _own_phone(event: Event) -> Token | None:
    """preview: the token if it is the agent's own phone that is dialled."""
    # the token says whose it is; the context may have an instance's name in it
    if not event.get("Context", "").endswith(_PREVIEW):
        return None
    return contract.token_of(event.get("Uniqueid", ""))


def _name(event: Event) -> str:
    return event.get("MemberName") or event.get("Interface") or "?"


def _interface(event: Event) -> str | None:
    return event.get("Interface") or None
