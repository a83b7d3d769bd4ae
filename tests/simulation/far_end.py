"""Everything beyond Asterisk: the agents, the trunk, the customers' phones. They keep their own log
of every ring, and that log is what the promises are held against."""

from dataclasses import dataclass, field
from enum import StrEnum

from tests.simulation.loop import Universe


class Says(StrEnum):
    """What a dialled customer, or the trunk on the way there, does."""

    ANSWERS = "answers"
    BUSY = "busy"
    SILENT = "does not answer"
    DECLINES = "declines"
    UNKNOWN_NUMBER = "404"
    TRUNK_REFUSES = "403"
    CONGESTED = "congested"


NOT_A_RING = (Says.UNKNOWN_NUMBER, Says.TRUNK_REFUSES, Says.CONGESTED)


@dataclass
class Agent:
    name: str
    logged_in: bool = True
    on_call: bool = False

    @property
    def free(self) -> bool:
        return self.logged_in and not self.on_call

    @property
    def device_state(self) -> str:
        """As app_queue numbers them."""
        return "5" if not self.logged_in else "2" if self.on_call else "1"


@dataclass
class Ring:
    """An INVITE that reached the far end. `at`: virtual seconds. noticed: a person's phone rang, or
    was busy: an INVITE that is cancelled before it rings is no ring (the design's word: evidence).
    """

    at: float
    token: str
    digits: str
    says: Says
    noticed: bool = False

    @property
    def disturbs(self) -> bool:
        """Would a person's phone take notice?"""
        return self.says not in NOT_A_RING


@dataclass
class FarEnd:
    universe: Universe
    agents: list[Agent]
    rings: list[Ring] = field(default_factory=list)
    kind: float = 0.4  # how likely a customer answers
    trunk_down: bool = False

    def invite(self, token: str, digits: str) -> Ring:
        ring = Ring(self.universe.now, token, digits, self._mood())
        self.rings.append(ring)
        self.universe.note("far end", f"INVITE for {token[:4]}: {ring.says}")
        return ring

    def _mood(self) -> Says:
        rng = self.universe.rng
        if self.trunk_down:
            refusal: Says = rng.choice([Says.TRUNK_REFUSES, Says.CONGESTED])
            return refusal
        if rng.random() < self.kind:
            return Says.ANSWERS
        other: Says = rng.choice([*Says][1:])
        return other
