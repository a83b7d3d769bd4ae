"""Wrapping up: what an agent says of a call, and what they agreed on with the customer."""

import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from asterisk_callback.domain import times
from asterisk_callback.domain.account import User
from asterisk_callback.domain.attempt import Attempt, AttemptId
from asterisk_callback.domain.errors import InvalidTime
from asterisk_callback.domain.queue import CallbackQueue, Queues
from asterisk_callback.domain.queue import find as find_queue
from asterisk_callback.domain.request import Request, RequestId, RequestState
from asterisk_callback.domain.times import Appointment
from asterisk_callback.domain.wish import Wish
from asterisk_callback.domain.wrap_up import LONGEST_NOTE, WrapUp
from asterisk_callback.services import messages
from asterisk_callback.services.booking import derive, hash_secret
from asterisk_callback.services.calling_hours import of_customer
from asterisk_callback.services.console.errors import InvalidWrapUp, NotYours
from asterisk_callback.services.console.ports import ConsoleStore, ConsoleTransaction
from asterisk_callback.services.console.rules import ConsoleRules
from asterisk_callback.services.following import follow_moved, refuse_after_gate
from asterisk_callback.services.places import check_time, take_place

_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, kw_only=True, slots=True)
class WrapUps:
    """secret_key: the web's, of which the secrets of new wishes are derived."""

    store: ConsoleStore
    queues: Queues
    secret_key: str
    rules: ConsoleRules = field(default_factory=ConsoleRules)

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
        or with an offset. never: no queue calls this number again.

        Raises InvalidWrapUp (`code`, `note`, `again`), NotYours, TooLate's kin while the customer's
        phone rings, StoreUnavailable; then nothing was saved.
        """
        self._check(code, again, never)
        note = _one_line(note)
        with self.store.writing() as tx:
            seen = tx.attempt(attempt_id)
            if seen is None or user.member is None or seen.member != user.member:
                raise NotYours("There is no such call of yours.")
            # In booking's order: nobody asks for this number meanwhile.
            request = tx.request(seen.request_id)
            if request is not None and again:
                tx.lock(f"wish:{request.queue}:{request.e164}")
            request = tx.lock_request(seen.request_id)
            if request is None:
                raise NotYours("There is no such call of yours.")
            before = tx.wrap_up(attempt_id)
            planned = before.again if before else None
            if again and planned is None:
                planned = self._again(tx, user, request, again)
            if never:
                self._never(tx, user, request, seen)
            said = WrapUp(
                attempt_id=attempt_id,
                user_id=user.id,
                at=tx.now,
                code=code,
                note=note,
                again=planned,
                never=never or bool(before and before.never),
            )
            tx.put_wrap_up(said)
            tx.write_trail(
                request.id,
                actor=user.actor,
                event="wrapped up",
                reason=code or "without a code",
                attempt_id=attempt_id,
            )

    def _check(self, code: str, again: str | None, never: bool) -> None:
        if code and code not in self.rules.wrap_up_codes:
            raise InvalidWrapUp("code", "Choose one of the wrap-up codes.")
        if again and never:
            raise InvalidWrapUp(
                "again", "Either a call again, or never again: take one of the two back."
            )

    def _never(self, tx: ConsoleTransaction, user: User, request: Request, call: Attempt) -> None:
        reason = f"never call again: wrapped up by {user.login}"
        if tx.suppress(call.e164, reason):
            tx.write_trail(
                request.id, actor=user.actor, event="suppressed", reason="never call again"
            )

    def _again(self, tx: ConsoleTransaction, user: User, request: Request, again: str) -> RequestId:
        """The request that is called again at this time: this one, or after its end a new one."""
        queue = find_queue(self.queues, request.queue)
        wishes = tx.wishes_of(request.id)
        wish = next((one for one in wishes if one.withdrawn_at is None), None)
        if wish is None:
            wish = next(iter(wishes), None)
        if wish is None or wish.erased_at is not None:
            raise InvalidWrapUp("again", "Their data was deleted, so no call can be planned.")
        when = _appointment(tx, queue, request, wish, again)
        if request.open:
            return _moved(tx, user, queue, request, wish, when)
        if tx.open_request(request.queue, request.e164) is not None:
            raise InvalidWrapUp(
                "again", "This number has asked for another call already, which comes anyway."
            )
        return self._new(tx, user, queue, request, wish, when)

    def _new(
        self,
        tx: ConsoleTransaction,
        user: User,
        queue: CallbackQueue,
        done: Request,
        wish: Wish,
        when: Appointment,
    ) -> RequestId:
        request = tx.add_request(
            actor=user.actor,
            queue=done.queue,
            e164=done.e164,
            region=done.region,
            state=RequestState.SCHEDULED,
            created_at=tx.now,
            line_at=when.instant,
            expires_at=queue.keeps_until(when.instant),
            **_time_of(when),
            **_texts_of(wish),
        )
        nonce = secrets.token_urlsafe(16)
        promised = check_time(queue, (), when.instant, tx.now)
        made = tx.add_wish(
            request_id=request.id,
            public_id=secrets.token_hex(12),
            nonce=nonce,
            secret_hash=hash_secret(derive(self.secret_key, nonce)),
            created_at=tx.now,
            asap=False,
            own_zone=wish.own_zone,
            promised_from=promised.earliest,
            promised_to=promised.latest,
            scope=wish.scope,
            page=wish.page,
            **_time_of(when),
            **_texts_of(wish),
        )
        messages.asked(tx, made)
        reason = f"agreed on by {user.login}: goes on in request {request.id}"
        tx.write_trail(done.id, actor=user.actor, event="called again", reason=reason)
        return request.id


def _appointment(
    tx: ConsoleTransaction, queue: CallbackQueue, request: Request, wish: Wish, again: str
) -> Appointment:
    """The agreed time, judged as a customer's choice would be, and kept in the customer's zone."""
    window = times.BookingWindow(days_ahead=queue.slots.days_ahead)
    try:
        when = times.appointment(again, queue.hours.zone, tx.now, window)
        customer = of_customer(queue, wish.zone if wish.own_zone else None, request.e164)
        check_time(queue, customer, when.instant, tx.now)
        take_place(tx, queue, customer, when.instant)
    except InvalidTime as error:
        raise InvalidWrapUp("again", error.template, **error.values) from error
    if not (wish.own_zone and wish.zone):
        return when
    theirs = when.instant.astimezone(ZoneInfo(wish.zone)).replace(tzinfo=None)
    return Appointment(
        instant=when.instant,
        wall_time=theirs.isoformat(timespec="minutes"),
        zone=wish.zone,
        tzdata=when.tzdata,
    )


def _moved(
    tx: ConsoleTransaction,
    user: User,
    queue: CallbackQueue,
    request: Request,
    wish: Wish,
    when: Appointment,
) -> RequestId:
    """The request goes on after a try in vain, and its next one has an agreed time now."""
    refuse_after_gate(tx, request)
    promised = check_time(queue, (), when.instant, tx.now)
    new = wish.evolve(
        asap=False,
        moves=wish.moves + 1,
        promised_from=promised.earliest,
        promised_to=promised.latest,
        **_time_of(when),
    )
    moved = tx.change_wish(wish, new)
    messages.moved(tx, moved)
    reason = f"agreed on by {user.login}"
    follow_moved(tx, request, moved, queue, actor=user.actor, reason=reason)
    return request.id


def _time_of(when: Appointment) -> Mapping[str, Any]:
    return {
        "due_at": when.instant,
        "wall_time": when.wall_time,
        "zone": when.zone,
        "tzdata": when.tzdata,
    }


def _texts_of(wish: Wish) -> Mapping[str, Any]:
    return {
        "name": wish.name,
        "topic": wish.topic,
        "about": wish.about,
        "email": wish.email,
        "locale": wish.locale,
    }


def _one_line(text: str) -> str:
    """A note as it is kept. Raises InvalidWrapUp (note): too long, or it hides something."""
    note = _SPACE.sub(" ", text).strip()
    if len(note) > LONGEST_NOTE:
        raise InvalidWrapUp(
            "note", "This is too long: at most {longest} characters.", longest=LONGEST_NOTE
        )
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in note):
        raise InvalidWrapUp("note", "This contains an invisible character. Type it in by hand.")
    return note
