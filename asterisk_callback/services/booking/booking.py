"""Booking: from what a customer submitted to a durable callback request (P1, P3, P12)."""

import json
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from asterisk_callback.domain import appointment as times
from asterisk_callback.domain import page_address, phone, typed
from asterisk_callback.domain.appointment import Appointment
from asterisk_callback.domain.calling_hours import of_customer
from asterisk_callback.domain.client_network import around
from asterisk_callback.domain.email_address import is_address
from asterisk_callback.domain.errors import CallbackError, IdempotencyConflict, InvalidInput
from asterisk_callback.domain.keyed_hash import derive, hash_secret, text_hash
from asterisk_callback.domain.phone import PhoneNumber
from asterisk_callback.domain.queue import CallbackQueue, Queues, find_queue
from asterisk_callback.domain.request import Request
from asterisk_callback.domain.site import of_api
from asterisk_callback.domain.wish import PromisedWindow, Wish, WishedCall
from asterisk_callback.services.booking.places import (
    check_open,
    check_time,
    refuse_full,
    take_place,
)
from asterisk_callback.services.calling.guard import Client, Guard
from asterisk_callback.services.calling.holds import refuse_unoffered
from asterisk_callback.services.ports import Store, Transaction
from asterisk_callback.services.requests.following import join, last_over
from asterisk_callback.services.requests.opening import open_for
from asterisk_callback.services.telling import customer as messages

