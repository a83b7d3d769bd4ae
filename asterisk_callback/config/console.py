"""What can be configured of the agents' console."""

from typing import Annotated

from pydantic import AfterValidator

from asterisk_callback.config.sections import Section, key

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
