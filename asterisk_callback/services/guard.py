"""May this number be rung now? Asked at the form, at the claim and, with locks, at the gate."""

from dataclasses import dataclass
from datetime import timedelta

from asterisk_callback.domain.errors import (
    InvalidInput,
    LimitReached,
    NumberNotAllowed,
)
from asterisk_callback.domain.gate import No
from asterisk_callback.domain.phone import NumberRules, judge
from asterisk_callback.services.ports import Transaction

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """requests_per_number: accepted in 24 hours. wishes_per_address: in one hour.
    calls_per_number: rings in 24 hours. calls_per_hour: rings in all."""

    requests_per_number: int = 2
    wishes_per_address: int = 5
    calls_per_number: int = 6
    calls_per_hour: int = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    rules: NumberRules
    limits: Limits

    def no(self, tx: Transaction, e164: str) -> No | None:
        """The reason for which this number may not be rung now, or None.

        Takes the number's lock and the counter's, so that two gates at a cap of one give one yes.
        The caller holds the request's row.
        """
        try:
            judge(e164, self.rules)
        except InvalidInput:
            return No.NOT_ALLOWED
        tx.lock(f"number:{e164}")
        if tx.suppressed(e164):
            return No.SUPPRESSED
        if tx.calls_since(tx.now - DAY, e164) >= self.limits.calls_per_number:
            return No.NUMBER_LIMIT
        tx.lock("calls-per-hour")
        if tx.calls_since(tx.now - HOUR) >= self.limits.calls_per_hour:
            return No.HOUR_LIMIT
        return None

    def check_address(self, tx: Transaction, address: str) -> None:
        """Raises LimitReached if too many wishes came from this client within the hour."""
        tx.lock(f"address:{address}")
        if tx.wishes_from(address, tx.now - HOUR) >= self.limits.wishes_per_address:
            raise LimitReached(
                "Too many calls were asked for from here within the last hour. "
                "Try again later, or ring us.",
                retry_after=int(HOUR.total_seconds()),
            )

    def check_new_request(self, tx: Transaction, e164: str) -> None:
        """Raises NumberNotAllowed or LimitReached for a number that gets no new request."""
        tx.lock(f"number:{e164}")
        if tx.suppressed(e164):
            raise NumberNotAllowed("We can’t call this number.")
        if tx.requests_since(tx.now - DAY, e164) >= self.limits.requests_per_number:
            raise LimitReached(
                "This number has been called back as often as we can in one day. "
                "Try again tomorrow, or ring us.",
                retry_after=int(DAY.total_seconds()),
            )
