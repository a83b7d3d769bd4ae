"""Looking: what is on an agent's console right now, and how their day goes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from asterisk_callback.domain.account import Role, User
from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.console import ConsoleRules, Offer, OfferOutcome, WrapUp
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.promise import PromiseOutcome, first_ring, verdict
from asterisk_callback.domain.queue import CallbackQueue, Queues
from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.domain.wish import Wish, representative
from asterisk_callback.services.console.current import call_of, wrap_up_until
from asterisk_callback.services.console.view import (
    BookedCall,
    ConsoleView,
    CurrentOffer,
    Stage,
    Today,
)
from asterisk_callback.store.transaction import SqlTransaction

# What became of the last offer is told for so long.
NEWS_FOR = timedelta(minutes=2)


def see(tx: SqlTransaction, queues: Queues, rules: ConsoleRules, user: User) -> ConsoleView:
    names = user.queues(Role.AGENT, queues)
    offer = tx.offers.open_of(user.id)
    request = tx.requests.get(offer.request_id) if offer else None
    in_hand = None
    if offer is not None and request is not None and _stands(tx, offer, request):
        in_hand = _offered(tx, queues, request, offer)
    elif offer is None:
        call = call_of(tx, user, rules)
        called = tx.requests.get(call.request_id) if call else None
        if call is not None and called is not None:
            in_hand = _called(tx, queues, rules, called, call)
    news, news_id = _news(tx, user) if in_hand is None else ("", 0)
    return ConsoleView(
        now=tx.now,
        in_hand=in_hand,
        in_line=sum(tx.line.length(name) for name in names),
        news=news,
        news_id=news_id,
    )


def _stands(tx: SqlTransaction, offer: Offer, request: Request) -> bool:
    """Not over by itself: the dispatcher's sweep may be a moment behind."""
    if offer.cancelled_at is not None:
        return True
    return request.state is RequestState.OFFERED and tx.now < offer.answer_by


def _offered(tx: SqlTransaction, queues: Queues, request: Request, offer: Offer) -> CurrentOffer:
    if offer.cancelled_at is not None:
        stage = Stage.CANCELLED
    elif offer.asked_at is not None:
        stage = Stage.CALLING
    else:
        stage = Stage.CHECKING if offer.taken_at is not None else Stage.OFFERED
    earlier = tx.attempts.of(request.id)
    number = offer.number or _last_number(earlier) or request.e164
    return _in_hand(
        tx,
        queues,
        request,
        stage=stage,
        number=number,
        attempts=earlier,
        mode=DeliveryMode.PREVIEW,
        offer=offer,
        until=offer.answer_by,
        sentence=offer.refusal,
    )


def _called(
    tx: SqlTransaction, queues: Queues, rules: ConsoleRules, request: Request, call: Attempt
) -> CurrentOffer:
    if call.over_for_agent_at is not None:
        stage = Stage.WRAP_UP
    elif call.answered_at is not None:
        stage = Stage.TALKING
    else:
        stage = Stage.CALLING if call.gate_at is None else Stage.RINGING
    attempts = tx.attempts.of(request.id)
    return _in_hand(
        tx,
        queues,
        request,
        stage=stage,
        number=call.e164,
        attempts=[one for one in attempts if one.id < call.id],
        mode=call.mode,
        attempt=call,
        until=wrap_up_until(call, rules),
        wrap_up=tx.wrap_ups.get(call.id),
        sentence=_GONE if stage is Stage.WRAP_UP and _goes_on(request, call, attempts) else "",
    )


_GONE = "They were gone as soon as they answered: the request is called once more by itself."


def _goes_on(request: Request, call: Attempt, attempts: Sequence[Attempt]) -> bool:
    """Is the request called again although they answered? No other talk leaves one open, unless
    another call was past its gate when the answer was reported."""
    overtaken = any(one.id > call.id and one.gate_at is not None for one in attempts)
    return call.disposition is Disposition.ANSWERED and request.open and not overtaken


def _in_hand(
    tx: SqlTransaction,
    queues: Queues,
    request: Request,
    *,
    stage: Stage,
    number: str,
    attempts: Sequence[Attempt],
    mode: DeliveryMode,
    offer: Offer | None = None,
    attempt: Attempt | None = None,
    until: datetime | None = None,
    sentence: str = "",
    wrap_up: WrapUp | None = None,
) -> CurrentOffer:
    queue: CallbackQueue | None = queues.get(request.queue)
    return CurrentOffer(
        stage=stage,
        request=request,
        queue=queue,
        number=number,
        prefix=queue.trunk.prefix if queue else "",
        wish=_whose(tx, request),
        attempts=attempts,
        mode=mode,
        offer=offer,
        attempt=attempt,
        until=until,
        sentence=sentence,
        wrap_up=wrap_up,
    )


