"""How a customer leg ended: from what Asterisk says to our disposition. The only table of causes.

A trunk's fault looks like the customer's if one reads DIALSTATUS alone: a trunk that refuses us and
a customer who declines both give CHANUNAVAIL with hangup cause 21. What tells them apart is the SIP
status (RFC 3261 section 21; RFC 3398 section 8.2.6.1 maps it to Q.850) and whether the far end
ever gave a sign of ringing. Early media (183) is no such sign: carriers announce with it that they
refuse.
"""

import re
from dataclasses import dataclass, replace

from asterisk_callback.domain.disposition import Disposition as D

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
    607: D.REJECTED,  # RFC 8197: unwanted
    608: D.REJECTED,  # RFC 8688: rejected on their behalf
    # The far end knows the number and can't reach the phone (switched off): the line works, and
    # the customer can't be had now, which is a no answer.
    480: D.NO_ANSWER,
    401: D.TRUNK_FAULT,
    402: D.TRUNK_FAULT,
    403: D.TRUNK_FAULT,
    407: D.TRUNK_FAULT,
    408: D.TRUNK_FAULT,
    503: D.CONGESTION,
}
_BY_DIALSTATUS = {
    "BUSY": D.BUSY,
    "CONGESTION": D.CONGESTION,
}
SIP_LINES = frozenset({"PJSIP", "SIP"})
BEHIND_A_DIALPLAN = "Local"
_CANCELLED_BY_US = 487
# Several channels may have been dialled behind a Local line: the furthest that one got decides.
_FURTHEST = (D.BUSY, D.REJECTED, D.NO_ANSWER, D.INVALID_NUMBER)


@dataclass(frozen=True, kw_only=True, slots=True)
class DialResult:
    """What the hangup handler knows. rang: the far end gave a sign of ringing; early: it sent early
    media.

    tech: what each dialled channel says, such as "PJSIP SIP 403+IAX2 +": its technology and, of a
    SIP line, its last response; line: the channel technology that was dialled; gate: the dialplan
    saw the gate's yes. answered, of a line behind a Local channel: a real channel answered; False:
    all events of the attempt were seen, and none did; None: events are missing.
    """

    dialstatus: str
    cause: int | None
    tech: str
    rang: bool
    gate: bool
    line: str = ""
    early: bool = False
    answered: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DialVerdict:
    disposition: D
    rung: bool


def judge(ending: DialResult, *, gives_ringing: bool = True) -> DialVerdict:
    """The disposition of an attempt whose agent had answered.

    gives_ringing: False for lines without a ringing signal; then Dial itself counts as a ring.
    """
    if not ending.gate or not ending.dialstatus:
        return DialVerdict(disposition=D.AGENT_GONE, rung=False)
    if ending.dialstatus == "ANSWER":
        return _answered(ending, gives_ringing)
    said = _Said.by(ending.tech)
    rang = ending.rang or not gives_ringing
    if ending.dialstatus == "CANCEL" and not said.failed:
        # A "SIP 100" and then our CANCEL: the phone may have rung before the news of it reached us.
        begun = rang or ending.early or said.spoke
        return DialVerdict(disposition=D.ABANDONED if begun else D.AGENT_GONE, rung=begun)
    if rang:
        return DialVerdict(disposition=_after_ringing(ending, said), rung=True)
    if _cut_short(ending, said):
        return DialVerdict(disposition=D.UNKNOWN, rung=True)
    if ending.dialstatus == "NOANSWER" and not said.failed:
        # Our own time-out. A carrier may never send more than 183. After a bare 100 the phone may
        # have rung as well, but a line that never says so is at fault.
        if ending.early:
            return DialVerdict(disposition=D.NO_ANSWER, rung=True)
        if said.spoke:
            return DialVerdict(disposition=D.TRUNK_FAULT, rung=True)
    disposition = _without_ringing(ending, said)
    # A verdict may stand although nothing rang, and count as a try of the customer's all the same.
    return DialVerdict(disposition=disposition, rung=disposition.rule.rings)


