"""The outbox: sends what customers are to be told, and tells of alarms, at least once, and late
rather than wrong.

A message is claimed for a while in one transaction, sent without any, and ended in a second one.
Whoever dies in between leaves a claim that ends by itself, and the message goes out again under the
same Message-ID: a duplicate that a mailbox can recognise, rather than a loss.
"""

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
from asterisk_callback.services.telling import customer as messages
from asterisk_callback.services.telling.channel import (
    Rejected,
    ServerAway,
    TransportError,
    Way,
)
from asterisk_callback.services.telling.customer import Dispatch
from asterisk_callback.services.telling.delivery import Rest, Rests, deliver, is_hopeless

log = logging.getLogger(__name__)

# Longer than one message may take to send (the channel's own deadline), so that no two send it.
LEASE = timedelta(minutes=5)
DAY = timedelta(days=1)


# Their words promise a call, and in notify mode we make none.
_OF_CALLS = (MessageKind.CONFIRMATION, MessageKind.MOVED, MessageKind.REMINDER, MessageKind.MISSED)


@dataclass(kw_only=True, slots=True)
class Outbox:
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
    _resting_until: datetime | None = field(default=None, init=False)

    def work_off(self) -> bool:
        """Sends the message that waits longest. True if there may be another one. Raises
        StoreUnavailable; a message that was sent and could not be ended goes out once more."""
        if not self._anything_due():
            return False
        with self.store.writing() as tx:
            message = tx.messages.claim(LEASE, self._only)
            if message is None:
                return False
            dispatch = self._judged(tx, message)
        return dispatch is None or self._sent(dispatch)

    @property
    def _only(self) -> ReachedBy | None:
        return None if self.takes_all else self.reach

    def _anything_due(self) -> bool:
        """Asked without a lock: most of the time there is nothing."""
        with self.store.reading() as tx:
            if self._resting_until is not None and tx.now < self._resting_until:
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

    def _sent(self, dispatch: Dispatch) -> bool:
        """Sends it and writes down what came of it. False if the server needs a rest."""
        message = dispatch.message
        assert self.send is not None
        error = deliver(self.send, dispatch, f"message {message.id}")
        if error is None:
            self._done(dispatch)
        elif is_hopeless(error, message.tries) or _is_final(message, error):
            self._end_refused(message, error.sentence)
        else:
            return self._later(message, error)
        return True

    def _later(self, message: Message, error: TransportError) -> bool:
        """Puts it off. False if the server needs a rest: it is away, or asked to be left alone."""
        away = isinstance(error, ServerAway)
        if away:
            log.warning("no message can be sent for now: %s", error.sentence)
        with self.store.writing() as tx:
            # With a server that is away one message is the probe, and the others keep their tries.
            rest = TO_CUSTOMERS.rest_until(tx.now, error.after)
            again = TO_CUSTOMERS.next_try(message.tries, tx.now, error.after)
            until = rest if away else again
            tx.messages.postpone(message, until, error.sentence, away=away or error.for_all)
        if away or error.after is not None:
            self._resting_until = rest
            return False
        return True

    def _end_refused(self, message: Message, why: str) -> None:
        log.warning("message %d (%s) was refused: %s", message.id, message.kind, why)
        with self.store.writing() as tx:
            tx.messages.finish(message, DeliveryOutcome.REFUSED, why)

    def _done(self, dispatch: Dispatch) -> None:
        """It was taken. A chosen time that somebody was told of gets its reminder here, so that
        an address that takes no mail gets none either."""
        message, wish = dispatch.message, dispatch.wish
        with self.store.writing() as tx:
            tx.messages.finish(message, DeliveryOutcome.SENT)
            self._plan_reminder(tx, message, wish)
            in_vain = tx.messages.undelivered(tx.now, self._only)
            long = tx.messages.undelivered(tx.now - IN_VAIN_FOR, self._only)
        log.info("message %d (%s) was sent", message.id, message.kind)
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
                messages.remind(tx, wish, at)


def _is_final(message: Message, error: TransportError) -> bool:
    """What was rejected is, once the server has taken another one since: until then it may refuse
    them all, which is no fault of this one, and can be mended."""
    return isinstance(error, Rejected) and message.tries > 1 and message.in_vain_since is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """At least once: a crash between delivery and commit repeats a notice, which carries its id."""

    store: Store
    channels: Sequence[Way[Notice]]
    # Of those that are away, or asked to be left alone.
    _rests: Rests = field(default_factory=Rests, init=False)

    def tell(self) -> int:
        """Tells what is due. Returns how many notices were delivered. Blocks while it does."""
        by_name = {channel.name: channel for channel in self.channels}
        told = 0
        while True:
            notice = self._take(list(by_name))
            if notice is None:
                return told
            told += self._deliver(by_name[notice.channel], notice)

    def _take(self, names: Sequence[str]) -> Notice | None:
        """The next that is due, for us alone; what is old news ends here."""
        with self.store.reading() as tx:
            names = [one for one in names if self._rests.of(one, tx.now) is None]
            if not tx.alarm_notices.any_due(names):
                return None
        with self.store.writing() as tx:
            while (notice := tx.alarm_notices.claim(names, LEASE)) is not None:
                over = notice.alarm.cleared_at
                if over is None or not TO_OPERATORS.is_over(over, tx.now):
                    return notice
                tx.alarm_notices.finish(notice, DeliveryOutcome.GAVE_UP, "over for 48 hours")
        return None

    def _deliver(self, channel: Way[Notice], notice: Notice) -> bool:
        what = f"alarm {notice.alarm.id}"
        error = deliver(channel.send, notice, what)
        if error is None:
            with self.store.writing() as tx:
                tx.alarm_notices.finish(notice, DeliveryOutcome.SENT)
        elif is_hopeless(error, notice.tries):
            log.error("%s is never told by %s: %s", what, channel.name, error)
            with self.store.writing() as tx:
                tx.alarm_notices.finish(notice, DeliveryOutcome.REFUSED, error.sentence)
        else:
            log.warning("%s was not told by %s: %s", what, channel.name, error)
            self._later(notice, error)
        return error is None

    def _later(self, notice: Notice, error: TransportError) -> None:
        """A server that is away is asked once, whatever waits for it."""
        with self.store.writing() as tx:
            until = TO_OPERATORS.next_try(notice.tries, tx.now, error.after)
            tx.alarm_notices.postpone(notice, until, error.sentence)
            if error.after is not None or isinstance(error, ServerAway):
                rest = TO_OPERATORS.rest_until(tx.now, error.after)
                self._rests.begin(notice.channel, Rest(rest, error.sentence))
