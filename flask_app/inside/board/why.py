"""Why one has not been called yet, in words for those who work here. The reasons are the core's
(services/why.py); what is written there is for customers."""

from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.services.board.board import BoardRow
from asterisk_callback.services.status.why import Reason
from flask_app.shared.moments import ReaderClock

# Every reason without a number in it. A reason that is new is said in general words (UNKNOWN) until
# it has its own; a test holds the table complete.
WORDS = {
    Reason.SCHEDULED: "The chosen time has not come yet.",
    Reason.NOTED: "No call is made here. The team is being told.",
    Reason.UNTOLD: "The team can’t be told: an alarm says why. Get in touch yourself.",
    Reason.TOLD: "No call is made here. The team was told.",
    Reason.AT_LIMIT: "As many calls as are allowed at once are under way.",
    Reason.NO_DISPATCHER: "No dispatcher is running, so nobody is called.",
    Reason.ASTERISK_DOWN: "There is no link to Asterisk, so nobody is called.",
    Reason.SYSTEM_FAULT: "Asterisk can’t place our calls: an alarm says why. Nobody is called.",
    Reason.QUEUE_UNKNOWN: "Asterisk does not know this queue.",
    Reason.NO_AGENT: "Nobody is logged in, or all are paused.",
    Reason.IN_LINE: "An agent is free; others come first.",
    Reason.NEXT: "An agent is free. Called next.",
    Reason.OFFERED: "Offered to an agent on the console.",
    Reason.RINGING_AGENT: "An agent’s phone rings.",
    Reason.DIALLING: "We are dialling.",
    Reason.CALLING: "The customer’s phone rings.",
    Reason.CONNECTING: "The customer picked up and waits for an agent.",
    Reason.HANGING_UP: "Cancelled. We are hanging up.",
    Reason.TALKING: "They are talking.",
    Reason.ENDED: "It has ended.",
    Reason.UNCLEAR: "Waiting. Why could not be found out: see the log.",
}
UNKNOWN = "Waiting."
NO_CONSOLE = "No agent has the console open, with a phone that can be rung."


def words(
    row: BoardRow, facts: QueueStatus | None, reader: ReaderClock, *, preview: bool = False
) -> str:
    """One or two sentences. preview: those can serve who have the console open."""
    nobody = preview and row.why.reason is Reason.NO_AGENT
    reason = NO_CONSOLE if nobody else _reason(row, facts, reader)
    return " ".join(part for part in (reason, _place(row)) if part)


def _reason(row: BoardRow, facts: QueueStatus | None, reader: ReaderClock) -> str:
    why = row.why
    until = reader.maybe(why.until)
    day = f" on {reader.short_date(why.until)}" if why.until and until and until.days else ""
    at = f"{until.clock}{day}" if until else ""
    match why.reason:
        case Reason.SCHEDULED if row.wish and not row.wish.asap:
            return f"They chose {at}."
        case Reason.RETRY:
            return f"Not reached. Next try at {at}."
        case Reason.PUT_OFF:
            return f"A limit was reached. Goes on at {at}."
        case Reason.OUTSIDE_HOURS:
            return f"Outside the hours. Goes on at {at}." if at else "Outside the hours."
        case Reason.HELD:
            return "Dialling is stopped."
        case Reason.LINE_DOWN:
            return f"The line has a fault. Tried again at {at}."
        case Reason.ALL_BUSY:
            many = why.agents or (facts.logged_in if facts else 0)
            return "The one agent is on a call." if many == 1 else f"All {many} are on calls."
        case Reason.DIALLING | Reason.CALLING if row.agent_waits:
            return f"An agent is on the line. {WORDS[why.reason]}"
        case _:
            return WORDS.get(why.reason, UNKNOWN)


def _place(row: BoardRow) -> str:
    if row.ahead is None or row.why.reason is Reason.NEXT:
        return ""
    return "First in line." if row.ahead == 0 else f"Number {row.ahead + 1} in line."