def _whose(tx: SqlTransaction, request: Request) -> Wish | None:
    """The wish that decides; of a request that has ended, the first of those that it was about."""
    wishes = tx.wishes.of(request.id)
    return representative(wishes)


def _last_number(attempts: Sequence[Attempt]) -> str | None:
    """What an agent put in the number's place at the last try is right until somebody says not."""
    tried = [one.e164 for one in attempts if one.mode.rules.offered and one.gate_at is not None]
    return tried[-1] if tried else None


def _news(tx: SqlTransaction, user: User) -> tuple[str, int]:
    last = tx.offers.last_of(user.id)
    if last is None or (last.ended_at is not None and tx.now - last.ended_at > NEWS_FOR):
        return "", 0
    if last.open:  # over by itself, and the dispatcher has not written it down yet
        late = tx.now >= last.answer_by
        last = last.evolve(outcome=OfferOutcome.TIMED_OUT if late else OfferOutcome.WITHDRAWN)
    return _what_became(tx, last), last.id


def _what_became(tx: SqlTransaction, offer: Offer) -> str:
    """A sentence, if it ended without the agent's doing."""
    match offer.outcome:
        case OfferOutcome.TIMED_OUT:
            return "Time was up, and it went to the next colleague."
        case OfferOutcome.AWAY:
            return "Your console was closed, so it went to the next colleague."
        case OfferOutcome.ELSEWHERE:
            return f"{_who_has(tx, offer)} took it first."
        case OfferOutcome.WITHDRAWN:
            return _withdrawn(tx.requests.get(offer.request_id))
        case OfferOutcome.CALLED:
            return _not_rung(tx, offer)
        case _:
            return ""


def _who_has(tx: SqlTransaction, offer: Offer) -> str:
    taken = [one for one in tx.offers.of(offer.request_id) if one.taken_at is not None]
    user = tx.accounts.get(taken[-1].user_id) if taken else None
    return user.name if user else "A colleague"


def _withdrawn(request: Request | None) -> str:
    if request is not None and request.state is RequestState.CANCELLED:
        return "It was cancelled in the meantime. You need not call."
    if request is not None and request.state is RequestState.EXPIRED:
        return "Its time has passed, so it is not called any more."
    return "It is no longer to be called from here."


def _not_rung(tx: SqlTransaction, offer: Offer) -> str:
    attempt = tx.attempts.get(offer.attempt_id) if offer.attempt_id else None
    if attempt is None or attempt.open or attempt.rung or attempt.dropped_at is not None:
        return ""
    if attempt.agent_at is None:
        return "Your phone was not answered, so nobody was called. The request is back in line."
    return "The customer’s phone was not rung. The story says why; the request goes on."


def today(tx: SqlTransaction, queues: Queues, user: User) -> Today:
    """The last day's calls, and who is booked until the next."""
    names = user.queues(Role.AGENT, queues)
    since = tx.now - timedelta(hours=12)
    booked = [
        BookedCall(at=one.due_at, name=one.name, queue=_title(queues, one.queue), topic=one.topic)
        for one in tx.requests.planned(names, tx.now, tx.now + timedelta(hours=12))[:8]
    ]
    talks = [
        one
        for one in (tx.attempts.of_member(user.member, since) if user.member else ())
        if one.answered_at is not None and one.ended_at is not None
    ]
    promised, kept = _kept(tx, talks)
    seconds = [
        (one.over_for_agent_at - one.answered_at).total_seconds()
        for one in talks
        if one.over_for_agent_at and one.answered_at
    ]
    return Today(
        calls=len(talks),
        kept=kept,
        promised=promised,
        talk=round(sum(seconds) / len(seconds)) if seconds else 0,
        booked=booked,
    )


def _kept(tx: SqlTransaction, talks: Sequence[Attempt]) -> tuple[int, int]:
    """Of the promises behind these calls: how many can be judged, and how many were kept, by the
    first ring, as board and reports count them."""
    promised = kept = 0
    for one in talks:
        request = tx.requests.get(one.request_id)
        wish = _whose(tx, request) if request else None
        if request is None or wish is None or wish.promised is None:
            continue
        outcome = verdict(
            wish.promised,
            first_ring(wish, tx.attempts.of(request.id)),
            withdrawn=not wish.stands,
            state=request.state,
            now=tx.now,
        )
        promised += outcome is not None and outcome.due
        kept += outcome is PromiseOutcome.KEPT
    return promised, kept


def _title(queues: Queues, name: str) -> str:
    queue = queues.get(name)
    return queue.title if queue else name
