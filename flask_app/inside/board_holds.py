"""The two switches of the board: no calls go out, or no new wishes are taken, until it is resumed.

The switch of everything is for who is supervisor of every queue; another is not there: 404.
"""

from flask import Blueprint, abort, flash, redirect
from flask import request as asked
from flask import url_for as _url_for
from flask.typing import ResponseReturnValue

from asterisk_callback.domain.account import EVERY_QUEUE, Role
from asterisk_callback.domain.errors import InvalidInput
from asterisk_callback.domain.hold import EVERYTHING, Held
from asterisk_callback.services.calling import holds as hold
from flask_app.shared import access
from flask_app.shared.app_services import parts

blueprint = Blueprint("board_holds", __name__, url_prefix="/board")
access.of_blueprint(blueprint, access.insiders(Role.SUPERVISOR))


@blueprint.post("/dialling")
def dialling() -> ResponseReturnValue:
    """`queue`: which, "" for all. `stop`: with a `reason`; else dialling goes on."""
    return _turn(Held.DIALLING)


@blueprint.post("/intake")
def intake() -> ResponseReturnValue:
    """The same for the taking of new wishes."""
    return _turn(Held.INTAKE)


def _turn(kind: Held) -> ResponseReturnValue:
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
                hold.stop(tx, queue, actor=actor, reason=reason, kind=kind)
            else:
                hold.resume(tx, queue, actor=actor, kind=kind)
    except InvalidInput as error:
        flash(f"Not stopped: the reason can’t be used. {error.sentence}")
    return redirect(_url_for("board.page", queue=queue or None), code=303)
