"""Limits of what may be asked for and of how many calls are made, as they are configured.

Their defaults stand in domain/limits.py."""

from typing import Any

from pydantic import Field

from asterisk_callback.config.sections import Section
from asterisk_callback.domain.limits import CallLimits, Limits

_LIMITS = Limits()


class CallLimitSettings(Section):
    """Limits of one trunk or one queue; none unless set."""

    calls_per_hour: int | None = Field(None, ge=0, examples=["calls_per_hour = 60"])
    calls_per_second: int | None = Field(None, ge=1, examples=["calls_per_second = 2"])
    calls_at_once: int | None = Field(None, ge=1, examples=["calls_at_once = 4"])

    @property
    def call_limits(self) -> CallLimits:
        """The same as the guard takes them."""
        return CallLimits(
            at_once=self.calls_at_once,
            per_second=self.calls_per_second,
            per_hour=self.calls_per_hour,
        )


def _limit(name: str, least: int = 1) -> Any:
    default: int = getattr(_LIMITS, name)
    return Field(default, ge=least, examples=[f"{name} = {default}"])


class LimitSettings(CallLimitSettings):
    requests_per_number: int = _limit("requests_per_number")
    requests_per_number_in_30_days: int = _limit("requests_per_number_in_30_days")
    requests_per_block: int = _limit("requests_per_block")
    requests_per_country: int = _limit("requests_per_country", 0)
    wishes_per_address: int = _limit("wishes_per_address")
    calls_per_number: int = _limit("calls_per_number")
    calls_per_hour: int | None = Field(
        _LIMITS.calls.per_hour, ge=0, examples=["calls_per_hour = 200"]
    )
    calls_at_once: int | None = Field(None, ge=1, examples=["calls_at_once = 10"])

    @property
    def rules(self) -> Limits:
        """The same as the guard takes them."""
        numbers = self.model_dump(exclude=set(CallLimitSettings.model_fields))
        return Limits(**numbers, calls=self.call_limits)
