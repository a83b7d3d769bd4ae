"""What a model of Asterisk holds: its calls, and what outlives its process."""

import asyncio
from dataclasses import dataclass, field

from tests.simulation.far_end import Agent, Ring

LOST_SECOND = 1.0


@dataclass
class Disk:
    """What outlives an Asterisk process. astdb: value and when it was written."""

    astdb: dict[str, tuple[str, float]] = field(default_factory=dict)

    def crash(self, now: float) -> None:
        """The last second was not yet written down."""
        self.astdb = {
            key: entry for key, entry in self.astdb.items() if entry[1] <= now - LOST_SECOND
        }


@dataclass
class Call:
    """One Local channel with its two halves."""

    token: str
    queue_for: float
    task: asyncio.Task[None] | None = None
    agent: Agent | None = None
    in_customer_half: bool = False
    reported: bool = False
    asked: bool = False
    variables: dict[str, str] = field(default_factory=dict)
    ring: Ring | None = None
    dial_status: str = ""
    cause: str = ""
    tech: str = ""
    rang: bool = False

    @property
    def id_a(self) -> str:
        return f"cb-{self.token}-a"

    @property
    def id_b(self) -> str:
        return f"cb-{self.token}-b"
