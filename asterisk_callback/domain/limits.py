"""How many calls may be made at once, a second, an hour: in all, over a trunk, for a queue."""

from dataclasses import dataclass, field
from datetime import timedelta

# The spans over which is counted.
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class CallLimits:
    """None: no limit. at_once: open attempts. per_second, per_hour: passes of the gate."""

    at_once: int | None = None
    per_second: int | None = None
    per_hour: int | None = None


UNLIMITED = CallLimits()


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """requests_per_number: accepted in 24 hours; …_in_30_days: that may have rung in 30 days.
    requests_per_block: in an hour, for all numbers alike but for their last 3 digits.
    requests_per_country: in 24 hours, for each country but the company's own, over all queues.
    wishes_per_address: in one hour, from one client; WIDER times as many from its network.
    calls_per_number: rings in 24 hours. calls: over all queues and trunks."""

    requests_per_number: int = 2
    requests_per_number_in_30_days: int = 4
    requests_per_block: int = 10
    requests_per_country: int = 20
    wishes_per_address: int = 5
    calls_per_number: int = 6
    calls: CallLimits = field(default_factory=lambda: CallLimits(per_hour=200))


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What a limit counts over: one trunk, one callback queue, or everything."""

    trunk: str | None = None
    queue: str | None = None

    @property
    def where(self) -> dict[str, str | None]:
        return {"trunk": self.trunk, "queue": self.queue}

    def __str__(self) -> str:
        return f"trunk:{self.trunk}" if self.trunk else f"queue:{self.queue or '*'}"
