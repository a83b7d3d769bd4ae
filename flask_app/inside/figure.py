"""A figure with its target, as board and reports show it."""

from dataclasses import dataclass

# What is held to be good. Percent, people, minutes.
PROMISES, WAITING, TIME_TO_CALL, REACHED = 95, 10, 10, 90


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """bar, goal: percent of the rail's width; goal None: there is no mark. verdict: in words."""

    name: str
    value: str
    unit: str = ""
    bar: str = "0%"
    goal: str | None = None
    verdict: str
    off: bool = False
