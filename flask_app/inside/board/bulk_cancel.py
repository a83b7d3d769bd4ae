"""Cancelling many at once: chosen on the board, confirmed with one reason, each by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template
from flask import request as asked
from flask import url_for as _url_for
from flask.typing import ResponseReturnValue

from asterisk_callback.domain.account import Role
from asterisk_callback.domain.errors import InvalidInput
from asterisk_callback.domain.phone import mask
from asterisk_callback.domain.request import Request, RequestId
from asterisk_callback.services.board import supervise
from flask_app.shared import access
from flask_app.shared.app_services import parts
from flask_app.shared.integers import bounded

blueprint = Blueprint("board_bulk", __name__, url_prefix="/board")
access.of_blueprint(blueprint, access.insiders(Role.SUPERVISOR))

# As many as the board shows on a page, and some more.
MOST = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class CancelCandidate:
    """One of those to be cancelled. why: it can't be, or could not be; "" else."""

    id: int
    who: str
    phone: str
    title: str
    why: str = ""


@blueprint.post("/cancel")
def choose() -> ResponseReturnValue:
    """`id`: of the rows that were ticked; `all`: those of `shown`, the whole page. Asks for the
    reason."""
    found = _requests("shown" if "all" in asked.form else "id")
    if not found:
        flash("Tick the calls to cancel first.")
        return redirect(_back(), code=303)
    return _page(found, 200)


@blueprint.post("/cancel/confirmed")
def confirmed() -> ResponseReturnValue:
    """Back to the board, or a page that names those that could not be cancelled, and why."""
    found, reason = _requests("id"), asked.form.get("reason", "")
    if not found:
        return redirect(_back(), code=303)
    if not reason.strip():
        return _page(found, 422, "Say why: it stands in the story of each.")
    ids = [one.id for one in found]
    try:
        left = supervise.cancel_all(parts().store, ids, reason, actor=access.me().actor)
    except InvalidInput as error:
        return _page(found, 422, error.sentence)
    done = len(ids) - len(left)
    if not left:
        flash(f"{_calls(done)} cancelled. Whoever asked is told.")
        return redirect(_back(), code=303)
    why = {one.id: one.why for one in left}
    rows = [_chosen(one, why[one.id]) for one in found if one.id in why]
    return render_template("inside/board/left.html", rows=rows, done=_calls(done), back=_back())


def _page(found: Sequence[Request], code: int, sentence: str = "") -> ResponseReturnValue:
    rows = [_chosen(one, "" if one.open else f"It has ended: {one.state}.") for one in found]
    going = [one for one in rows if not one.why]
    shown = render_template(
        "inside/board/bulk_cancel.html",
        going=going,
        ended=[one for one in rows if one.why],
        calls=_calls(len(going)),
        sentence=sentence,
        typed=asked.form.get("reason", ""),
        queue=asked.form.get("queue", ""),
        start=asked.form.get("start", 0, bounded),
        back=_back(),
    )
    return shown, code


def _requests(field: str) -> Sequence[Request]:
    """In the order of the page. 404 if one of them is not theirs."""
    try:
        ids = list(dict.fromkeys(map(bounded, asked.form.getlist(field))))
    except ValueError:
        abort(404)
    if len(ids) > MOST:
        abort(404)
    with parts().store.reading() as tx:
        found = [tx.requests.get(RequestId(one)) for one in ids]
    known = [one for one in found if one and access.may(Role.SUPERVISOR, one.queue)]
    if len(known) != len(ids):
        abort(404)
    return known


def _chosen(one: Request, why: str) -> CancelCandidate:
    queue = parts().queues.get(one.queue)
    return CancelCandidate(
        id=one.id,
        who=one.name or "No name",
        phone=mask(one.e164),
        title=queue.title if queue else one.queue,
        why=why,
    )


def _back() -> str:
    start = asked.form.get("start", 0, bounded)
    return _url_for("board.page", queue=asked.form.get("queue") or None, start=start or None)


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"
