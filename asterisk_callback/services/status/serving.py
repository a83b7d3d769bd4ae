"""Who can serve a callback queue now: asked by all that say when the next call comes, so that form,
status page, API, board and `why` never differ.

What keeps every call from going out comes first. Then the agents: in preview those at an open
console with a phone that can be rung, else those whom the Asterisk queue rings.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from asterisk_callback.domain.account import Role, User
from asterisk_callback.domain.alarm import STOPS, AlarmName
from asterisk_callback.domain.hold import over
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.queue import CallbackQueue
from asterisk_callback.domain.trunk import Trunk, trunk_paused_until
from asterisk_callback.services.ports import Transaction
from asterisk_callback.services.status.in_hand import busy


class Stop(StrEnum):
    """Why nobody can be called just now. Each is a reason of services/why.py, which has its words;
    part of the API."""

    NOTED = "noted"  # this queue makes no calls: a team is told
    HELD = "held"
    NO_DISPATCHER = "no_dispatcher"
    ASTERISK_DOWN = "asterisk_down"
    SYSTEM_FAULT = "system_fault"
    LINE_DOWN = "line_down"
    QUEUE_UNKNOWN = "queue_unknown"
    NO_AGENT = "no_agent"


# Also those who are on their way to an agent come no further then.
NOT_EVEN_BEGUN = frozenset({Stop.HELD, Stop.NO_DISPATCHER, Stop.ASTERISK_DOWN, Stop.SYSTEM_FAULT})


@dataclass(frozen=True, kw_only=True, slots=True)
class Stopped:
    """until: when it ends, if that is known (aware UTC). detail: for the company's own people."""

    stop: Stop
    detail: str = ""
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Serving:
    """agents: the Asterisk queue as it stands, and of its agents those who can serve callbacks of
    this queue. keep_free: so many free ones are left to live callers. stopped: None where calls can
    go out."""

    agents: QueueStatus
    keep_free: int
    stopped: Stopped | None

    @property
    def spare(self) -> QueueStatus:
        """The same, with those only who may be taken up by a callback as free."""
        free = max(0, self.agents.free - self.keep_free)
        return replace(self.agents, free=free)


def serving(tx: Transaction, queue: CallbackQueue, region: str | None = None) -> Serving:
    """region: the country that is to be called; None: not known yet, so that a fault of the line
    counts where every trunk has one."""
    agents, seated = _agents(tx, queue)
    stopped = (
        _off(tx, queue)
        or _away(tx, queue)
        or _no_way(tx, queue, queue.trunks_for(region) if region else queue.every_trunk)
        or _nobody(queue, agents, seated)
    )
    keep_free = queue.first.keep_free if queue.mode.rules.customer_first else 0
    return Serving(agents=agents, keep_free=keep_free, stopped=stopped)


def agents_of(tx: Transaction, queue: CallbackQueue) -> QueueStatus:
    """The Asterisk queue as it stands, with the agents who can serve callbacks of this queue.
    Unknown while nobody of ours hears of it: what was heard last is of another time."""
    return QueueStatus() if _away(tx, queue) else _agents(tx, queue)[0]


def at_consoles(tx: Transaction, queue: CallbackQueue) -> Sequence[User]:
    """The agents of this callback queue whose console is open, with a phone of their own that may
    be rung."""
    at_work = tx.consoles.open_users()
    if not at_work:
        return ()
    return [
        user
        for user in tx.accounts.all()
        if user.id in at_work
        and user.member
        and queue.preview.members.allow(user.member)
        and user.may(Role.AGENT, queue.name)
    ]


def able_agents(
    tx: Transaction, queue: CallbackQueue, free: Collection[str], seated: Sequence[User]
) -> Sequence[User]:
    """Return who can be offered a callback now: of those at open consoles, the ones whose phone is
    free and who have nothing in hand. free: the phones that Asterisk would ring."""
    wrap_up_for = queue.preview.wrap_up_for
    return [one for one in seated if one.member in free and not busy(tx, one, wrap_up_for)]


def _agents(tx: Transaction, queue: CallbackQueue) -> tuple[QueueStatus, int]:
    """And how many sit at open consoles, where that counts."""
    facts = tx.servers.queue_facts(queue.server, queue.asterisk_queue)
    if not queue.mode.rules.offered or not facts.known:
        return facts, 0
    seated = at_consoles(tx, queue)
    members = tx.queue_members.of(queue.server, queue.asterisk_queue) if seated else ()
    there = {one.interface for one in members if not one.away}
    able = [user for user in seated if user.member in there]
    free = able_agents(tx, queue, {one.interface for one in members if one.free}, seated)
    found = replace(facts, logged_in=len(able), free=len(free), one_more=False)
    return found, len(seated)


def _off(tx: Transaction, queue: CallbackQueue) -> Stopped | None:
    """By somebody's will."""
    if not queue.mode.rules.makes_calls:
        return Stopped(stop=Stop.NOTED)
    hold = over(tx.holds.active(), queue.name)
    return Stopped(stop=Stop.HELD, detail=str(hold)) if hold is not None else None


def _away(tx: Transaction, queue: CallbackQueue) -> Stopped | None:
    """Nobody of ours could ask Asterisk for a call."""
    mine = [one for one in tx.servers.all() if one.server == queue.server and one.alive(tx.now)]
    if not mine:
        return Stopped(stop=Stop.NO_DISPATCHER, detail="no dispatcher is running")
    if not any(one.ready for one in mine):
        # Its alarm tells what will not pass by itself, as a restart does.
        standing = {one.name for one in tx.alarms.standing() if one.server == queue.server}
        fault = standing & set(STOPS) - {AlarmName.NO_LINK}
        stop = Stop.SYSTEM_FAULT if fault else Stop.ASTERISK_DOWN
        return Stopped(stop=stop, detail=mine[0].reason)
    return None


def _no_way(tx: Transaction, queue: CallbackQueue, trunks: Sequence[Trunk]) -> Stopped | None:
    """Every trunk that it could take pauses."""
    rests: list[tuple[datetime, str]] = []
    for trunk in trunks:
        tail = tx.limits.trunk_history(queue.server, trunk.name)
        until = trunk_paused_until(tail, trunk, tx.now)
        if until is None:
            return None
        rests.append((until, f"trunk {trunk.name!r} failed {tail.faults} times in a row"))
    until, detail = min(rests)
    return Stopped(stop=Stop.LINE_DOWN, until=until, detail=detail)


def _nobody(queue: CallbackQueue, agents: QueueStatus, seated: int) -> Stopped | None:
    """Calls could go out, but there is no agent to serve them."""
    if not agents.known:
        detail = f"Asterisk has no queue {queue.asterisk_queue!r}"
        return Stopped(stop=Stop.QUEUE_UNKNOWN, detail=detail)
    if agents.logged_in:
        return None
    detail = f"no agent of {queue.asterisk_queue!r} can be rung (logged out or paused)"
    if queue.mode.rules.offered and not seated:
        detail = "no agent of this queue has the console open"
    elif queue.mode.rules.offered:
        detail = f"no agent at an open console can be rung in {queue.asterisk_queue!r}"
    return Stopped(stop=Stop.NO_AGENT, detail=detail)
