"""Wrapping up: what an agent says of a call, and what they agreed on with the customer."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from asterisk_callback.domain import appointment, typed
from asterisk_callback.domain.account import User
from asterisk_callback.domain.appointment import Appointment
from asterisk_callback.domain.attempt import Attempt, AttemptId
from asterisk_callback.domain.calling_hours import of_customer
from asterisk_callback.domain.console import LONGEST_NOTE, ConsoleRules, WrapUp
from asterisk_callback.domain.errors import InvalidInput, InvalidTime
from asterisk_callback.domain.keyed_hash import derive, hash_secret, is_erased
from asterisk_callback.domain.opening_hours import Hours
from asterisk_callback.domain.phone import region_of
from asterisk_callback.domain.queue import CallbackQueue, Queues, find_queue
from asterisk_callback.domain.request import Request, RequestId
from asterisk_callback.domain.slots import slot_of
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.domain.wish import Wish, deciding, representative, standing
from asterisk_callback.services.booking.places import check_time, take_place
from asterisk_callback.services.console.errors import InvalidEntry, NotYours
from asterisk_callback.services.requests.following import follow_moved
from asterisk_callback.services.requests.locking import open_attempt
from asterisk_callback.services.requests.opening import open_for
from asterisk_callback.services.telling import customer
from asterisk_callback.store import SqlStore
from asterisk_callback.store.transaction import SqlTransaction

_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, kw_only=True, slots=True)
class WrapUpNote:
    """What an agent said of one of a request's calls. who: the agent's name."""

    who: str
    said: WrapUp


@dataclass(frozen=True, kw_only=True, slots=True)
class WrapUps:
    """secret_key: the web's, of which the secrets of new wishes are derived."""

    store: SqlStore
    queues: Queues
    secret_key: str
    rules: ConsoleRules = field(default_factory=ConsoleRules)

    def of(self, request_id: RequestId) -> Sequence[WrapUpNote]:
        """What was said of this request's calls, oldest first. Raises StoreUnavailable."""
        with self.store.reading() as tx:
            found = [tx.wrap_ups.get(one.id) for one in tx.attempts.of(request_id)]
            names = {user.id: user.name for user in tx.accounts.all()} if any(found) else {}
            return [WrapUpNote(who=names.get(one.user_id, ""), said=one) for one in found if one]

    def save(
        self,
        user: User,
        attempt_id: AttemptId,
        *,
        code: str,
        note: str,
        again: str | None,
        never: bool,
    ) -> None:
        """Keeps what the agent says of a call of theirs, also after the time for it; what they said
        before is replaced. again: when it was agreed to call again, wall time in the queue's zone
        or with an offset; another time moves what was planned. never: no queue calls this number
        again; once said, that stays.

        Raises InvalidEntry (`code`, `note`, `again`, `never`), NotYours, StoreUnavailable; then
        nothing was saved.
        """
        self._check(code, again, never)
        note = _one_line(note)
        with self.store.writing() as tx:
            call = _call_of(tx, user, attempt_id)
            # In booking's order: nobody asks for this number meanwhile.
            request = tx.requests.get(call.request_id)
            if request is not None and again:
                tx.lock(f"wish:{request.queue}:{call.e164}")
            request = tx.requests.lock(call.request_id)
            if request is None:
                raise NotYours(NOT_YOURS)
            if is_erased(request.e164) and (note or again or never):
                raise InvalidEntry(
                    "note", "Their data was deleted, so only the code can be kept of this call."
                )
            before = tx.wrap_ups.get(attempt_id)
            planned = self._planned(tx, before)
            if again and (tx.suppressions.has(call.e164) or tx.suppressions.has(request.e164)):
                raise InvalidEntry("again", "This number is never to be called again.")
            if again:
                planned = self._again(tx, user, planned or request, call, again)
            if never:
                _never(tx, user, request, call, planned)
            said = WrapUp(
                attempt_id=attempt_id,
                user_id=user.id,
                at=tx.now,
                code=code,
                note=note,
                again=planned.id if planned else before.again if before else None,
                never=never or bool(before and before.never),
            )
            tx.wrap_ups.put(said)
            tx.trail.add(
                request.id,
                actor=user.actor,
                event=TrailEvent.WRAPPED_UP,
                reason=code or "without a code",
                attempt_id=attempt_id,
            )

    def _check(self, code: str, again: str | None, never: bool) -> None:
        if code and code not in self.rules.wrap_up_codes:
            raise InvalidEntry("code", "Choose one of the wrap-up codes.")
        if again and never:
            raise InvalidEntry(
                "again", "Either a call again, or never again: take one of the two back."
            )

    def _planned(self, tx: SqlTransaction, before: WrapUp | None) -> Request | None:
        """What was agreed on when it was saved before, if that is still to come."""
        found = tx.requests.lock(before.again) if before is not None and before.again else None
        return found if found is not None and found.open else None

    def _again(
        self, tx: SqlTransaction, user: User, request: Request, call: Attempt, again: str
    ) -> Request:
        """The request that is called again at this time: this one, or after its end a new one."""
        queue = find_queue(self.queues, request.queue)
        wishes = tx.wishes.of(request.id)
        wish = representative(wishes)
        if wish is None or wish.erased_at is not None:
            raise InvalidEntry("again", "Their data was deleted, so no call can be planned.")
        if request.open:
            return _moved(tx, user, queue, request, standing(wishes), again)
        when = _appointment(tx, queue, call.e164, wish, again)
        _take_place(tx, queue, call.e164, wish, when)
        if tx.requests.open_for(request.queue, call.e164) is not None:
            raise InvalidEntry(
                "again", "This number has asked for another call already, which comes anyway."
            )
        return self._new(tx, user, queue, request, call, wish, when)

    def _new(
        self,
        tx: SqlTransaction,
        user: User,
        queue: CallbackQueue,
        done: Request,
        call: Attempt,
        wish: Wish,
        when: Appointment,
    ) -> Request:
        # The number that was called, which the agent may have put right.
        region = region_of(call.e164) or done.region
        wished = replace(wish.call, **_time_of(when))
        request = open_for(tx, wished, queue, call.e164, region, actor=user.actor)
        nonce = secrets.token_urlsafe(16)
        promised = check_time(queue, (), when.instant, tx.now)
        made = tx.wishes.add(
            request_id=request.id,
            public_id=secrets.token_hex(12),
            nonce=nonce,
            secret_hash=hash_secret(derive(self.secret_key, nonce)),
            created_at=tx.now,
            asap=False,
            own_zone=wish.own_zone,
            promised_from=promised.start,
            promised_to=promised.end,
            scope=wish.scope,
            page=wish.page,
            **wished.fields(),
        )
        customer.asked(tx, made)
        reason = f"agreed on by {user.login}: goes on in request {request.id}"
        tx.trail.add(done.id, actor=user.actor, event=TrailEvent.CALLED_AGAIN, reason=reason)
        return request


