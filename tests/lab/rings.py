"""The oracle: what the product wrote down, held against the far end's own log of INVITEs."""

import time
from collections.abc import Iterator

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.mode import DeliveryMode

from .deployment import Deployment, wall
from .harm import Harm
from .invites import Invite, digits
from .speed import scaled
from .world import World

# Two clocks are compared (the database's and this process's), of one machine.
_CLOCKS = 0.05
# A phone's SIP message is on its way before its Asterisk writes the event that we see.
_EVENTS = 0.5


def assert_rings(lab: Deployment, secret: str, count: int) -> None:
    """The far end saw exactly `count` calls to the number behind `secret`, all accounted for."""
    number = lab.record(secret).request.e164
    seen = lab.bed.world.invites_for(number)
    told = f"the far end saw {len(seen)} calls instead of {count}"
    if len(seen) > count:
        raise Harm(told)
    assert len(seen) == count, told
    check_number(lab, number)


def check_all(lab: Deployment) -> None:
    """The oracle for every number that the far end was asked for (P2, P3, P5, P11, P16)."""
    for number in sorted({digits(invite.number) for invite in lab.bed.world.invites}):
        check_number(lab, number)


def check_number(lab: Deployment, number: str) -> None:
    """Every call to `number` belongs to one attempt that passed the gate, and the reverse."""
    passed = [one for one in lab.attempts_for(number) if one.gate_at is not None]
    left = list(passed)
    for invite in lab.bed.world.invites_for(number):
        owner = next((one for one in left if _belongs(invite, one)), None)
        if owner is None:
            raise Harm(
                f"a call to {number} that no attempt accounts for: at {wall(invite.at):.3f}, "
                f"attempts {[_times(one) for one in passed]}"
            )
        left.remove(owner)
        # In customer-first the customer is dialled before any agent (docs/decisions/0011).
        if owner.mode is not DeliveryMode.CUSTOMER_FIRST and not _agent_on_the_line(
            lab.bed.world, invite
        ):
            raise Harm(
                f"{number} was rung at {wall(invite.at):.3f} with no agent on the line: "
                f"{list(_agent_calls(lab.bed.world))}"
            )
    for one in left:
        # Passed the gate, and the agent (or the PBX) was gone before Dial: nobody was rung.
        assert one.open or one.disposition in (Disposition.AGENT_GONE, Disposition.UNKNOWN), (
            f"attempt {one.id} is recorded as {one.disposition}, but the far end saw no call"
        )


def _belongs(invite: Invite, attempt: Attempt) -> bool:
    assert attempt.gate_at is not None
    end = attempt.ended_at.timestamp() if attempt.ended_at is not None else time.time()
    return attempt.gate_at.timestamp() - _CLOCKS <= wall(invite.at) <= end + _CLOCKS


def _times(attempt: Attempt) -> tuple[float | None, float | None]:
    instants = (attempt.gate_at, attempt.ended_at)
    first, last = (moment.timestamp() if moment else None for moment in instants)
    return first, last


def _agent_on_the_line(world: World, invite: Invite) -> bool:
    late = scaled(_EVENTS)
    return any(
        answered - late <= invite.at <= ended + late for answered, ended in _agent_calls(world)
    )


def _agent_calls(world: World) -> Iterator[tuple[float, float]]:
    """When each call that an agent answered was answered and ended (time.monotonic())."""
    ami = world.asterisk.ami
    answered: dict[str, float] = {}
    for packet, at in zip(list(ami.log), list(ami.times), strict=False):
        if packet.get("Number") not in world.agents:
            continue
        if packet.get("UserEvent") == "PhoneAnswers":
            answered[packet["Uniqueid"]] = at
        elif packet.get("UserEvent") == "PhoneEnds" and packet["Uniqueid"] in answered:
            yield answered.pop(packet["Uniqueid"]), at
    for at in answered.values():
        yield at, float("inf")
