"""The agent's verbs: take, pass on, call back, cancel, drop. Each is judged again under the lock of
the request's row, so of two who do the same at once one wins, and the other is told."""

from dataclasses import dataclass, field
from datetime import timedelta

from asterisk_callback.domain import phone
from asterisk_callback.domain.account import Role, User
from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.console import ConsoleRules, Offer, OfferId, OfferOutcome
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.phone import mask
from asterisk_callback.domain.queue import Queues, find_queue
from asterisk_callback.domain.request import Request, RequestId, RequestState
from asterisk_callback.domain.trail import TrailEvent
from asterisk_callback.services.booking import withdraw
from asterisk_callback.services.calling.guard import Guard
from asterisk_callback.services.console import reading
from asterisk_callback.services.console.current import call_of
from asterisk_callback.services.console.errors import InvalidEntry, NotYours, TooLate
from asterisk_callback.services.console.offering import put_away
from asterisk_callback.services.console.view import ConsoleView, Today
from asterisk_callback.services.requests.locking import attempt_with_request
from asterisk_callback.services.requests.settling import EndedCall, settle_all
from asterisk_callback.store import SqlStore
from asterisk_callback.store.transaction import SqlTransaction

# So often an open console says that it is there.
SAID_EVERY = timedelta(seconds=8)
GONE = "This callback is no longer on your console."


