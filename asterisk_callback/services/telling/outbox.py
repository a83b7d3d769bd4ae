"""The outbox of customers, and that of operators: at least once, and late rather than wrong."""

import hashlib
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from asterisk_callback.domain.alarm import Notice
from asterisk_callback.domain.customer_message import (
    IN_VAIN_FOR,
    Message,
    MessageKind,
    ReachedBy,
    recipient,
    stale,
)
from asterisk_callback.domain.keyed_hash import derive
from asterisk_callback.domain.limits import MESSAGES_PER_ADDRESS
from asterisk_callback.domain.outbox import TO_CUSTOMERS, TO_OPERATORS, DeliveryOutcome
from asterisk_callback.domain.queue import Queues
from asterisk_callback.domain.request import Request
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.ports import Store, Transaction
from asterisk_callback.services.telling import customer
from asterisk_callback.services.telling.channel import (
    Rejected,
    ServerAway,
    TransportError,
    Way,
)
from asterisk_callback.services.telling.customer import Dispatch
from asterisk_callback.services.telling.delivery import Rests
from asterisk_callback.services.telling.worker import LEASE, Taken, Worker

log = logging.getLogger(__name__)

DAY = timedelta(days=1)


# Their words promise a call, and in notify mode we make none.
_OF_CALLS = (MessageKind.CONFIRMATION, MessageKind.MOVED, MessageKind.REMINDER, MessageKind.MISSED)