def _answered(ending: DialResult, gives_ringing: bool) -> DialVerdict:
    """Behind a Local line the PBX's own announcement may be all that answered."""
    said = _Said.by(ending.tech)
    answered = ending.answered
    if ending.line != BEHIND_A_DIALPLAN:
        answered = True
    elif answered is None:
        # Events are missing: the channels' own causes decide.
        if not said.answered and not said.failed:
            return DialVerdict(disposition=D.UNKNOWN, rung=True)
        answered = said.answered
    if answered:
        return DialVerdict(disposition=D.ANSWERED, rung=True)
    # As if nothing had answered; where the line had not refused, the PBX had given up on it.
    unanswered = "CHANUNAVAIL" if said.failed else "NOANSWER"
    return judge(replace(ending, dialstatus=unanswered, cause=None), gives_ringing=gives_ringing)


def _cut_short(ending: DialResult, said: "_Said") -> bool:
    """Asterisk itself ended the Dial, shutting down: the INVITE was out, the far end had not
    refused it, and its phone may have rung. Every fault of a line has a cause of its own (measured
    on 22 and 16: no endpoint or an unreachable one 3; TCP refused or no such host 34)."""
    if ending.dialstatus != "CHANUNAVAIL" or ending.line not in SIP_LINES:
        return False
    return said.spoke or (not said.codes and ending.cause == 0)


def _after_ringing(ending: DialResult, said: "_Said") -> D:
    """It rang, so whatever ended it was not a dead line: busy, declined, or not answered."""
    by_sip = said.verdict
    if by_sip in (D.BUSY, D.REJECTED):
        return by_sip
    if ending.dialstatus == "BUSY":
        return D.BUSY
    return D.REJECTED if ending.cause == CALL_REJECTED else D.NO_ANSWER


def _without_ringing(ending: DialResult, said: "_Said") -> D:
    by_sip = said.verdict
    if by_sip is not None:
        return by_sip
    if ending.dialstatus == "BUSY" and (said.sip or ending.line in SIP_LINES):
        # Not a 486: the far end sent us elsewhere (302), and Dial's option i did not follow.
        return D.TRUNK_FAULT
    by_status = _BY_DIALSTATUS.get(ending.dialstatus)
    if by_status is not None:
        return by_status
    if ending.dialstatus == "CHANUNAVAIL" and ending.cause in NO_SUCH_NUMBER:
        return D.INVALID_NUMBER
    return D.TRUNK_FAULT


@dataclass(frozen=True, slots=True)
class _Said:
    """What the dialled channels said: the SIP codes, and the technologies of those without one."""

    codes: tuple[int, ...]
    silent: tuple[str, ...]

    @classmethod
    def by(cls, tech: str) -> "_Said":
        parts = [part.strip() for part in tech.split("+") if part.strip()]
        codes = tuple(int(code) for code in re.findall(r"\bSIP (\d{3})\b", tech))
        return cls(codes, tuple(part for part in parts if not re.search(r"\bSIP \d", part)))

    @property
    def sip(self) -> bool:
        """A SIP line was dialled."""
        return bool(self.codes) or any(one in SIP_LINES for one in self.silent)

    @property
    def answered(self) -> bool:
        """By the keys alone: DAHDI, IAX2 and GSM lines have one only once the far end hung up."""
        other = any(one not in (*SIP_LINES, BEHIND_A_DIALPLAN) for one in self.silent)
        return other or any(200 <= code < 300 for code in self.codes)

    @property
    def spoke(self) -> bool:
        """The far end had the call, and did not refuse it."""
        return any(100 <= code < 200 or code == _CANCELLED_BY_US for code in self.codes)

    @property
    def failed(self) -> bool:
        """The far end refused, and nothing that was dialled beside it got further."""
        refused = any(code >= 300 and code != _CANCELLED_BY_US for code in self.codes)
        return refused and not (self.spoke or self.answered)

    @property
    def verdict(self) -> D | None:
        found = [_BY_SIP[code] for code in self.codes if code in _BY_SIP]
        return next((one for one in _FURTHEST if one in found), found[-1] if found else None)
