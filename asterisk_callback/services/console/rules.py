"""What an admin sets for the agents' consoles."""

from dataclasses import dataclass, field
from datetime import timedelta

from asterisk_callback.domain.queue_member import MemberRules


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsoleRules:
    """wrap_up_codes: what an agent can say of a call. wrap_up_for: how long after it they are
    offered nothing new. cancel_reasons: why a request ends without a call. tell_cancelled: is the
    customer told of that, unless the agent decides otherwise? members: the phones that may be rung
    as an agent's own."""

    wrap_up_codes: tuple[str, ...] = ("Solved", "Needs a follow-up", "Wrong person", "Voicemail")
    wrap_up_for: timedelta = timedelta(seconds=60)
    cancel_reasons: tuple[str, ...] = (
        "Already solved",
        "Asked twice",
        "Wrong department",
        "Not a real request",
    )
    tell_cancelled: bool = True
    members: MemberRules = field(default_factory=MemberRules)
