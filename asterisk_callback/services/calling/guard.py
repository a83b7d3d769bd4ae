"""May this number be rung now? Asked at the form, at the claim and, with locks, at the gate.

Locks are taken in a fixed order: `address:`, `network:`, request row, `number:`, `block:`,
`country:`, `calls:`.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asterisk_callback.domain.errors import (
    InvalidInput,
    LimitReached,
)
from asterisk_callback.domain.gate import RefusalReason
from asterisk_callback.domain.keyed_hash import block_of, stand_in
from asterisk_callback.domain.languages import N_
from asterisk_callback.domain.limits import (
    DAY,
    HOUR,
    MONTH,
    SECOND,
    SHARES,
    UNLIMITED,
    WIDER,
    CallLimits,
    Limits,
    Scope,
)
from asterisk_callback.domain.phone import NumberRules, PhoneNumber, judge
from asterisk_callback.domain.queue import CallbackQueue
from asterisk_callback.domain.request import Request
from asterisk_callback.domain.trunk import Trunk
from asterisk_callback.services.ports import Transaction
from asterisk_callback.services.requests.opening import late_wishes, talk_of

_NOT_NOW = N_("We can’t take this request now. Try again tomorrow, or ring us if it can’t wait.")


def lock_of(e164: str) -> str:
    """The name of a number's lock."""
    return f"number:{e164}"


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks, as keyed hashes: what one client has, and the network around it (None for wishes
    from before it was kept)."""

    address: str
    network: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """secret_key: of the stand-ins for erased numbers, which are counted like the numbers."""

    rules: NumberRules
    limits: Limits
    secret_key: str = ""

    def no(
        self, tx: Transaction, queue: CallbackQueue, e164: str, trunk: Trunk | None = None
    ) -> RefusalReason | None:
        """The reason for which this queue may not ring this number now, or None. trunk: by which it
        would; None: by any of the queue's.

        Takes the number's lock, so that two gates at a cap of one give one yes. The caller holds
        the request's row.
        """
        tx.lock(lock_of(e164))
        return self.no_all(tx, [(queue, e164, trunk)])[0]

    def no_all(
        self, tx: Transaction, asked: Sequence[tuple[CallbackQueue, str, Trunk | None]]
    ) -> list[RefusalReason | None]:
        """The same for many, each by its place. The caller holds the locks of all the numbers."""
        may = {number for queue, number, trunk in asked if self._reached_by(queue, number, trunk)}
        suppressed = tx.suppressions.among(may) if may else ()
        kept = {one: self._and_erased(one) for one in may}
        every = [name for names in kept.values() for name in names]
        calls = tx.limits.calls_of(every, tx.now - DAY) if may else {}
        found: list[RefusalReason | None] = []
        for queue, number, trunk in asked:
            no = None
            if not self._reached_by(queue, number, trunk):
                no = RefusalReason.NOT_ALLOWED
            elif number in suppressed:
                no = RefusalReason.SUPPRESSED
            elif sum(calls.get(name, 0) for name in kept[number]) >= self.limits.calls_per_number:
                no = RefusalReason.NUMBER_LIMIT
            found.append(no)
        return found

    def _reached_by(self, queue: CallbackQueue, e164: str, trunk: Trunk | None) -> bool:
        """Is it a number that this queue may call, by this trunk or by any of its own?"""
        try:
            number = judge(e164, queue.number_rules(self.rules))
        except InvalidInput:
            return False
        trunks = queue.trunks_for(number.region) if trunk is None else (trunk,)
        return any(one.reaches(number.region) for one in trunks)

    def reached(
        self,
        tx: Transaction,
        queue: CallbackQueue,
    ) -> RefusalReason | None:
        """Return the limit that one more attempt of this queue would break now, or None. Asked in
        one order, so that claim, gate, board and console name the same one.

        An attempt takes its place as soon as it is claimed, so that no agent is rung for nothing;
        what the gate asks is PassesLeft.
        """
        for scope, limits in self.scopes(queue, None):
            no = _left(tx, scope, limits, count_claimed=True).reason
            if no is not None:
                return no
        every = [self.trunk_reached(tx, one) for one in queue.every_trunk]
        return every[0] if all(every) else None

    def trunk_reached(self, tx: Transaction, trunk: Trunk) -> RefusalReason | None:
        """Return the limit of this trunk alone that one more attempt would break, or None."""
        return _left(tx, Scope(trunk=trunk.name), trunk.limits, count_claimed=True).reason

    def left(self, tx: Transaction, queue: CallbackQueue) -> int:
        """How many more calls of this queue its own limits and those of all calls let through now,
        beside those of its trunks."""
        scopes = self.scopes(queue, None)
        found = [_left(tx, scope, limits, count_claimed=True).calls for scope, limits in scopes]
        return min(found, default=sys.maxsize)

    def scopes(self, queue: CallbackQueue, trunk: Trunk | None) -> list[tuple[Scope, CallLimits]]:
        """That have limits, in the order in which these are named."""
        scopes = [(Scope(), self.limits.calls)]
        if trunk is not None:
            scopes.append((Scope(trunk=trunk.name), trunk.limits))
        scopes.append((Scope(queue=queue.name), queue.limits))
        return [(scope, limits) for scope, limits in scopes if limits != UNLIMITED]

    def check_client(self, tx: Transaction, client: Client) -> None:
        """Raises LimitReached if too many wishes came from this client within the hour, or from the
        network around it, in which its address may be chosen freely."""
        since, limit = tx.now - HOUR, self.limits.wishes_per_address
        tx.lock(f"address:{client.address}")
        full = tx.limits.wishes_from_client(since, address=client.address) >= limit
        if client.network is not None:
            tx.lock(f"network:{client.network}")
            full |= tx.limits.wishes_from_client(since, network=client.network) >= limit * WIDER
        if full:
            raise LimitReached(
                "Too many calls were asked for from here within the last hour. Try again later.",
                retry_after=int(HOUR.total_seconds()),
            )

    def check_request(
        self,
        tx: Transaction,
        number: PhoneNumber,
        joined: Request | None = None,
        client: Client | None = None,
    ) -> None:
        """Raises LimitReached for a number that gets no request.

        A stranger must not learn whether a number is suppressed or was called: each reason has the
        same sentence, the same status and the same time to wait, and each is counted every time.
        joined: the open request that a wish would join. It is judged as if that were not there, or
        whoever is taken in where others are refused would know that it is; but not while they talk:
        then the wish opens a request of its own when the talk is over, and counts as that.
        """
        limits, block = self.limits, block_of(number.e164)
        tx.lock(lock_of(number.e164))
        tx.lock(f"block:{block}")
        talk = talk_of(tx, joined) if joined is not None else None
        if joined is not None and talk is not None and late_wishes(tx.wishes.of(joined.id), talk):
            return  # it goes along with them: no request is made
        guests = _Guests.of(tx, joined if talk is None else None)
        if guests.anybody:
            return  # it was taken in behind one of them: no request is made

        in_talks = tx.limits.wished_in_talks(e164=number.e164)

        def made_of_number(span: timedelta) -> int:
            since = tx.now - span
            kept = self._with_erased(
                number.e164, lambda one: tx.limits.requests_since(since, e164=one)
            )
            return kept + in_talks + guests.instead(since)

        def may_ring() -> int:
            since = tx.now - MONTH
            kept = self._with_erased(number.e164, lambda one: tx.limits.ringing_since(since, one))
            return kept + in_talks + guests.instead(None)

        def made_of_block() -> int:
            since = tx.now - HOUR
            kept = self._with_erased(
                number.e164, lambda one: tx.limits.requests_since(since, block=block_of(one))
            )
            return kept + tx.limits.wished_in_talks(block=block) + guests.instead(since)

        blocks = (block, block_of(self.stand_in(number.e164)))
        reached = [
            tx.suppressions.has(number.e164),
            made_of_number(DAY) >= limits.requests_per_number,
            may_ring() >= limits.requests_per_number_in_30_days,
            made_of_block() >= limits.requests_per_block,
            self._is_much(tx, client, HOUR, limits.requests_per_block, blocks=blocks),
        ]
        if number.region != self.rules.home:
            tx.lock(f"country:{number.region}")
            since = tx.now - DAY
            made = tx.limits.requests_since(since, region=number.region) + guests.instead(since)
            made += tx.limits.wished_in_talks(region=number.region)
            most = limits.requests_per_country
            reached.append(made >= most)
            reached.append(self._is_much(tx, client, DAY, most, region=number.region))
        if any(reached):
            raise LimitReached(_NOT_NOW, retry_after=int(DAY.total_seconds()))

    def _is_much(
        self,
        tx: Transaction,
        client: Client | None,
        span: timedelta,
        limit: int,
        *,
        blocks: Sequence[str | None] = (None,),
        region: str | None = None,
    ) -> bool:
        """Has one network had its share of what a block or a country may get? What few make counts
        against them first, and leaves the rest to others. blocks: of numbers, and of their
        stand-ins."""
        if client is None or client.network is None:
            return False
        since = tx.now - span
        mine = client.network
        made = sum(
            tx.limits.requests_from_network(mine, since, block=one, region=region) for one in blocks
        )
        return made >= max(1, limit // SHARES)

    def stand_in(self, e164: str) -> str:
        """What is kept in place of a number that is erased."""
        return stand_in(e164, self.secret_key)

    def _and_erased(self, e164: str) -> Sequence[str]:
        """The number, and what is kept of it once it was erased."""
        return e164, self.stand_in(e164)

    def _with_erased(self, e164: str, count: Callable[[str], int]) -> int:
        """What was counted of a number, before and after it was erased."""
        return sum(count(one) for one in self._and_erased(e164))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Guests:
    """The wishes that joined an open request after the one that opened it, and what they would have
    made without it. opened: of the request. began: of each request that they would have opened."""

    opened: datetime | None = None
    began: tuple[datetime, ...] = ()
    anybody: bool = False

    @classmethod
    def of(cls, tx: Transaction, joined: Request | None) -> "_Guests":
        if joined is None:
            return cls()
        wishes = sorted(tx.wishes.of(joined.id), key=lambda wish: (wish.since, wish.id))[1:]
        left = [wish.withdrawn_at for wish in wishes]
        return cls(
            opened=joined.created_at,
            began=tuple(
                wish.since
                for number, wish in enumerate(wishes)
                if all(gone is not None and gone <= wish.since for gone in left[:number])
            ),
            anybody=any(gone is None for gone in left),
        )

    def instead(self, since: datetime | None) -> int:
        """How many more requests since then (None: in all) there would be without the one that they
        joined."""
        one = self.opened is not None and (since is None or self.opened >= since)
        return sum(since is None or began >= since for began in self.began) - one


class PassesLeft:
    """How many more calls may pass the gate, by the limits of queues and their trunks.

    Only calls that passed count: the gate's own attempts are among the claimed. Counted once, under
    the counters' locks, so that two gates at a cap of one give one yes; and each yes that is given
    in this transaction takes its place here.
    """

    def __init__(
        self, tx: Transaction, guard: Guard, pairs: Iterable[tuple[CallbackQueue, Trunk]]
    ) -> None:
        self._guard = guard
        scopes = {
            scope: limits for queue, trunk in pairs for scope, limits in guard.scopes(queue, trunk)
        }
        if scopes:
            tx.lock(*(f"calls:{scope}" for scope in scopes))
            tx.refresh_now()
        self._left = {
            scope: _left(tx, scope, limits, count_claimed=False) for scope, limits in scopes.items()
        }

    def reached(self, queue: CallbackQueue, trunk: Trunk) -> RefusalReason | None:
        """The limit that one more would break, or None."""
        scopes = self._guard.scopes(queue, trunk)
        return next((no for one, _ in scopes if (no := self._left[one].reason)), None)

    def take(self, queue: CallbackQueue, trunk: Trunk) -> None:
        """One was let through."""
        for scope, _ in self._guard.scopes(queue, trunk):
            self._left[scope] = self._left[scope].one_less()


@dataclass(frozen=True, slots=True)
class _Left:
    """How many more calls a scope's limits let through, by limit, in the order in which they are
    named."""

    by_limit: tuple[tuple[int, RefusalReason], ...]

    @property
    def calls(self) -> int:
        return max(0, min((calls for calls, _ in self.by_limit), default=sys.maxsize))

    @property
    def reason(self) -> RefusalReason | None:
        """The limit that lets none through."""
        return next((reason for calls, reason in self.by_limit if calls <= 0), None)

    def one_less(self) -> "_Left":
        return _Left(tuple((calls - 1, reason) for calls, reason in self.by_limit))


def _left(tx: Transaction, scope: Scope, limits: CallLimits, *, count_claimed: bool) -> _Left:
    """The limits of this scope: an hour's, those at once, a second's. The last is the gate's alone,
    which asks again in a moment."""
    claimed, left = 0, []
    if count_claimed and (limits.per_hour, limits.at_once) != (None, None):
        claimed = tx.limits.calls_open(passed=False, **scope.where)
    if limits.per_hour is not None:
        made = tx.limits.calls_since(tx.now - HOUR, **scope.where)
        left.append((limits.per_hour - made - claimed, RefusalReason.HOUR_LIMIT))
    if limits.at_once is not None:
        passed = tx.limits.calls_open(passed=True, **scope.where)
        left.append((limits.at_once - passed - claimed, RefusalReason.AT_ONCE))
    if limits.per_second is not None and not count_claimed:
        made = tx.limits.calls_since(tx.now - SECOND, **scope.where)
        left.append((limits.per_second - made, RefusalReason.PER_SECOND))
    return _Left(tuple(left))
