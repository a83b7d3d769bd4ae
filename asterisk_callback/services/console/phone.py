"""An agent's phone: what Asterisk's queues see of it, and what its agent asks of them."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from asterisk_callback.domain.account import InvalidAccount, Role, User
from asterisk_callback.domain.queue import Queues
from asterisk_callback.domain.queue_member import (
    LATEST,
    Action,
    Device,
    Member,
    MemberOrder,
    MemberRules,
    OrderOutcome,
    Presence,
    most_telling,
)
from asterisk_callback.store import SqlStore
from asterisk_callback.store.transaction import SqlTransaction

# For so long a page says what became of a press.
NEWS = timedelta(minutes=1)
LOOK_EVERY = 0.1  # seconds
_LATE = "Asterisk could not be asked in time: nothing was changed. Try again."
_UNANSWERED = "Asterisk did not answer: look at your state before you try again."


class NotPressed(InvalidAccount):
    """The button does nothing now; the sentence says why. The inside speaks English only."""

    def __init__(self, sentence: str) -> None:
        super().__init__("do", sentence)


class Button(StrEnum):
    """What an agent can press."""

    AVAILABLE = "available"
    PAUSE = "pause"
    LOG_IN = "log-in"
    LOG_OUT = "log-out"


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentQueue:
    """One Asterisk queue that is the agent's. titles: of the callback queues that it serves.
    member: they, as it sees them; None: not logged in."""

    server: str
    asterisk_queue: str
    titles: tuple[str, ...]
    member: Member | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentPhone:
    """known: is there a live link to Asterisk? Without it nothing here is fresh, and no button
    does anything. asked: the orders of the last press, while they are news."""

    interface: str
    known: bool
    places: tuple[AgentQueue, ...]
    asked: tuple[MemberOrder, ...] = ()

    @property
    def members(self) -> tuple[Member, ...]:
        return tuple(one.member for one in self.places if one.member is not None)

    @property
    def logged_in(self) -> bool:
        """In one of their queues at least."""
        return bool(self.members)

    @property
    def everywhere(self) -> bool:
        """Logged in to all of them."""
        return len(self.members) == len(self.places)

    @property
    def paused(self) -> bool:
        """In all queues that they are logged in to."""
        return bool(self.members) and all(one.paused for one in self.members)

    @property
    def paused_somewhere(self) -> bool:
        return any(one.paused for one in self.members)

    @property
    def presence(self) -> Presence | None:
        """In one word; None: logged out everywhere, or not known."""
        return most_telling(self.members).presence if self.members else None

    @property
    def reason(self) -> str:
        """Of the pause, "" for none."""
        return next((one.paused_reason for one in self.members if one.paused_reason), "")

    @property
    def since(self) -> datetime | None:
        """When the presence became what it is."""
        return most_telling(self.members).since if self.members else None

    @property
    def device(self) -> Device | None:
        """The phone itself; None: nobody tells us, while it is logged in nowhere."""
        return self.members[0].status if self.members else None

    @property
    def pending(self) -> bool:
        """Asterisk has not said yet what became of the last press."""
        return any(one.outcome is None for one in self.asked)

    @property
    def trouble(self) -> tuple[str, ...]:
        """Why the last press did not come true, a sentence each."""
        return tuple(dict.fromkeys(_sentence(one) for one in self.asked if _sentence(one)))

    @property
    def settled(self) -> bool:
        """Everything came about and is to be seen, or is known not to have."""
        seen = {(one.server, one.asterisk_queue): one.member for one in self.places}
        return not self.pending and all(
            _is_seen(one, seen.get((one.server, one.asterisk_queue)))
            for one in self.asked
            if one.done
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneService:
    """reasons: of a pause, those of the configuration. members: the phones that may be rung."""

    store: SqlStore
    queues: Queues
    reasons: Collection[str] = ()
    members: MemberRules = field(default_factory=MemberRules)
    sleep: Callable[[float], None] = time.sleep

    def of(self, user: User) -> AgentPhone | None:
        """Their phone; None for who has no queue member, or no queue to take calls from."""
        if user.member is None:
            return None
        with self.store.reading() as tx:
            return self._of(tx, user, user.member)

    def press(self, user: User, button: Button, reason: str = "") -> AgentPhone:
        """Asks it of Asterisk, in all of their queues that it concerns; a dispatcher carries it
        out. reason: of a pause, one of the configuration. Raises InvalidAccount (reason),
        NotPressed, StoreUnavailable."""
        if reason and (button is not Button.PAUSE or reason not in self.reasons):
            raise InvalidAccount("reason", "Choose one of the reasons for a pause.")
        with self.store.writing() as tx:
            phone = self._of(tx, user, user.member) if user.member else None
            if phone is None:
                raise NotPressed("You have no phone in a queue. Ask an administrator for one.")
            if button is Button.LOG_IN and not self.members.allow(phone.interface):
                raise NotPressed(
                    f"Calls may not go to {phone.interface}: [asterisk] members does not allow it. "
                    "Ask an administrator for another phone."
                )
            if not phone.known:
                raise NotPressed(
                    "There is no connection to Asterisk right now, so nothing was changed. "
                    "Try again in a minute."
                )
            if button in (Button.PAUSE, Button.LOG_OUT) and not phone.logged_in:
                raise NotPressed("You are logged in to none of your queues: nothing was changed.")
            action, places = _concerned(phone, button)
            for place in places:
                tx.member_orders.add(
                    user.id,
                    server=place.server,
                    asterisk_queue=place.asterisk_queue,
                    interface=phone.interface,
                    action=action,
                    reason=reason,
                )
            if places:
                queues = ", ".join(place.asterisk_queue for place in places)
                detail = f"{action} {phone.interface} in {queues}" + (reason and f": {reason}")
                tx.accounts.add_event(user.id, actor=user.actor, event="phone", detail=detail)
            found = self._of(tx, user, phone.interface)
            return found or phone

    def wait(self, user: User, within: float) -> AgentPhone | None:
        """Their phone once what they pressed is to be seen, or after so many seconds."""
        phone = self.of(user)
        for _ in range(round(within / LOOK_EVERY)):
            if phone is None or phone.settled:
                break
            self.sleep(LOOK_EVERY)
            phone = self.of(user)
        return phone

    def _of(self, tx: SqlTransaction, user: User, interface: str) -> AgentPhone | None:
        titles: dict[tuple[str, str], list[str]] = {}
        for name in user.queues(Role.AGENT, self.queues):
            queue = self.queues[name]
            if queue.mode.rules.makes_calls:
                titles.setdefault((queue.server, queue.asterisk_queue), []).append(queue.title)
        if not titles:
            return None
        alive = {one.server for one in tx.servers.all() if one.ready_now(tx.now)}
        seen = {
            (server, one.asterisk_queue): one
            for server in {place[0] for place in titles} & alive
            for one in tx.queue_members.of(server)
            if one.interface == interface
        }
        return AgentPhone(
            interface=interface,
            known=all(server in alive for server, _ in titles),
            places=tuple(
                AgentQueue(
                    server=place[0],
                    asterisk_queue=place[1],
                    titles=tuple(named),
                    member=seen.get(place),
                )
                for place, named in titles.items()
            ),
            asked=_last_press(tx.member_orders.recent(user.id, tx.now - NEWS), tx.now),
        )


def _concerned(phone: AgentPhone, button: Button) -> tuple[Action, Sequence[AgentQueue]]:
    """The action that the button means, and the queues in which it changes something. A pause is
    asked for once more: its reason may be another."""
    there = [one for one in phone.places if one.member is not None]
    match button:
        case Button.LOG_IN:
            return Action.ADD, [one for one in phone.places if one.member is None]
        case Button.LOG_OUT:
            return Action.REMOVE, there
        case Button.PAUSE:
            return Action.PAUSE, there
        case Button.AVAILABLE:
            return Action.UNPAUSE, [one for one in there if one.member and one.member.paused]


def _last_press(orders: Sequence[MemberOrder], now: datetime) -> tuple[MemberOrder, ...]:
    """Those of one press have one instant. One that nobody took in time counts as dropped, also
    while no dispatcher is there to say so."""
    if not orders:
        return ()
    last = [one for one in orders if one.created_at == orders[-1].created_at]
    return tuple(_judged(one, now) for one in last)


def _judged(order: MemberOrder, now: datetime) -> MemberOrder:
    if order.outcome is not None or order.created_at > now - LATEST:
        return order
    return replace(
        order, outcome=OrderOutcome.LATE if order.epoch is None else OrderOutcome.UNANSWERED
    )


def _sentence(order: MemberOrder) -> str:
    match order.outcome:
        case None | OrderOutcome.DONE:
            return ""
        case OrderOutcome.LATE:
            return _LATE
        case OrderOutcome.UNANSWERED:
            return _UNANSWERED
        case OrderOutcome.REFUSED:
            return order.detail


def _is_seen(order: MemberOrder, member: Member | None) -> bool:
    match order.action:
        case Action.ADD:
            return member is not None
        case Action.REMOVE:
            return member is None
        case Action.PAUSE:
            if member is None or not order.reason:
                return member is None or member.paused
            return member.paused and member.paused_reason == order.reason
        case Action.UNPAUSE:
            return member is None or not member.paused
