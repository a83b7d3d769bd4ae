"""Who can serve a callback queue now: asked by all that say when the next call comes, so that form,
status page, API, board and `why` never differ.

What keeps every call from going out comes first. Then the agents: in preview those at an open
console with a phone that can be rung, else those whom the Asterisk queue rings.

`read_service` reads the facts, of one queue or of all that a board shows; the rules are functions
of these facts.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from asterisk_callback.domain.account import Role, User, UserId
from asterisk_callback.domain.alarm import STOPS, AlarmName
from asterisk_callback.domain.hold import Hold, over
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.queue import CallbackQueue
from asterisk_callback.domain.queue_member import Member
from asterisk_callback.domain.server import ServerHealth
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
class AgentFacts:
    """The agents of one callback queue."""

    status: QueueStatus  # The Asterisk queue, with those agents who can serve this callback queue.
    seated: int = 0  # Agents at open consoles, where that counts.


@dataclass(frozen=True, kw_only=True, slots=True)
class TrunkPause:
    """A trunk that failed, and is left alone."""

    until: datetime  # Aware UTC.
    faults: int  # In a row.


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceFacts:
    """What is known of who can serve some callback queues, all read at one instant."""

    now: datetime  # Aware UTC.
    holds: Sequence[Hold]  # Of dialling.
    servers: Sequence[ServerHealth]
    faulty: frozenset[str]  # Of servers that are not ready: those with a fault that stays.
    agents: Mapping[str, AgentFacts]  # By callback queue.
    pauses: Mapping[tuple[str, str], TrunkPause]  # By server and trunk: those that pause.


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


def serving(facts: ServiceFacts, queue: CallbackQueue, region: str | None = None) -> Serving:
    """region: the country that is to be called; None: not known yet, so that a fault of the line
    counts where every trunk has one."""
    agents = facts.agents[queue.name]
    stopped = (
        _off(facts, queue)
        or _away(facts, queue)
        or _no_way(facts, queue, trunks_to(queue, region))
        or _nobody(queue, agents)
    )
    keep_free = queue.first.keep_free if queue.mode.rules.customer_first else 0
    return Serving(agents=agents.status, keep_free=keep_free, stopped=stopped)


def agents_of(facts: ServiceFacts, queue: CallbackQueue) -> QueueStatus:
    """The Asterisk queue as it stands, with the agents who can serve callbacks of this queue.
    Unknown while nobody of ours hears of it: what was heard last is of another time."""
    return QueueStatus() if _away(facts, queue) else facts.agents[queue.name].status


def trunks_to(queue: CallbackQueue, region: str | None) -> Sequence[Trunk]:
    """The trunks by which a call could leave. region: as in `serving`."""
    return queue.trunks_for(region) if region else queue.every_trunk


def read_service(
    tx: Transaction, queues: Iterable[CallbackQueue], region: str | None = None
) -> ServiceFacts:
    """Reads what `serving` says of these queues. region: of the one that is to be called; None: of
    any. The number of statements follows queues, trunks and agents, never requests."""
    queues = tuple(queues)
    servers = tx.servers.all()
    names = {queue.server for queue in queues}
    waits = any(one.server in names and one.alive(tx.now) and not one.ready for one in servers)
    return ServiceFacts(
        now=tx.now,
        holds=tx.holds.active(),
        servers=servers,
        faulty=_faulty(tx) if waits else frozenset(),
        agents=_agents(tx, queues),
        pauses=_pauses(tx, queues, region),
    )


def _faulty(tx: Transaction) -> frozenset[str]:
    """The servers of which an alarm tells what will not pass by itself, as a restart does."""
    faults = set(STOPS) - {AlarmName.NO_LINK}
    return frozenset(one.server for one in tx.alarms.standing() if one.name in faults)


def _pauses(
    tx: Transaction, queues: Iterable[CallbackQueue], region: str | None
) -> Mapping[tuple[str, str], TrunkPause]:
    trunks = {
        (queue.server, trunk.name): trunk for queue in queues for trunk in trunks_to(queue, region)
    }
    found = {}
    for (server, name), trunk in trunks.items():
        tail = tx.limits.trunk_history(server, name)
        until = trunk_paused_until(tail, trunk, tx.now)
        if until is not None:
            found[server, name] = TrunkPause(until=until, faults=tail.faults)
    return found


def at_consoles(tx: Transaction, queue: CallbackQueue) -> Sequence[User]:
    """The agents of this callback queue whose console is open, with a phone of their own that may
    be rung."""
    return _seated(queue, _console_users(tx))


def able_agents(
    tx: Transaction, queue: CallbackQueue, free: Collection[str], seated: Sequence[User]
) -> Sequence[User]:
    """Return who can be offered a callback now: of those at open consoles, the ones whose phone is
    free and who have nothing in hand. free: the phones that Asterisk would ring."""
    wrap_up_for = queue.preview.wrap_up_for
    return [one for one in seated if one.member in free and not busy(tx, one, wrap_up_for)]


def _console_users(tx: Transaction) -> Sequence[User]:
    at_work = tx.consoles.open_users()
    return [user for user in tx.accounts.all() if user.id in at_work] if at_work else ()


def _seated(queue: CallbackQueue, users: Iterable[User]) -> Sequence[User]:
    return [
        user
        for user in users
        if user.member
        and queue.preview.members.allow(user.member)
        and user.may(Role.AGENT, queue.name)
    ]


def _agents(tx: Transaction, queues: Sequence[CallbackQueue]) -> Mapping[str, AgentFacts]:
    places = dict.fromkeys((queue.server, queue.asterisk_queue) for queue in queues)
    heard = {place: tx.servers.queue_facts(*place) for place in places}
    offered = [one for one in queues if one.mode.rules.offered and heard[_place(one)].known]
    users = _console_users(tx) if offered else ()
    members = {
        place: tx.queue_members.of(*place)
        for place in (dict.fromkeys(map(_place, offered)) if users else ())
    }
    at_work: dict[tuple[UserId, timedelta], bool] = {}

    def idle(user: User, wrap_up_for: timedelta) -> bool:
        """An agent of several queues is asked about once."""
        key = (user.id, wrap_up_for)
        if key not in at_work:
            at_work[key] = busy(tx, user, wrap_up_for)
        return not at_work[key]

    found = {queue.name: AgentFacts(status=heard[_place(queue)]) for queue in queues}
    for queue in offered:
        seated = _seated(queue, users)
        here = members.get(_place(queue), ())
        found[queue.name] = _at_phones(heard[_place(queue)], queue, seated, here, idle)
    return found


def _place(queue: CallbackQueue) -> tuple[str, str]:
    return queue.server, queue.asterisk_queue


def _at_phones(
    status: QueueStatus,
    queue: CallbackQueue,
    seated: Sequence[User],
    members: Sequence[Member],
    idle: Callable[[User, timedelta], bool],
) -> AgentFacts:
    """Of a queue whose agents are offered callbacks: those at consoles, by their phones."""
    there = {one.interface for one in members if not one.away}
    free = {one.interface for one in members if one.free}
    able = [one for one in seated if one.member in free and idle(one, queue.preview.wrap_up_for)]
    logged_in = sum(one.member in there for one in seated)
    status = replace(status, logged_in=logged_in, free=len(able), one_more=False)
    return AgentFacts(status=status, seated=len(seated))


def _off(facts: ServiceFacts, queue: CallbackQueue) -> Stopped | None:
    """By somebody's will."""
    if not queue.mode.rules.makes_calls:
        return Stopped(stop=Stop.NOTED)
    hold = over(facts.holds, queue.name)
    return Stopped(stop=Stop.HELD, detail=str(hold)) if hold is not None else None


