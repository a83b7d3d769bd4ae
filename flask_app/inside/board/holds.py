"""The two switches at the head of the board: are callbacks offered, and do calls go out.

The two switches of the board: no calls go out, or no new wishes are taken, until it is resumed.

The switch of everything is for who is supervisor of every queue; another is not there: 404.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect
from flask import request as asked
from flask import url_for as _url_for
from flask.typing import ResponseReturnValue

from asterisk_callback.domain.account import EVERY_QUEUE, Role
from asterisk_callback.domain.errors import InvalidInput
from asterisk_callback.domain.hold import EVERYTHING, Hold, HoldKind, over
from asterisk_callback.domain.phone import redact
from asterisk_callback.services.calling import holds
from flask_app.shared import access
from flask_app.shared.app_services import parts
from flask_app.shared.moments import ReaderClock

_NAMES = {HoldKind.INTAKE: "Offer callbacks", HoldKind.DIALLING: "Dial customers"}
_PLACES = {HoldKind.INTAKE: "on the website", HoldKind.DIALLING: "calls go out"}
_STOPPED = {
    HoldKind.INTAKE: ("No callbacks are offered in any queue", "Callbacks are not offered"),
    HoldKind.DIALLING: ("All dialling is stopped", "Dialling is stopped"),
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
    dialling: Sequence[Hold], intake: Sequence[Hold], scope: str, may: bool, reader: ReaderClock
) -> tuple[Switch, ...]:
    """scope: a callback queue, or everything."""
    return (
        _switch(HoldKind.INTAKE, over(intake, scope), scope, may, reader),
        _switch(HoldKind.DIALLING, over(dialling, scope), scope, may, reader),
    )


def _switch(
    kind: HoldKind, standing: Hold | None, scope: str, may: bool, reader: ReaderClock
) -> Switch:
    return Switch(
        kind=kind.value,
        name=_NAMES[kind],
        place=_PLACES[kind],
        scope=scope,
        may=may,
        stopped=_stopped(kind, standing, reader) if standing else "",
        may_resume=may and standing is not None and standing.scope == scope,
    )


def _stopped(kind: HoldKind, standing: Hold, reader: ReaderClock) -> str:
    since = reader.moment(standing.since)
    day = "" if since.days == 0 else f"{since.date}, "
    what = _STOPPED[kind][standing.scope != EVERYTHING]
    why = f": {redact(standing.reason)}" if standing.reason else ""
    return f"{what} since {day}{since.clock} by {standing.actor}{why}"


blueprint = Blueprint("board_holds", __name__, url_prefix="/board")
access.of_blueprint(blueprint, access.insiders(Role.SUPERVISOR))


@blueprint.post("/dialling")
def dialling() -> ResponseReturnValue:
    """`queue`: which, "" for all. `stop`: with a `reason`; else dialling goes on."""
    return _turn(HoldKind.DIALLING)


@blueprint.post("/intake")
def intake() -> ResponseReturnValue:
    """The same for the taking of new wishes."""
    return _turn(HoldKind.INTAKE)


def _turn(kind: HoldKind) -> ResponseReturnValue:
    queue = asked.form.get("queue", EVERYTHING)
    if queue != EVERYTHING and queue not in parts().queues:
        abort(404)
    # Everything: only who is supervisor of every queue, those that come later, too.
    if not access.may(Role.SUPERVISOR, queue or EVERY_QUEUE):
        abort(404)
    actor = access.me().actor
    try:
        with parts().store.writing() as tx:
            if "stop" in asked.form:
                reason = asked.form.get("reason", "")
                holds.stop(tx, queue, actor=actor, reason=reason, kind=kind)
            else:
                holds.resume(tx, queue, actor=actor, kind=kind)
    except InvalidInput as error:
        flash(f"Not stopped: the reason can’t be used. {error.sentence}")
    return redirect(_url_for("board.page", queue=queue or None), code=303)