NOT_YOURS = "There is no such call of yours."


def _call_of(tx: SqlTransaction, user: User, attempt_id: AttemptId) -> Attempt:
    """Raises NotYours unless this agent's phone took the call: to have been rung is not enough."""
    call = tx.attempts.get(attempt_id)
    if call is None or user.member is None or call.member != user.member:
        raise NotYours(NOT_YOURS)
    if not call.mode.rules.offered and call.agent_at is None:
        raise NotYours(NOT_YOURS)
    return call


def _never(
    tx: SqlTransaction, user: User, request: Request, call: Attempt, planned: Request | None
) -> None:
    """Neither the number that was called nor the one that the customer gave."""
    if planned is not None:
        raise InvalidEntry(
            "never", "A call at another time was agreed on. Cancel that one on the board first."
        )
    reason = f"never call again: wrapped up by {user.login}"
    done = [tx.suppressions.add(number, reason) for number in sorted({call.e164, request.e164})]
    if any(done):
        tx.trail.add(
            request.id, actor=user.actor, event=TrailEvent.SUPPRESSED, reason="never call again"
        )


def _appointment(
    tx: SqlTransaction, queue: CallbackQueue, e164: str, wish: Wish, again: str
) -> Appointment:
    """The agreed time, judged as a customer's choice would be, and kept in the customer's zone."""
    window = appointment.BookingWindow(days_ahead=queue.slots.days_ahead)
    try:
        when = appointment.appointment(again, queue.hours.zone, tx.now, window)
        check_time(queue, _hours(queue, wish, e164), when.instant, tx.now)
    except InvalidTime as error:
        raise InvalidEntry("again", error.template, **error.values) from error
    zone = wish.customer_zone
    if zone is None:
        return when
    theirs = when.instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return Appointment(
        instant=when.instant,
        wall_time=theirs.isoformat(timespec="minutes"),
        zone=zone,
        tzdata=when.tzdata,
    )


