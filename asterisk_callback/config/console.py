"""What can be configured of the agents' console."""

from typing import Annotated

from pydantic import AfterValidator, Field

from asterisk_callback.config import fields as f
from asterisk_callback.config.sections import Section, key
from asterisk_callback.domain.console import ConsoleRules

# Each becomes a header of AMI, a field of Asterisk's queue log (divided by |) and a button.
_LONGEST, _MOST = 40, 12


def _reasons(value: tuple[str, ...]) -> tuple[str, ...]:
    for one in value:
        if not one.strip() or len(one) > _LONGEST or not one.isprintable() or "|" in one:
            raise ValueError(f"must be names of one line, up to {_LONGEST} letters, without |")
    if len(value) > _MOST or len(set(value)) < len(value):
        raise ValueError(f"must be {_MOST} different ones at most")
    return value


PauseReasons = Annotated[tuple[str, ...], AfterValidator(_reasons)]


class ConsoleSettings(Section):
    pause_reasons: PauseReasons = key(
        'pause_reasons = ["Short break", "Lunch"]', ("Short break", "Lunch")
    )
    wrap_up_codes: tuple[f.Title, ...] = key(
        'wrap_up_codes = ["Solved", "Needs a follow-up"]', ConsoleRules().wrap_up_codes
    )
    wrap_up_for: f.Duration = key('wrap_up_for = "60s"', ConsoleRules().wrap_up_for)
    cancel_reasons: tuple[f.Title, ...] = Field(
        ConsoleRules().cancel_reasons, min_length=1, examples=['cancel_reasons = ["Asked twice"]']
    )
    tell_cancelled: bool = key("tell_cancelled = true", True)

    @property
    def rules(self) -> ConsoleRules:
        return ConsoleRules(
            wrap_up_codes=self.wrap_up_codes,
            wrap_up_for=self.wrap_up_for,
            cancel_reasons=self.cancel_reasons,
            tell_cancelled=self.tell_cancelled,
        )
