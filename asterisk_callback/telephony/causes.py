"""How a customer leg ended: from what Asterisk says to our disposition. The only table of causes.

A trunk's fault looks like the customer's if one reads DIALSTATUS alone: a trunk that refuses us and
a customer who declines both give CHANUNAVAIL with hangup cause 21. What tells them apart is the SIP
status (RFC 3261 section 21; RFC 3398 section 8.2.6.1 maps it to Q.850) and whether the far end
ever gave a sign of ringing.
"""

import re
from dataclasses import dataclass

from asterisk_callback.domain.attempt import Disposition as D

# Q.850 hangup causes
NO_SUCH_NUMBER = frozenset({1, 28})  # unallocated number, invalid number format
CALL_REJECTED = 21

# SIP final responses whose meaning does not depend on anything else
_BY_SIP = {
    404: D.INVALID_NUMBER,
    410: D.INVALID_NUMBER,
    484: D.INVALID_NUMBER,
    604: D.INVALID_NUMBER,
    486: D.BUSY,
    600: D.BUSY,
    603: D.REJECTED,
    # The far end knows the number and can't reach the phone (switched off): the line works, and
    # the customer can't be had now, which is a no answer.
    480: D.NO_ANSWER,
    401: D.TRUNK_FAULT,
    402: D.TRUNK_FAULT,
    403: D.TRUNK_FAULT,
    407: D.TRUNK_FAULT,
    408: D.TRUNK_FAULT,
}
_BY_DIALSTATUS = {
    "BUSY": D.BUSY,
    "CONGESTION": D.CONGESTION,
}
_SIP_LINES = frozenset({"PJSIP", "SIP"})
# Verdicts that stand although nothing rang: they count as a try of the customer's all the same.
_COUNTS = frozenset({D.BUSY, D.REJECTED, D.NO_ANSWER})


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """What the hangup handler knows. rang: the far end gave a sign of ringing or early media.

    tech: the line's own word, such as "SIP 403"; line: the channel technology that was dialled;
    gate: the dialplan saw the gate's yes.
    """

    dialstatus: str
    cause: int | None
    tech: str
    rang: bool
    gate: bool
    line: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    disposition: D
    rung: bool


def judge(ending: Ending, *, gives_ringing: bool = True) -> Verdict:
    """The disposition of an attempt whose agent had answered.

    gives_ringing: False for lines without a ringing signal; then Dial itself counts as a ring.
    """
    if not ending.gate or not ending.dialstatus:
        return Verdict(disposition=D.AGENT_GONE, rung=False)
    if ending.dialstatus == "ANSWER":
        return Verdict(disposition=D.ANSWERED, rung=True)
    rang = ending.rang or not gives_ringing
    if ending.dialstatus == "CANCEL":
        # A "SIP 100" and then our CANCEL: the phone may have rung before the news of it reached us.
        begun = rang or 100 <= _sip(ending.tech) < 200
        return Verdict(disposition=D.ABANDONED if begun else D.AGENT_GONE, rung=begun)
    if not rang and _cut_short(ending):
        return Verdict(disposition=D.UNKNOWN, rung=True)
    disposition = _after_ringing(ending) if rang else _without_ringing(ending)
    return Verdict(disposition=disposition, rung=rang or disposition in _COUNTS)


def _cut_short(ending: Ending) -> bool:
    """Asterisk itself ended the Dial, shutting down: the INVITE was out, the far end had not
    refused it, and its phone may have rung. Every fault of a line has a cause of its own (measured
    on 22 and 16: no endpoint or an unreachable one 3; TCP refused or no such host 34)."""
    if ending.dialstatus != "CHANUNAVAIL" or ending.line not in _SIP_LINES:
        return False
    answered = _sip(ending.tech)
    return 100 <= answered < 200 or (not answered and ending.cause == 0)


def _after_ringing(ending: Ending) -> D:
    """It rang, so whatever ended it was not a dead line: busy, declined, or not answered."""
    by_sip = _BY_SIP.get(_sip(ending.tech))
    if by_sip in (D.BUSY, D.REJECTED):
        return by_sip
    if ending.dialstatus == "BUSY":
        return D.BUSY
    return D.REJECTED if ending.cause == CALL_REJECTED else D.NO_ANSWER


def _without_ringing(ending: Ending) -> D:
    by_sip = _BY_SIP.get(_sip(ending.tech))
    if by_sip is not None:
        return by_sip
    if ending.dialstatus == "BUSY" and not ending.tech and ending.line in _SIP_LINES:
        # Not a 486: the far end sent us elsewhere (302), and Dial's option i did not follow.
        return D.TRUNK_FAULT
    by_status = _BY_DIALSTATUS.get(ending.dialstatus)
    if by_status is not None:
        return by_status
    if ending.dialstatus == "CHANUNAVAIL" and ending.cause in NO_SUCH_NUMBER:
        return D.INVALID_NUMBER
    return D.TRUNK_FAULT


def _sip(tech: str) -> int:
    found = re.match(r"SIP (\d{3})\b", tech)
    return int(found.group(1)) if found else 0
