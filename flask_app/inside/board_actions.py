"""What a supervisor does: one request's page with its actions, and the stop of dialling.

A request of a queue that is not theirs is not there: 404, as one that never was.
"""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template
from flask import request as asked
from flask import url_for as _url_for
from flask.typing import ResponseReturnValue

from asterisk_callback.domain.account import EVERY_QUEUE, Role
from asterisk_callback.domain.errors import NotPossible
from asterisk_callback.domain.hold import EVERYTHING
from asterisk_callback.domain.phone import mask
from asterisk_callback.domain.request import Request, RequestId, RequestState
from asterisk_callback.services import hold, supervise
from flask_app import access
from flask_app.inside import board_story
from flask_app.moments import Reader
from flask_app.parts import parts

blueprint = Blueprint("board_actions", __name__, url_prefix="/board")
access.of_blueprint(blueprint, access.insiders(Role.SUPERVISOR))


@blueprint.get("/requests/<int:request_id>")
def page(request_id: int) -> ResponseReturnValue:
    return _page(_theirs(request_id), 200)


@blueprint.post("/requests/<int:request_id>/next")
def call_next(request_id: int) -> ResponseReturnValue:
    """First in line, before all others of its queue."""
    return _do(
        request_id,
        "First in line now.",
        lambda one: supervise.call_next(parts().store, one, actor=access.me().actor),
    )


@blueprint.post("/requests/<int:request_id>/cancel")
def cancel(request_id: int) -> ResponseReturnValue:
    reason = asked.form.get("reason", "")
    if not reason.strip():
        return _page(_theirs(request_id), 422, "Say why: it stands in the story.")
    return _do(
        request_id,
        "Cancelled. Whoever asked is told.",
        lambda one: supervise.cancel(parts().store, one, reason, actor=access.me().actor),
    )


@blueprint.post("/dialling")
def dialling() -> ResponseReturnValue:
    """`queue`: which, "" for all. `stop`: with a `reason`; else dialling goes on."""
    queue = asked.form.get("queue", EVERYTHING)
    if queue != EVERYTHING and queue not in parts().queues:
        abort(404)
    # Everything: only who is supervisor of every queue, those that come later, too.
    if not access.may(Role.SUPERVISOR, queue or EVERY_QUEUE):
        abort(404)
    actor = access.me().actor
    with parts().store.writing() as tx:
        if "stop" in asked.form:
            reason = supervise.one_line(asked.form.get("reason", ""))
            hold.stop(tx, queue, actor=actor, reason=reason)
        else:
            hold.resume(tx, queue, actor=actor)
    return redirect(_url_for("board.page", queue=queue or None), code=303)


def _theirs(request_id: int) -> Request:
    with parts().store.reading() as tx:
        found = tx.request(RequestId(request_id))
    if found is None or not access.may(Role.SUPERVISOR, found.queue):
        abort(404)
    return found


def _do(request_id: int, news: str, verb: Callable[[RequestId], object]) -> Response:
    found = _theirs(request_id)
    try:
        verb(found.id)
    except NotPossible as error:
        return _page(_theirs(request_id), 409, error.sentence)
    flash(news)
    here = _url_for("board_actions.page", request_id=request_id)
    return make_response(redirect(here, code=303))


def _page(found: Request, code: int, sentence: str = "") -> Response:
    with parts().store.reading() as tx:
        trail = tx.trail(found.id)
    reader = Reader(ZoneInfo(parts().company.zone), parts().clock())
    queue = parts().queues.get(found.queue)
    shown = render_template(
        "inside/board_request.html",
        found=found,
        phone=mask(found.e164),
        title=queue.title if queue else found.queue,
        story=board_story.story(trail, reader),
        in_line=found.state is RequestState.QUEUED,
        sentence=sentence,
        typed=asked.form.get("reason", ""),
    )
    return make_response(shown, code)
