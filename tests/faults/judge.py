"""The judge of every fault: the far end's log of INVITEs against the database, once healed."""

import itertools
import time
from dataclasses import dataclass, field

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.request import Request
from tests.lab import rings
from tests.lab.deployment import wall
from tests.lab.invites import Invite, digits
from tests.lab.speed import scaled
from tests.lab.waiting import LabError, until

from .case import Case, Confirmed
from .stage import CAPPED, GAP, TRIES

# Two clocks are compared, of one machine; and an INVITE is logged when its thread gets a processor.
_CLOCKS = 0.1
RECOVERED_WITHIN = 60.0
_SLOW = 20.0


@dataclass
class Verdict:
    """What one run did. All must be 0 but `rings` and `settled` (s until the last end)."""

    rings: int = 0
    double: int = 0
    lost: int = 0
    stuck: int = 0
    outside: int = 0
    settled: float = 0.0
    notes: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def count(self, breach: str) -> None:
        """breach: "double: ...", "lost: ...", "stuck: ..." or "outside: ..."."""
        kind = breach.partition(":")[0]
        setattr(self, kind, getattr(self, kind) + 1)
        self.notes.append(breach)

    @property
    def harm(self) -> int:
        """How many promises were broken."""
        return self.double + self.lost + self.stuck + self.outside

    def __iadd__(self, other: "Verdict") -> "Verdict":
        self.rings += other.rings
        self.double += other.double
        self.lost += other.lost
        self.stuck += other.stuck
        self.outside += other.outside
        self.settled = max(self.settled, other.settled)
        self.notes += other.notes
        self.remarks += other.remarks
        return self


def judge(case: Case) -> Verdict:
    """To be called when everything was healed; waits until all is over, at most a minute.

    Raises LabError if the test bed kept a customer from answering, so that nothing was shown.
    """
    verdict, began = Verdict(), time.monotonic()
    for one in case.confirmed:
        _await_end(case, one, began, verdict)
    for number in case.numbers:
        _await_number(case, number, began, verdict)
    verdict.settled = time.monotonic() - began
    try:
        case.stage.bed.pbx.wait_idle()
    except LabError:
        verdict.count(f"stuck: calls are left in Asterisk: {case.stage.bed.pbx.channels()}")
    verdict += judge_rings(case)
    return verdict


def judge_rings(case: Case) -> Verdict:
    """What can be judged at any time, over or not; and what the fault itself saw broken."""
    verdict = Verdict(remarks=list(case.remarks))
    rung = {f"+{digits(invite.number)}" for invite in case.world.invites}
    for number in sorted(case.numbers | rung):
        _judge_number(case, number, verdict)
    _judge_cap(case, verdict)
    for breach in case.breaches:
        verdict.count(breach)
    return verdict


def _await_end(case: Case, one: Confirmed, began: float, verdict: Verdict) -> None:
    stage = case.stage
    try:
        stage.record(one.secret)
    except LabError:
        verdict.count(f"lost: the confirmed request for {one.number} has no row")
        return
    left = _left(began)
    try:
        until(lambda: not stage.record(one.secret).request.open, left, "the end", 0.05)
    except LabError:
        verdict.count(f"stuck: {stage._facts(one.secret)}")
        return
    if time.monotonic() - began > _SLOW:
        verdict.remarks.append(f"slow: {stage._facts(one.secret)}")
    record = stage.record(one.secret)
    if record.request.state.value not in one.ends:
        if _rang_in_vain(case, one.number):
            raise LabError(f"nobody answered {one.number} in time: {stage._facts(one.secret)}")
        verdict.count(
            f"lost: {one.number} ended as {record.request.state}; {stage._facts(one.secret)}",
        )
    elif record.request.state.value == "completed" and not case.world.invites_for(one.number):
        verdict.count(f"lost: {one.number} is called completed, and was never rung")


def _left(began: float) -> float:
    """Seconds of the time to recover that began then: of all together, longer on a slow machine."""
    return max(0.1, scaled(RECOVERED_WITHIN) - (time.monotonic() - began))


def _rang_in_vain(case: Case, number: str) -> bool:
    """The far end let it ring as often as the policy allows: the product has kept its word."""
    heard = [[code for _, code in one.statuses] for one in case.world.invites_for(number)]
    return len([codes for codes in heard if 180 in codes and 200 not in codes]) >= TRIES