def _away(facts: ServiceFacts, queue: CallbackQueue) -> Stopped | None:
    """Nobody of ours could ask Asterisk for a call."""
    mine = [one for one in facts.servers if one.server == queue.server and one.alive(facts.now)]
    if not mine:
        return Stopped(stop=Stop.NO_DISPATCHER, detail="no dispatcher is running")
    if not any(one.ready for one in mine):
        stop = Stop.SYSTEM_FAULT if queue.server in facts.faulty else Stop.ASTERISK_DOWN
        return Stopped(stop=stop, detail=mine[0].reason)
    return None


def _no_way(facts: ServiceFacts, queue: CallbackQueue, trunks: Sequence[Trunk]) -> Stopped | None:
    """Every trunk that it could take pauses."""
    rests: list[tuple[datetime, str]] = []
    for trunk in trunks:
        pause = facts.pauses.get((queue.server, trunk.name))
        if pause is None:
            return None
        rests.append((pause.until, f"trunk {trunk.name!r} failed {pause.faults} times in a row"))
    until, detail = min(rests)
    return Stopped(stop=Stop.LINE_DOWN, until=until, detail=detail)


def _nobody(queue: CallbackQueue, agents: AgentFacts) -> Stopped | None:
    """Calls could go out, but there is no agent to serve them."""
    if not agents.status.known:
        detail = f"Asterisk has no queue {queue.asterisk_queue!r}"
        return Stopped(stop=Stop.QUEUE_UNKNOWN, detail=detail)
    if agents.status.logged_in:
        return None
    detail = f"no agent of {queue.asterisk_queue!r} can be rung (logged out or paused)"
    if queue.mode.rules.offered and not agents.seated:
        detail = "no agent of this queue has the console open"
    elif queue.mode.rules.offered:
        detail = f"no agent at an open console can be rung in {queue.asterisk_queue!r}"
    return Stopped(stop=Stop.NO_AGENT, detail=detail)