@dataclass(frozen=True, kw_only=True, slots=True)
class Console:
    store: SqlStore
    queues: Queues
    guard: Guard
    rules: ConsoleRules = field(default_factory=ConsoleRules)

    def see(self, user: User, *, opened: bool = False) -> ConsoleView:
        """What is on this agent's console now; asking says that it is open. opened: its page is
        being loaded, rather than one that was loaded before asks. Raises StoreUnavailable."""
        with self.store.reading() as tx:
            seen = tx.consoles.seen_at(user.id)
            fresh = seen is not None and tx.now - seen < SAID_EVERY
            view = reading.see(tx, self.queues, self.rules, user)
        if not fresh:
            with self.store.writing() as tx:
                tx.consoles.touch(user.id, opened=opened)
        return view

    def leave(self, user: User) -> None:
        """The browser goes away. What was offered goes to the next agent, unless it is back at
        once."""
        with self.store.writing() as tx:
            tx.consoles.leave(user.id)

    def day(self, user: User) -> Today:
        """How this agent's day goes. Raises StoreUnavailable."""
        with self.store.reading() as tx:
            return reading.today(tx, self.queues, user)

    def take(self, user: User, offer_id: OfferId) -> None:
        """Takes an offer into processing. Twice is no error. Raises TooLate if a colleague was
        faster, or its time is over; NotYours."""
        with self.store.writing() as tx:
            request, offer = self._locked(tx, user, offer_id)
            if offer.open and offer.taken_at is not None:
                return
            if not offer.open or request.state is not RequestState.OFFERED:
                raise TooLate(self._why_gone(tx, request, offer))
            if tx.now > offer.answer_by:
                raise TooLate("Time was up, and it went to the next colleague.")
            queue = find_queue(self.queues, request.queue)
            _require_agent(user, queue.name)
            until = tx.now + queue.preview.work_for
            for other in tx.offers.of(request.id):
                if other.open and other.id != offer.id:
                    lost = other.evolve(ended_at=tx.now, outcome=OfferOutcome.ELSEWHERE)
                    tx.offers.change(other, lost)
            tx.offers.change(offer, offer.evolve(taken_at=tx.now, answer_by=until))
            reason = f"offer {offer.id}: taken by {user.login}"
            tx.trail.add(request.id, actor=user.actor, event=TrailEvent.TAKEN, reason=reason)

    def pass_on(self, user: User, offer_id: OfferId) -> None:
        """Refuses an offer: the next one is asked. Twice, or too late, is no error. Raises
        NotYours."""
        with self.store.writing() as tx:
            request, offer = self._locked(tx, user, offer_id)
            if offer.open and offer.taken_at is None:
                put_away(tx, request, offer, OfferOutcome.PASSED_ON, actor=user.actor)

    def call_back(self, user: User, offer_id: OfferId, typed: str) -> None:
        """Asks for the call: first the agent's own phone rings, then the gate is asked, then the
        customer's phone. typed: the number, which may have been changed. Pressed twice is no error.

        Raises InvalidNumber, NumberNotAllowed, TooLate, NotYours. What only the last moment can
        tell (hours, limits) is said on the console.
        """
        with self.store.writing() as tx:
            request, offer = self._locked(tx, user, offer_id)
            _require_mine(offer, request)
            queue = find_queue(self.queues, request.queue)
            _require_agent(user, queue.name)
            number = phone.parse(typed, queue.number_rules(self.guard.rules))
            if offer.asked_at is not None:
                return
            if number.e164 != request.e164:
                reason = f"{mask(request.e164)} to {mask(number.e164)}"
                tx.trail.add(
                    request.id, actor=user.actor, event=TrailEvent.NUMBER_CHANGED, reason=reason
                )
            asked = offer.evolve(asked_at=tx.now, number=number.e164, refusal="")
            tx.offers.change(offer, asked)

    def cancel(self, user: User, offer_id: OfferId, reason: str, tell: bool) -> None:
        """Ends the request without a call; it stays on the console until it is dropped.

        reason: one of the configured, for the trail. tell: the customer is told. Raises
        InvalidEntry (`reason`), TooLate, NotYours.
        """
        if reason not in self.rules.cancel_reasons:
            raise InvalidEntry("reason", "Choose one of the reasons.")
        with self.store.writing() as tx:
            request, offer = self._locked(tx, user, offer_id)
            if offer.open and offer.cancelled_at is not None:
                return
            _require_mine(offer, request)
            _require_agent(user, request.queue)
            if offer.asked_at is not None:
                raise TooLate("Your phone is about to ring. Drop the call first.")
            withdraw.call_off_request(tx, request, actor=user.actor, reason=reason, tell=tell)
            tx.offers.change(offer, offer.evolve(cancelled_at=tx.now))

    def drop(self, user: User, request_id: RequestId | None = None) -> None:
        """Puts away what is on the console: a call is hung up, what was not called yet goes back to
        its place in line, and what was cancelled is gone.

        request_id: whose. With another one there, or with nothing, nothing happens: a second press
        never hits what came after the first.
        """
        with self.store.writing() as tx:
            seen = tx.offers.open_of(user.id)
            if seen is not None and request_id in (None, seen.request_id):
                request, offer = self._locked(tx, user, seen.id)
                if offer.open:
                    cancelled = offer.cancelled_at is not None
                    end = OfferOutcome.CANCELLED if cancelled else OfferOutcome.DROPPED
                    put_away(tx, request, offer, end, actor=user.actor)
                    return
            if seen is None:
                self._hang_up(tx, user, request_id)

    def _hang_up(self, tx: SqlTransaction, user: User, request_id: RequestId | None) -> None:
        seen = call_of(tx, user, self.rules)
        if seen is None or not seen.open or request_id not in (None, seen.request_id):
            return
        found = attempt_with_request(tx, seen.token)
        if found is None or not _to_drop(found[1]):
            return
        request, attempt = found
        reason = f"dropped by {user.login}"
        dropped = attempt.evolve(dropped_at=tx.now)
        if attempt.gate_at is not None:
            tx.attempts.change(attempt, dropped, actor=user.actor, reason=reason)
            return
        # Before the gate it is final, as a cancel is: whatever becomes of the call, nobody is rung.
        gone = dropped.evolve(ended_at=tx.now, disposition=Disposition.AGENT_GONE, rung=False)
        gone = tx.attempts.change(attempt, gone, actor=user.actor, reason=reason)
        call = EndedCall(request=request, attempt=gone)
        settle_all(tx, [call], self.queues, actor=user.actor)

    def _locked(self, tx: SqlTransaction, user: User, offer_id: OfferId) -> tuple[Request, Offer]:
        """The request's row, and the offer as it is now. Raises NotYours for one of others."""
        seen = tx.offers.get(offer_id)
        if seen is None or seen.user_id != user.id:
            raise NotYours(GONE)
        request = tx.requests.lock(seen.request_id)
        offer = tx.offers.get(offer_id)
        if request is None or offer is None:
            raise NotYours(GONE)
        return request, offer

    def _why_gone(self, tx: SqlTransaction, request: Request, offer: Offer) -> str:
        for other in tx.offers.of(request.id):
            if other.open and other.taken_at is not None:
                user = tx.accounts.get(other.user_id)
                return f"{user.name if user else 'A colleague'} took it first."
        if request.state is RequestState.CANCELLED:
            return "It was cancelled in the meantime."
        if offer.outcome is OfferOutcome.TIMED_OUT:
            return "Time was up, and it went to the next colleague."
        return GONE


def _require_mine(offer: Offer, request: Request) -> None:
    """Raises TooLate unless the agent has it in processing."""
    if not offer.open or offer.taken_at is None:
        raise TooLate(GONE)
    if request.state is not RequestState.OFFERED:
        cancelled = request.state is RequestState.CANCELLED
        raise TooLate("It was cancelled in the meantime." if cancelled else GONE)


def _require_agent(user: User, queue: str) -> None:
    """Raises TooLate if the role was taken away meanwhile."""
    if not user.may(Role.AGENT, queue):
        raise TooLate("You are no agent of this department any more.")


def _to_drop(attempt: Attempt) -> bool:
    told = attempt.dropped_at is not None or attempt.hangup_asked_at is not None
    # What they handed on is a colleague's call.
    return attempt.over_for_agent_at is None and not told