def _hours(queue: CallbackQueue, wish: Wish, e164: str) -> Sequence[Hours]:
    return of_customer(queue, wish.customer_zone, e164)


def _take_place(
    tx: SqlTransaction, queue: CallbackQueue, e164: str, wish: Wish, when: Appointment
) -> None:
    try:
        take_place(tx, queue, _hours(queue, wish, e164), when.instant)
    except InvalidTime as error:
        raise InvalidEntry("again", error.template, **error.values) from error


def _moved(
    tx: SqlTransaction,
    user: User,
    queue: CallbackQueue,
    request: Request,
    wishes: Sequence[Wish],
    again: str,
) -> Request:
    """The request goes on after a try without success, and its next one has an agreed time now: for
    all who asked for it, or the earliest of them would be called sooner."""
    if open_attempt(tx, request.id) is not None:
        raise InvalidEntry(
            "again", "This call has not ended yet. Save the time of the next one once it has."
        )
    moved = []
    for wish in wishes:
        when = _appointment(tx, queue, request.e164, wish, again)
        if not wish.asap and wish.due_at == when.instant:
            moved.append(wish)  # saved once more
            continue
        slots = [
            slot_of(at, queue.slots.every, queue.hours.zone) for at in (wish.due_at, when.instant)
        ]
        if wish.asap or slots[0] != slots[1]:
            _take_place(tx, queue, request.e164, wish, when)
        promised = check_time(queue, (), when.instant, tx.now)
        new = wish.evolve(
            asap=False,
            moves=wish.moves + 1,
            moved_at=tx.now,
            promised_from=promised.start,
            promised_to=promised.end,
            **_time_of(when),
        )
        moved.append(tx.wishes.change(wish, new))
        customer.moved(tx, new)
    first = deciding(moved)
    if first is None:
        raise InvalidEntry("again", "Nobody waits for this call any more.")
    if moved == list(wishes):
        return request
    reason = f"agreed on by {user.login}"
    return follow_moved(tx, request, first, queue, actor=user.actor, reason=reason)


def _time_of(when: Appointment) -> Mapping[str, Any]:
    return {
        "due_at": when.instant,
        "wall_time": when.wall_time,
        "zone": when.zone,
        "tzdata": when.tzdata,
    }


def _one_line(text: str) -> str:
    """A note as it is kept. Raises InvalidEntry (note): too long, or it hides something."""
    note = _SPACE.sub(" ", text).strip()
    if len(note) > LONGEST_NOTE:
        raise InvalidEntry(
            "note", "This is too long: at most {longest} characters.", longest=LONGEST_NOTE
        )
    try:
        typed.refuse_hidden("note", note)
    except InvalidInput as error:
        raise InvalidEntry("note", error.sentence) from error
    return note