@dataclass(kw_only=True, slots=True)
class Outbox(Worker[Message, Dispatch]):
    """reach: how customers are reached by it. takes_all: messages to those whom another reach would
    tell come here, too, and end, as there is no other. kinds: of messages that are sent.
    send: raises a TransportError; None while no mail is configured: then messages end unsent.

    reminder: so long before a chosen time, or None. per_address: messages to one address in 24
    hours; the form is open to everybody, and nobody proved whose address was typed.
    """

    store: Store
    queues: Queues
    secret_key: str
    reach: ReachedBy = ReachedBy.MAILBOX
    takes_all: bool = True
    kinds: Collection[MessageKind] = tuple(MessageKind)
    send: Callable[[Dispatch], None] | None = None
    reminder: timedelta | None = timedelta(minutes=60)
    per_address: int = MESSAGES_PER_ADDRESS
    _rests: Rests = field(default_factory=Rests, init=False)

    def _take(self) -> Taken[Message, Dispatch] | bool:
        if not self._anything_due():
            return False
        with self.store.writing() as tx:
            message = tx.messages.claim(LEASE, self._only)
            if message is None:
                return False
            dispatch = self._judged(tx, message)
        if dispatch is None:
            return True
        assert self.send is not None
        return Taken(
            row=message,
            news=dispatch,
            send=self.send,
            what=f"message {message.id} ({message.kind})",
            tries=message.tries,
            channel=self.reach,
        )

    @property
    def _only(self) -> ReachedBy | None:
        return None if self.takes_all else self.reach

    def _anything_due(self) -> bool:
        """Asked without a lock: most of the time there is nothing."""
        with self.store.reading() as tx:
            if self._rests.of(self.reach, tx.now) is not None:
                return False
            next_at = tx.messages.next_at(self._only)
            return next_at is not None and next_at <= tx.now

    def _judged(self, tx: Transaction, message: Message) -> Dispatch | None:
        """What is to be sent, or None if the message ended here."""
        wish = tx.wishes.get(message.wish_id)
        request = tx.requests.get(wish.request_id) if wish else None
        if wish is None or request is None:
            tx.messages.finish(message, DeliveryOutcome.DROPPED, "erased")
            return None
        unsent = self._unsent(tx, message, wish, request)
        if unsent is not None:
            tx.messages.finish(message, *unsent)
            return None
        return Dispatch(
            id=self._id(message, wish),
            message=message,
            wish=wish,
            request=request,
            queue=self.queues.get(request.queue),
            secret=derive(self.secret_key, wish.nonce),
        )

    def _unsent(
        self, tx: Transaction, message: Message, wish: Wish, request: Request
    ) -> tuple[DeliveryOutcome, str] | None:
        """Why this message is not sent at all, or None."""
        if self.send is None:
            return DeliveryOutcome.OFF, "no mail is configured"
        queue = self.queues.get(request.queue)
        whom = recipient(self.reach, wish, request)
        reason = stale(message, wish, request, tx.now) if whom else "no address"
        if queue is not None and not queue.mode.rules.makes_calls and message.kind in _OF_CALLS:
            reason = "no call is made"
        if not reason and message.kind not in self.kinds:
            reason = "not told this way"
            self._plan_reminder(tx, message, wish)
        if reason:
            return DeliveryOutcome.DROPPED, reason
        if TO_CUSTOMERS.is_over(message.due_at, tx.now):
            log.warning("message %d (%s) was given up: 48 h in vain", message.id, message.kind)
            return DeliveryOutcome.GAVE_UP, "48 hours in vain"
        if message.tries == 1 and self._too_many(tx, message, whom):
            log.warning("message %d: its address had %d in a day", message.id, self.per_address)
            return DeliveryOutcome.LIMITED, f"{self.per_address} in a day"
        return None

    def _too_many(self, tx: Transaction, message: Message, whom: str) -> bool:
        address = derive(self.secret_key, f"{self.reach}:{whom}")
        tx.lock(f"mailbox:{address}")
        if tx.messages.sent_to(address, tx.now - DAY) >= self.per_address:
            return True
        tx.messages.set_recipient(message, address)
        return False

    def _id(self, message: Message, wish: Wish) -> str:
        """From what the row says, not from its number: after a restore numbers come again."""
        text = f"{self.secret_key}:{wish.nonce}:{message.kind}:{message.occasion}"
        return f"callback-{hashlib.sha256(text.encode()).hexdigest()[:32]}"

    def _is_final(self, taken: Taken[Message, Dispatch], error: TransportError) -> bool:
        """What was rejected is, once the server has taken another one since: until then it may
        refuse them all, which is no fault of this one, and can be fixed."""
        return isinstance(error, Rejected) and taken.tries > 1 and taken.row.in_vain_since is None

    def _later(self, taken: Taken[Message, Dispatch], error: TransportError) -> datetime:
        away = isinstance(error, ServerAway)
        with self.store.writing() as tx:
            # With a server that is away one message is the probe, and the others keep their tries.
            rest = TO_CUSTOMERS.rest_until(tx.now, error.after)
            again = TO_CUSTOMERS.next_try(taken.tries, tx.now, error.after)
            until = rest if away else again
            tx.messages.postpone(taken.row, until, error.sentence, away=away or error.for_all)
        return rest

    def _refused(self, taken: Taken[Message, Dispatch], why: str) -> None:
        with self.store.writing() as tx:
            tx.messages.finish(taken.row, DeliveryOutcome.REFUSED, why)

    def _sent(self, taken: Taken[Message, Dispatch]) -> None:
        """A chosen time that somebody was told of gets its reminder here, so that an address that
        takes no mail gets none either."""
        with self.store.writing() as tx:
            tx.messages.finish(taken.row, DeliveryOutcome.SENT)
            self._plan_reminder(tx, taken.row, taken.news.wish)
            in_vain = tx.messages.undelivered(tx.now, self._only)
            long = tx.messages.undelivered(tx.now - IN_VAIN_FOR, self._only)
        if in_vain is not None:
            # A server that refused all takes some again: their pauses have grown for no fault of
            # theirs.
            with self.store.writing() as tx:
                refused_all = long is not None and long.by_the_server
                tx.messages.mark_server_back(
                    self._only, wake=tx.now - LEASE if refused_all else None
                )

    def _plan_reminder(self, tx: Transaction, message: Message, wish: Wish) -> None:
        tells_a_time = message.kind in (MessageKind.CONFIRMATION, MessageKind.MOVED)
        if self.reminder is not None and tells_a_time and not wish.asap:
            at = wish.due_at - self.reminder
            if at > tx.now:
                customer.remind(tx, wish, at)


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling(Worker[Notice, Notice]):
    """What operators are to be told of alarms."""

    store: Store
    channels: Sequence[Way[Notice]]
    _rests: Rests = field(default_factory=Rests, init=False)

    def _take(self) -> Taken[Notice, Notice] | bool:
        ways = {way.name: way for way in self.channels}
        with self.store.reading() as tx:
            names = [one for one in ways if self._rests.of(one, tx.now) is None]
            if not tx.alarm_notices.any_due(names):
                return False
        with self.store.writing() as tx:
            notice = tx.alarm_notices.claim(names, LEASE)
            if notice is None:
                return False
            over = notice.alarm.cleared_at
            if over is not None and TO_OPERATORS.is_over(over, tx.now):
                tx.alarm_notices.finish(notice, DeliveryOutcome.GAVE_UP, "over for 48 hours")
                return True
        return Taken(
            row=notice,
            news=notice,
            send=ways[notice.channel].send,
            what=f"alarm {notice.alarm.id} by {notice.channel}",
            tries=notice.tries,
            channel=notice.channel,
        )

    def _sent(self, taken: Taken[Notice, Notice]) -> None:
        with self.store.writing() as tx:
            tx.alarm_notices.finish(taken.row, DeliveryOutcome.SENT)

    def _refused(self, taken: Taken[Notice, Notice], why: str) -> None:
        with self.store.writing() as tx:
            tx.alarm_notices.finish(taken.row, DeliveryOutcome.REFUSED, why)

    def _later(self, taken: Taken[Notice, Notice], error: TransportError) -> datetime:
        with self.store.writing() as tx:
            until = TO_OPERATORS.next_try(taken.tries, tx.now, error.after)
            tx.alarm_notices.postpone(taken.row, until, error.sentence)
            return TO_OPERATORS.rest_until(tx.now, error.after)
