"""What a customer was told of when the call comes, and how it came out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from asterisk_callback.domain.expected_time import Expected
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.ports import Transaction


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """promised: None if nothing was said. rang_at: the first ring after the wish, None until then.

    error: how long after the promised range it rang, negative before it, zero within; None as long
    as one of the two is missing.
    """

    promised: Expected | None
    rang_at: datetime | None
    error: timedelta | None


def kept(tx: Transaction, wish: Wish) -> Kept:
    """Promised against rung: the first ring after the wish was made, whether it was answered or
    not. An attempt past its gate without evidence of ringing is none."""
    rung = [
        attempt.ringing_at or attempt.answered_at or attempt.gate_at
        for attempt in tx.attempts_of(wish.request_id)
        if attempt.rung and attempt.claimed_at >= wish.since
    ]
    rang_at = min((instant for instant in rung if instant is not None), default=None)
    if wish.promised_from is None or wish.promised_to is None:
        return Kept(promised=None, rang_at=rang_at, error=None)
    promised = Expected(earliest=wish.promised_from, latest=wish.promised_to)
    return Kept(promised=promised, rang_at=rang_at, error=_error(promised, rang_at))


def _error(promised: Expected, rang_at: datetime | None) -> timedelta | None:
    if rang_at is None:
        return None
    if rang_at > promised.latest:
        return rang_at - promised.latest
    return min(timedelta(0), rang_at - promised.earliest)