def _await_number(case: Case, number: str, began: float, verdict: Verdict) -> None:
    """Requests whose submission was never answered: they may exist, then they must end, too."""
    known = [one.number for one in case.confirmed]
    if number in known:
        return
    left = _left(began)
    try:
        until(lambda: not any(r.open for r in case.stage.requests_of(number)), left, "ends", 0.05)
    except LabError:
        verdict.count(f"stuck: the unconfirmed request for {number} is still open")


def _judge_number(case: Case, number: str, verdict: Verdict) -> None:
    requests: list[Request] = case.stage.requests_of(number)
    attempts = case.stage.attempts_for(number)
    invites = case.world.invites_for(number)
    verdict.rings += len(invites)
    expected = 1 + (number in case.anew)
    if len(requests) > expected:
        verdict.double += len(requests) - expected
        verdict.notes.append(f"double: {len(requests)} requests for {number}, not {expected}")
    if number in case.moved:
        if len(invites) > sum(one.gate_at is not None for one in attempts):
            verdict.count(f"double: {number} was rung more often than the gate said yes")
        return
    owners = _owners(invites, attempts, number, verdict)
    _judge_gaps(invites, owners, number, verdict)
    for invite, owner in zip(invites, owners, strict=True):
        if not rings._agent_on_the_line(case.world, invite):
            verdict.count(f"outside: {number} was rung with no agent on the line")
        if owner is not None and not owner.open and not owner.rung and _rang(invite):
            verdict.count(f"outside: {number} rang, and it is not counted: {owner.detail}")
        if owner is not None and wall(invite.at) > owner.gate_by.timestamp() + _CLOCKS:
            verdict.count(f"outside: {number} was rung after its attempt's time")
    claimed = [one for one in attempts if one.rung and one.disposition is not Disposition.UNKNOWN]
    if len(claimed) > len(invites):
        verdict.count(
            f"lost: {len(claimed)} attempts claim to have rung {number}, the far end saw "
            f"{len(invites)}: {[str(one.disposition) for one in attempts]}",
        )


def _rang(invite: Invite) -> bool:
    return any(180 <= status < 300 for _, status in invite.statuses)


def _owners(
    invites: list[Invite], attempts: list[Attempt], number: str, verdict: Verdict
) -> list[Attempt | None]:
    """The attempt behind each INVITE: the last one that had passed the gate by then."""
    passed = [(one.gate_at.timestamp(), one) for one in attempts if one.gate_at is not None]
    owners: list[Attempt | None] = []
    for invite in invites:
        at = wall(invite.at) + _CLOCKS
        owner = next((one for gate, one in reversed(passed) if gate <= at), None)
        if owner is None:
            verdict.count(f"double: {number} was rung, and no attempt had passed the gate")
        elif owner in owners:
            verdict.count(f"double: attempt {owner.id} rang {number} a second time")
        elif owner.ended_at is not None and owner.ended_at.timestamp() + _CLOCKS < wall(invite.at):
            verdict.count(f"double: {number} was rung after attempt {owner.id} had ended")
        owners.append(owner)
    return owners


def _judge_gaps(
    invites: list[Invite], owners: list[Attempt | None], number: str, verdict: Verdict
) -> None:
    for before, owner, after in zip(invites, owners, invites[1:], strict=False):
        end = owner.ended_at.timestamp() if owner and owner.ended_at else wall(before.at)
        gap = wall(after.at) - end
        if gap < GAP - _CLOCKS:
            verdict.count(f"double: {number} was rung again after {gap:.2f} s")


def _judge_cap(case: Case, verdict: Verdict) -> None:
    """The queue with a limit of one call at once: no ring before the call before it had ended."""
    numbers = [
        one for one in case.numbers if any(r.queue == CAPPED for r in case.stage.requests_of(one))
    ]
    passed = sorted(
        (one.gate_at.timestamp(), one.ended_at.timestamp() if one.ended_at else float("inf"))
        for number in numbers
        for one in case.stage.attempts_for(number)
        if one.gate_at is not None
    )
    for (_, ended), (gate, _) in itertools.pairwise(passed):
        if gate < ended:
            verdict.count("outside: two calls at once at a limit of one")