LONGEST = {
    "name": 80,
    "topic": 80,
    "about": 500,
    "email": 254,
    "locale": 16,
    "country": 2,
    "time_zone": 64,
    "page": 2000,  # as told; page_address.LONGEST of it is kept
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """What came in, as typed. scheduled_for None: as soon as possible.

    about: a note for whoever calls; the only text that may have lines, which are kept as one.

    time_zone: the IANA zone of a `scheduled_for` without offset; the company's zone if None.

    page: the address of the page on which they asked; its origin and path are kept.
    """

    phone: str
    queue: str
    country: str | None = None
    name: str = ""
    topic: str = ""
    about: str = ""
    email: str = ""
    locale: str = "en"
    scheduled_for: str | None = None
    time_zone: str | None = None
    page: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where it came from. scope: whose idempotency keys these are (a site, an API key).

    address: the client's address, or None where no limit per address applies (a trusted API key).
    own: the company itself asks once more, which it may while it offers no callbacks to others.
    """

    scope: str
    actor: str
    address: str | None = None
    key: str | None = None
    own: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class BookingResult:
    """secret: what the status page's address ends in. new: False for a repeated submission."""

    wish: Wish
    request: Request
    secret: str
    new: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Booking:
    store: Store
    queues: Queues
    guard: Guard
    home_zone: str
    secret_key: str

    def submit(self, submission: Submission, origin: Origin) -> BookingResult:
        """Accepts a wish. Returns only after the commit.

        The same idempotency key and body give the first answer again. A wish for a number and
        queue that already have an open request joins it, with a secret of its own; the earlier
        time wins. Raises InvalidInput and its kin (SlotTaken, QueueClosed and QueueFull carry other
        times), NotOffered, LimitReached, IdempotencyConflict, StoreUnavailable.
        """
        submission = replace(submission, about=typed.on_one_line(submission.about))
        _check_texts(submission)
        submission = replace(submission, page=page_address.origin_and_path(submission.page))
        body_hash = _body_hash(submission, origin)
        try:
            callback_queue, number = self._asked(submission, origin)
        except CallbackError:
            # Refused without the write lock: SQLite has one. A key that is known answers first.
            with self.store.reading() as tx:
                if earlier := self._earlier(tx, origin, body_hash):
                    return earlier
            raise
        with self.store.writing() as tx:
            if origin.key is not None:
                tx.lock(f"key:{origin.scope}:{origin.key}")
            earlier = self._earlier(tx, origin, body_hash)
            if earlier is not None:
                return earlier
            if not origin.own:
                refuse_unoffered(tx, callback_queue.name)
            appointment = self._appointment(submission, callback_queue, tx.now)
            client = self._client(origin)
            if client is not None:
                self.guard.check_client(tx, client)
            customer = of_customer(callback_queue, submission.time_zone, number.e164)
            if appointment is None:
                said = check_open(tx, callback_queue, customer, number.region)
            else:
                said = check_time(callback_queue, customer, appointment.instant, tx.now)
                # Before the number is looked at, or the two refusals would tell it from others.
                refuse_full(tx, callback_queue, customer, appointment.instant)
            request = self._request(tx, submission, origin, callback_queue, number, appointment)
            if appointment is not None:
                take_place(tx, callback_queue, customer, appointment.instant)
            wish = self._wish(tx, request, submission, origin, appointment, body_hash, said)
            messages.asked(tx, wish)
            return BookingResult(wish=wish, request=request, secret=self.secret(wish), new=True)

    def secret(self, wish: Wish) -> str:
        """The status page's secret: derived, so that a repeated submission can be told it again,
        while the database keeps only its hash."""
        return derive(self.secret_key, wish.nonce)

    def sent_before(self, origin: Origin) -> str | None:
        """The secret of the wish that this key was used for, for whoever knows the key and sends
        something else with it. None: it was cancelled or deleted, or there is none."""
        with self.store.reading() as tx:
            wish = tx.wishes.by_key(origin.scope, origin.key) if origin.key is not None else None
        over = wish is None or not wish.stands or wish.erased_at is not None
        return None if wish is None or over else self.secret(wish)

    def _asked(self, submission: Submission, origin: Origin) -> tuple[CallbackQueue, PhoneNumber]:
        """What can be judged by the settings alone."""
        callback_queue = find_queue(self.queues, submission.queue)
        if not origin.own:  # a request of old may have a topic that is offered no more
            callback_queue.topic(submission.topic)
        rules = callback_queue.number_rules(self.guard.rules)
        times.zone(submission.time_zone or self.home_zone)
        return callback_queue, phone.parse(submission.phone, rules, country=submission.country)

    def _earlier(self, tx: Transaction, origin: Origin, body_hash: str) -> BookingResult | None:
        """The answer that this key got. Raises IdempotencyConflict if it was for another body."""
        wish = tx.wishes.by_key(origin.scope, origin.key) if origin.key is not None else None
        if wish is None:
            return None
        if wish.body_hash != body_hash:
            raise IdempotencyConflict(
                "This Idempotency-Key was used with another request. Use a new key for a new one."
            )
        request = tx.requests.get(wish.request_id)
        assert request is not None  # a wish never outlives its request
        return BookingResult(wish=wish, request=request, secret=self.secret(wish), new=False)

    def _appointment(
        self, submission: Submission, callback_queue: CallbackQueue, now: datetime
    ) -> Appointment | None:
        if submission.scheduled_for is None:
            return None
        zone_name = submission.time_zone or self.home_zone
        window = times.BookingWindow(days_ahead=callback_queue.slots.days_ahead)
        return times.appointment(submission.scheduled_for, zone_name, now, window)

    def _client(self, origin: Origin) -> Client | None:
        """Addresses are kept as keyed hashes: enough to count, useless to a reader."""
        if origin.address is None:
            return None
        network = around(origin.address)
        return Client(
            derive(self.secret_key, f"address:{origin.address}"),
            derive(self.secret_key, f"network:{network}"),
        )

    def _request(
        self,
        tx: Transaction,
        submission: Submission,
        origin: Origin,
        callback_queue: CallbackQueue,
        number: PhoneNumber,
        appointment: Appointment | None,
    ) -> Request:
        tx.lock(f"wish:{callback_queue.name}:{number.e164}")
        open_request = tx.requests.lock_open_for(callback_queue.name, number.e164)
        self.guard.check_request(tx, number, open_request, self._client(origin))
        if open_request is not None:
            return join(tx, open_request, appointment, callback_queue, origin.actor)
        wished = _wished(submission, appointment, tx.now)
        return open_for(tx, wished, callback_queue, number.e164, number.region, actor=origin.actor)

    def _wish(
        self,
        tx: Transaction,
        request: Request,
        submission: Submission,
        origin: Origin,
        appointment: Appointment | None,
        body_hash: str,
        said: PromisedWindow | None,
    ) -> Wish:
        nonce = secrets.token_urlsafe(16)
        client = self._client(origin)
        return tx.wishes.add(
            request_id=request.id,
            public_id=secrets.token_hex(12),  # no “-” in front: it is typed on a command line
            nonce=nonce,
            secret_hash=hash_secret(derive(self.secret_key, nonce)),
            created_at=tx.now,
            asap=appointment is None,
            own_zone=submission.time_zone is not None,
            promised_from=said.start if said else None,
            promised_to=said.end if said else None,
            after_attempt=last_over(tx, request),
            scope=origin.scope,
            page=submission.page,
            key=origin.key,
            body_hash=body_hash,
            address=client.address if client else None,
            network=client.network if client else None,
            **_wished(submission, appointment, tx.now).fields(),
        )


def _wished(submission: Submission, appointment: Appointment | None, now: datetime) -> WishedCall:
    return WishedCall(
        due_at=appointment.instant if appointment else now,
        wall_time=appointment.wall_time if appointment else None,
        zone=appointment.zone if appointment else submission.time_zone,
        tzdata=appointment.tzdata if appointment else None,
        name=submission.name.strip(),
        topic=submission.topic.strip(),
        about=submission.about.strip(),
        email=submission.email.strip(),
        locale=submission.locale,
    )


def _body_hash(submission: Submission, origin: Origin) -> str:
    """By which a repeated submission is known. The page is part of it only where a program said it:
    browsers tell it by themselves, and keys from before there were pages are still answered."""
    said = asdict(submission)
    if not (submission.page and of_api(origin.scope)):
        del said["page"]
    return text_hash(json.dumps(said, sort_keys=True))


def _check_texts(submission: Submission) -> None:
    for name, longest in LONGEST.items():
        text = getattr(submission, name) or ""
        if len(text) > longest:
            raise InvalidInput(
                name, "This is too long: at most {longest} characters.", longest=longest
            )
        typed.refuse_hidden(name, text)
    if len(submission.phone) > 10 * phone.MAX_TYPED:
        raise InvalidInput("phone", "This is too long to be a phone number.")
    if len(submission.queue) > 64:
        raise InvalidInput("queue", "This is too long to be the name of a department.")
    if submission.email and not is_address(submission.email.strip()):
        raise InvalidInput("email", "Write the e-mail address like name@example.org.")
