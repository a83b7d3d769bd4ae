"""The two switches at the head of the board: are callbacks offered, and do calls go out."""

from collections.abc import Sequence
from dataclasses import dataclass

from asterisk_callback.domain.hold import EVERYTHING, Held, Hold, over
from asterisk_callback.domain.phone import without_numbers
from flask_app.shared.moments import Reader

_NAMES = {Held.INTAKE: "Offer callbacks", Held.DIALLING: "Dial customers"}
_PLACES = {Held.INTAKE: "on the website", Held.DIALLING: "calls go out"}
_STOPPED = {
    Held.INTAKE: ("No callbacks are offered in any queue", "Callbacks are not offered"),
    Held.DIALLING: ("All dialling is stopped", "Dialling is stopped"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Switch:
    """kind: of domain/hold.py. place: what it switches, before "on" or "stopped". scope: what it is
    for. stopped: since when, by whom and why, in words; "" while it is on. may: who reads may use
    it. may_resume: what stops it is this switch's own."""

    kind: str
    name: str
    place: str
    scope: str
    may: bool
    stopped: str = ""
    may_resume: bool = False


def switches(
    dialling: Sequence[Hold], intake: Sequence[Hold], scope: str, may: bool, reader: Reader
) -> tuple[Switch, ...]:
    """scope: a callback queue, or everything."""
    return (
        _switch(Held.INTAKE, over(intake, scope), scope, may, reader),
        _switch(Held.DIALLING, over(dialling, scope), scope, may, reader),
    )


def _switch(kind: Held, standing: Hold | None, scope: str, may: bool, reader: Reader) -> Switch:
    return Switch(
        kind=kind.value,
        name=_NAMES[kind],
        place=_PLACES[kind],
        scope=scope,
        may=may,
        stopped=_stopped(kind, standing, reader) if standing else "",
        may_resume=may and standing is not None and standing.scope == scope,
    )


def _stopped(kind: Held, standing: Hold, reader: Reader) -> str:
    since = reader.moment(standing.since)
    day = "" if since.days == 0 else f"{since.date}, "
    what = _STOPPED[kind][standing.scope != EVERYTHING]
    why = f": {without_numbers(standing.reason)}" if standing.reason else ""
    return f"{what} since {day}{since.clock} by {standing.actor}{why}"
