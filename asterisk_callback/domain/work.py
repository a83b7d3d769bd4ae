"""What a dispatcher finds to do when it looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkAtHand:
    due: bool  # there are requests to release or to expire
    in_line: Mapping[str, int]  # how many could be called now, by callback queue; without zeros
    held: bool  # somebody stopped dialling, in a queue or in all
    to_end: bool  # there are calls that Asterisk is to hang up
    orders: bool  # agents ask for something of their phones
    offers: bool  # a callback is offered to an agent
    next_at: datetime | None  # when something becomes due next, aware UTC
