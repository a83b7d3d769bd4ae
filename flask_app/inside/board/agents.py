"""The board's agents, one by one; of many, those that are alike are summed up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from asterisk_callback.domain.appointment import MINUTE, whole_minute
from asterisk_callback.domain.queue_member import Presence
from asterisk_callback.services.board.roster import Agent

MOST = 12

_WORD = {
    Presence.FREE: "free",
    Presence.RINGING: "ringing",
    Presence.TALKING: "talking",
    Presence.BUSY: "busy",
    Presence.PAUSED: "paused",
    Presence.GONE: "phone not connected",
}
# Lights differ in shape: filled free, a ring busy, a square away.
_LIGHT = {
    Presence.FREE: "",
    Presence.PAUSED: "light-off",
    Presence.GONE: "light-off",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentView:
    name: str
    state: str
    light: str


def views(agents: Sequence[Agent], now: datetime) -> tuple[AgentView, ...]:
    """At most MOST rows. agents: in the order in which they are shown. now: by whole minutes, so
    that nothing changes from second to second."""
    groups = [list(group) for _, group in groupby(agents, key=lambda one: one.presence)]
    each = next(
        (each for each in range(MOST, 1, -1) if sum(_rows(one, each) for one in groups) <= MOST), 1
    )
    shown: list[AgentView] = []
    for group in groups:
        named = group if len(group) <= each else group[: each - 1]
        shown += [_view(one, now) for one in named]
        if more := len(group) - len(named):
            presence = group[0].presence
            name = f"{more} more" if named else f"{more} agents"
            shown.append(AgentView(name=name, state=_WORD[presence], light=_light(presence)))
    return tuple(shown)


def _rows(group: Sequence[Agent], each: int) -> int:
    return min(len(group), each)


def _view(one: Agent, now: datetime) -> AgentView:
    word = _WORD[one.presence]
    if one.presence is Presence.PAUSED and one.reason:
        word = f"{one.reason[:1].lower()}{one.reason[1:]}"
    since = whole_minute(one.since) if one.since else now
    minutes = int((now - since) / MINUTE)
    state = f"{word}, {minutes} min" if minutes > 0 else word
    return AgentView(name=one.name, state=state, light=_light(one.presence))


def _light(presence: Presence) -> str:
    return _LIGHT.get(presence, "light-busy")
