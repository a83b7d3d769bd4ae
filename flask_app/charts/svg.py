"""What all pictures share."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Dot:
    """One call, or several. kind: its class in the style sheet. x: in percent; y: in pixels."""

    kind: str
    x: str
    y: int


def percent(x: float) -> str:
    return f"{x:.2f}".rstrip("0").rstrip(".") + "%"
