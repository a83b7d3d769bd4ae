"""What a supervisor does to one request, on its own page and from its row of the board.

A request of a queue that is not theirs is not there: 404, as one that never was. What is refused
shows the request's page with why, and all that was typed: 409 not in this state, 422 it can't be
used, 429 a limit is reached.
"""

from collections.abc import Callable

from flask import Blueprint, Response, abort, flash, make_response, redirect
from flask import request as asked
from flask import url_for as _url_for
from flask.typing import ResponseReturnValue

from asterisk_callback.domain.account import Role
from asterisk_callback.domain.errors import (
    CallbackError,
    InvalidInput,
    LimitReached,
    NotNow,
    NotPossible,
    StoreUnavailable,
)
from asterisk_callback.domain.request import Request, RequestId
from asterisk_callback.services.board import supervise
from asterisk_callback.services.board.reassign import ReassignService
from asterisk_callback.services.booking.ask_again import ask_again
from flask_app.inside.board import request_page
from flask_app.inside.board.request_page import BoardRejection
from flask_app.shared import access, problems
from flask_app.shared.app_services import parts
from flask_app.shared.integers import bounded

blueprint = Blueprint("board_actions", __name__, url_prefix="/board")
access.of_blueprint(blueprint, access.insiders(Role.SUPERVISOR))


@blueprint.get("/requests/<int:request_id>")
def page(request_id: int) -> ResponseReturnValue:
    """`?day`: the day whose times are shown to move it to."""
    return request_page.page(theirs(request_id), 200, BoardRejection(day=asked.args.get("day", "")))


@blueprint.post("/requests/<int:request_id>/next")
def call_next(request_id: int) -> ResponseReturnValue:
    """First in line, before all others of its queue."""
    actor, store = access.me().actor, parts().store
    return _do(
        request_id,
        "next",
        "First in line now.",
        lambda one: supervise.call_next(store, one, actor=actor),
    )


@blueprint.post("/requests/<int:request_id>/again")
def again(request_id: int) -> ResponseReturnValue:
    """The next try without its pause; or, of one that has ended, a new request."""
    found, actor = theirs(request_id), access.me().actor
    if found.open:
        store, queues = parts().store, parts().queues
        return _do(
            request_id,
            "again",
            "Tried again as soon as an agent is free, a minute after the last ring at the soonest.",
            lambda one: supervise.try_now(store, queues, one, actor=actor),
        )

    def once_more(one: RequestId) -> Request:
        return ask_again(parts().booking, one, scope="board", actor=actor).request

    return _do(request_id, "again", "Asked again: this is the new request.", once_more)


@blueprint.post("/requests/<int:request_id>/move")
def move(request_id: int) -> ResponseReturnValue:
    """`slot`: ISO 8601 with an offset, or `asap`. Whoever asked is told."""
    slot, actor = asked.form.get("slot", ""), access.me().actor
    if not slot:
        return _refused(theirs(request_id), "move", 422, "Choose the time to move it to.")
    when = None if slot == "asap" else slot
    return _do(
        request_id,
        "move",
        "Moved. Whoever asked is told.",
        lambda one: parts().moving.move_request(one, when, actor=actor),
    )


@blueprint.post("/requests/<int:request_id>/give")
def give(request_id: int) -> ResponseReturnValue:
    """`to`: another of their callback queues."""
    found, to = theirs(request_id), asked.form.get("to", "")
    if not to:
        return _refused(found, "give", 422, "Choose the queue that is to have it.")
    if to not in parts().queues or not access.may(Role.SUPERVISOR, to):
        abort(404)
    giving = ReassignService(
        store=parts().store, queues=parts().queues, guard=parts().booking.guard
    )
    actor, title = access.me().actor, parts().queues[to].title
    return _do(
        request_id,
        "give",
        f"Given to {title}. It keeps its place in line.",
        lambda one: giving.give(one, to, actor=actor),
    )


@blueprint.post("/requests/<int:request_id>/cancel")
def cancel(request_id: int) -> ResponseReturnValue:
    reason, actor = asked.form.get("reason", ""), access.me().actor
    if not reason.strip():
        return _refused(theirs(request_id), "cancel", 422, "Say why: it stands in the story.")
    return _do(
        request_id,
        "cancel",
        "Cancelled. Whoever asked is told.",
        lambda one: supervise.cancel(parts().store, one, reason, actor=actor),
    )


def theirs(request_id: int) -> Request:
    """The request; 404 unless there is one and it is of one of their queues."""
    with parts().store.reading() as tx:
        found = tx.requests.get(RequestId(request_id))
    if found is None or not access.may(Role.SUPERVISOR, found.queue):
        abort(404)
    return found


def _do(request_id: int, action: str, news: str, verb: Callable[[RequestId], Request]) -> Response:
    """Does it, and shows the request that came of it, or the board if it was asked there."""
    found = theirs(request_id)
    try:
        done = verb(found.id)
    except StoreUnavailable:
        raise
    except CallbackError as error:
        return _refused(theirs(request_id), action, _status(error), _sentence(error))
    flash(news)
    here = _url_for("board_actions.page", request_id=done.id)
    if asked.form.get("back") == "board":
        start = asked.form.get("start", 0, bounded)
        here = _url_for("board.page", queue=asked.form.get("queue") or None, start=start or None)
    return make_response(redirect(here, code=303))


def _status(error: CallbackError) -> int:
    status = problems.status_of(error)
    if status == 500:
        raise error
    return status


def _sentence(error: CallbackError) -> str:
    """Some sentences of the core are written for customers."""
    match error:
        case NotNow():
            return "Its queue takes no call as soon as possible now: closed, or its line is full."
        case LimitReached():
            return "A limit of requests is reached: for this number, its block or its country."
        case InvalidInput() | NotPossible() | _:
            return error.sentence


def _refused(found: Request, action: str, code: int, sentence: str) -> Response:
    form = asked.form
    tried = BoardRejection(
        action=action,
        sentence=sentence,
        reason=form.get("reason", ""),
        day=form.get("day", ""),
        slot=form.get("slot", ""),
        to=form.get("to", ""),
    )
    return request_page.page(found, code, tried)
