"""A trunk: where calls leave, how its last calls ended, and whether that speaks of the line or of a
number.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import NumberNotAllowed
from asterisk_callback.domain.limits import UNLIMITED, CallLimits
from asterisk_callback.domain.phone import PhoneNumber, calling_code

# So many different numbers in a row, none of which rang, and it is the line rather than them.
NUMBERS_TO_DOUBT_A_TRUNK = 2
_SIP = re.compile(r"SIP (\d{3})")
# The far end wants our credentials, or does not accept them: RFC 3261, sections 21.4.2 and 21.4.8.
_OUR_CREDENTIALS = frozenset({"401", "407"})
# Q.850 causes by which a line without a SIP code answers for one number: unallocated, rejected,
# changed, no such format.
_OF_ONE_NUMBER = frozenset({1, 21, 22, 28})


@dataclass(frozen=True, kw_only=True, slots=True)
class TrunkHistory:
    """The calls that ended over one trunk since the last one that rang.

    faults: trunk faults among them; numbers: different numbers among the faults and the wrong
    numbers, without those whose fault is known to be their own. failing: the numbers of the faults.
    of_the_line: one of the faults can only be the line's. own: each of the numbers was refused
    before, and others rang between. last_fault: when the last of them ended, aware UTC.
    open: attempts under way that have not rung yet.
    """

    faults: int = 0
    numbers: int = 0
    failing: frozenset[str] = frozenset()
    of_the_line: bool = False
    own: bool = False
    last_fault: datetime | None = None
    open: int = 0

    @property
    def doubted(self) -> bool:
        """Is it the line, as far as one can tell? One number that the carrier refuses is not."""
        return self.faults > 0 and (self.of_the_line or self.numbers >= NUMBERS_TO_DOUBT_A_TRUNK)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fate:
    """What is read of an attempt that passed the gate and ended."""

    e164: str
    ended_at: datetime
    disposition: str | None
    rung: bool
    cause: int | None = None
    detail: str = ""

    @property
    def faulty(self) -> bool:
        return self.disposition == Disposition.TRUNK_FAULT


# Which of these numbers had a fault of this trunk before that instant?
FailedBefore = Callable[[frozenset[str], datetime], frozenset[str]]


def tail_of(ended: Iterable[Fate], failed_before: FailedBefore, *, open: int) -> TrunkHistory:
    """ended: the last first. A fault that may have rung (a bare 100 for the whole ring time) proves
    nothing, and counts once for each number."""
    faults: list[Fate] = []
    wrong: set[str] = set()
    rang_at: datetime | None = None
    for one in ended:
        if one.rung and not one.faulty:
            rang_at = one.ended_at
            break
        if one.faulty and not (one.rung and any(one.e164 == other.e164 for other in faults)):
            faults.append(one)
        if one.disposition == Disposition.INVALID_NUMBER:
            wrong.add(one.e164)
    failing = frozenset(one.e164 for one in faults)
    own = failed_before(failing, rang_at) if failing and rang_at is not None else frozenset()
    return TrunkHistory(
        faults=len(faults),
        numbers=len((failing | wrong) - own),
        failing=failing,
        of_the_line=any(names_the_line(one.cause, one.detail) for one in faults),
        own=bool(failing) and failing <= own,
        last_fault=faults[0].ended_at if faults else None,
        open=open,
    )


def names_the_line(cause: int | None, detail: str) -> bool:
    """Does such a trunk fault speak of the line, whatever number was dialled? detail: as an attempt
    has it, with the far end's SIP code if it said any. Without one nobody was reached at all: the
    endpoint is missing or unreachable, or nothing answered. (BUSY: a redirection, which is the
    number's, and which we do not follow.)"""
    said = _SIP.search(detail)
    if said is not None:
        return said[1] in _OUR_CREDENTIALS
    return cause not in _OF_ONE_NUMBER and not detail.startswith("BUSY")


TRUNK_PAUSE_MAX = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Trunk:
    """Where calls leave. dial: a template with {e164} {digits} {national} {prefix}.

    country: whose national numbers {national} is right for (ISO 3166). dial_foreign: the template
    for numbers of other countries, without {national}; "": `dial` is that of all. caller_id: what
    the customer sees, digits with or without `+`. gives_ringing: the line reports ringing, so that
    a call without it is the line's fault (off for analogue lines). pause: after its first fault in
    a row; it doubles with each further one.
    """

    name: str
    dial: str
    caller_id: str
    country: str = ""
    dial_foreign: str = ""
    prefix: str = ""
    gives_ringing: bool = True
    pause: timedelta = timedelta(seconds=30)
    limits: CallLimits = UNLIMITED

    def dial_string(self, number: PhoneNumber) -> str:
        """What Dial() is given: the template with digits of a validated number in it. Raises
        NumberNotAllowed for one that this trunk does not reach."""
        if not self.reaches(number.region):
            raise NumberNotAllowed("We can’t call numbers in this country.")
        foreign = bool(self.dial_foreign) and not self._ours(number.region)
        return (self.dial_foreign if foreign else self.dial).format(
            e164=number.e164,
            digits=number.digits,
            national=number.national,
            prefix=self.prefix,
        )

    def reaches(self, region: str) -> bool:
        """Is there a template that is right for numbers of this country? {national} without the
        country's code is somebody else's number where another country's lines leave."""
        return bool(self.dial_foreign) or NATIONAL not in self.dial or self._ours(region)

    def _ours(self, region: str) -> bool:
        """Countries that share a calling code share a numbering plan (+1, +7, +44 and others)."""
        return calling_code(region) == calling_code(self.country) != 0


def trunk_paused_until(tail: TrunkHistory, trunk: Trunk, now: datetime) -> datetime | None:
    """Until when a failing trunk is left alone; None if it may be used.

    One number that the carrier refuses pauses nobody else's calls: its request backs off alone. The
    pause of a doubted trunk doubles with each fault in a row; when it is over, one call at a time
    probes.
    """
    if not tail.doubted or tail.last_fault is None:
        return None
    pause = min(trunk.pause * 2 ** min(tail.faults - 1, 10), TRUNK_PAUSE_MAX)
    until = tail.last_fault + pause
    return until if until > now else None


NATIONAL = "{national}"
