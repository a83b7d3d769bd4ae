"""Every number that limits what customers may ask for and how many calls are made, with its
default: in all, for a number, a client, a trunk, a queue."""

from dataclasses import dataclass, field
from datetime import timedelta

# The spans over which is counted.
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MONTH = timedelta(days=30)
# Maximum moves of one wish: each leaves rows in the trail and in the outbox.
MOST_MOVES = 20
# Maximum numbers of one wish: more than a slip or two is somebody who tries numbers.
MOST_NUMBERS = 3
# Maximum messages in 24 hours: to one e-mail address, to one mobile number.
MESSAGES_PER_ADDRESS = 10
MESSAGES_PER_NUMBER = 5
# Maximum requests of the network around a client, as a multiple of one client's.
WIDER = 4
# Share of one network in what a block of numbers or a country may get: one in SHARES.
SHARES = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class CallLimits:
    """None: no limit."""

    at_once: int | None = None  # Open attempts.
    per_second: int | None = None  # Passes of the gate, as those of an hour.
    per_hour: int | None = None


UNLIMITED = CallLimits()


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one number, block, country or client may have."""

    requests_per_number: int = 2  # Accepted in 24 hours.
    requests_per_number_in_30_days: int = 4  # Those that may have rung.
    requests_per_block: int = 10  # In an hour, for numbers alike but for their last 3 digits.
    requests_per_country: int = 20  # In 24 hours, over all queues; not of the company's own.
    wishes_per_address: int = 5  # In an hour, from one client; WIDER times as many of its network.
    calls_per_number: int = 6  # Rings in 24 hours.
    # Over all queues and trunks.
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
