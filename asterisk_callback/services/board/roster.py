"""The roster: every agent who is logged in, as a supervisor sees them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from asterisk_callback.domain.queue import Queues
from asterisk_callback.domain.queue_member import Member, Presence, most_telling
from asterisk_callback.store import SqlStore


@dataclass(frozen=True, kw_only=True, slots=True)
class Agent:
    """name: the account's, else what Asterisk calls the member. reason: of a pause, "" for none.
    since: when the presence became what it is, aware UTC."""

    name: str
    interface: str
    presence: Presence
    reason: str = ""
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Roster:
    store: SqlStore
    queues: Queues

    def agents(self, names: Iterable[str]) -> Sequence[Agent]:
        """Those of these callback queues, each once, by presence and name. Raises
        StoreUnavailable."""
        places = {(self.queues[one].server, self.queues[one].asterisk_queue) for one in names}
        found: dict[tuple[str, str], list[Member]] = defaultdict(list)
        with self.store.reading() as tx:
            for server, asterisk_queue in sorted(places):
                for member in tx.queue_members.of(server, asterisk_queue):
                    found[server, member.interface].append(member)
            accounts = {one.member: one.name for one in tx.accounts.all()} if found else {}
        agents = [_agent(members, accounts.get(of[1])) for of, members in found.items()]
        ranks = tuple(Presence)
        return sorted(agents, key=lambda one: (ranks.index(one.presence), one.name.casefold()))


def _agent(members: Sequence[Member], account: str | None) -> Agent:
    shown = most_telling(members)
    return Agent(
        name=account or shown.name,
        interface=shown.interface,
        presence=shown.presence,
        reason=shown.paused_reason,
        since=shown.since,
    )
