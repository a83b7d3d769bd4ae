"""How many calls may be made at once, a second, an hour: in all, over a trunk, for a queue."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class CallLimits:
    """None: no limit. at_once: open attempts. per_second, per_hour: passes of the gate."""

    at_once: int | None = None
    per_second: int | None = None
    per_hour: int | None = None


UNLIMITED = CallLimits()
