"""The supervisor's board: figures, who is waiting and why, and each request's story."""

from typing import cast
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue

from asterisk_callback.domain.account import EVERY_QUEUE, Role
from asterisk_callback.domain.request import RequestId
from flask_app.inside import scope
from flask_app.inside.board import story
from flask_app.inside.board import view as board_view
from flask_app.inside.board.cache import BoardCache, CacheKey
from flask_app.inside.board.story import SelectedRequest
from flask_app.inside.board.view import BoardView
from flask_app.shared import access, languages
from flask_app.shared.app_services import parts
from flask_app.shared.integers import bounded
from flask_app.shared.moments import ReaderClock

blueprint = Blueprint("board", __name__, url_prefix="/board")
access.of_blueprint(blueprint, access.insiders(Role.SUPERVISOR))

PAGE = 50


@blueprint.get("")
def page() -> ResponseReturnValue:
    """`?queue`: of one callback queue; else of all that are theirs. `?start`: the table's page.
    `?picked`: the request whose story stands beside it."""
    shown = render_template(
        "inside/board/page.html",
        view=_kept().view(_key(), _view),
        tabs=scope.theirs(),
        queue=scope.queue(),
        day=languages.day(board_view.today(parts())[0]),
    )
    return make_response(shown)


@blueprint.get("/fragment")
@access.signed_in(Role.SUPERVISOR, quiet=True)
def fragment() -> ResponseReturnValue:
    """The changing parts, for the page's script; 304 while nothing changed."""
    view = _kept().view(_key(), _view)
    answer = Response()
    answer.set_etag(view.version)
    answer.make_conditional(request)
    if answer.status_code == 200:
        shown = render_template("inside/board/_fragment.html", view=view, queue=scope.queue())
        answer.set_data(shown)
    return answer


def _kept() -> BoardCache:
    return cast(BoardCache, current_app.extensions.setdefault("callback_board", BoardCache()))


def _key() -> CacheKey:
    """All that the view depends on, but for the configuration."""
    boards = parts().boards
    assert boards is not None
    names = scope.names()
    queue = scope.queue()
    return CacheKey(
        mark=boards.mark(),
        names=None if names is None else tuple(names),
        scope=queue,
        start=request.args.get("start", 0, bounded),
        picked=request.args.get("picked", 0, bounded),
        may=access.may(Role.SUPERVISOR, queue or EVERY_QUEUE),
        today=board_view.today(parts()),
    )


def _view(key: CacheKey) -> BoardView:
    boards = parts().boards
    assert boards is not None
    found = boards.board(key.names, key.today, start=key.start, limit=PAGE)
    return board_view.board_view(parts(), found, key.scope, key.may, _picked(key))


def _picked(key: CacheKey) -> SelectedRequest | None:
    """None for one that is not theirs, as for one that never was."""
    if not key.picked:
        return None
    with parts().store.reading() as tx:
        found = tx.requests.get(RequestId(key.picked))
        if found is None or (key.names is not None and found.queue not in key.names):
            return None
        trail = tx.trail.of(found.id)
    reader = ReaderClock(ZoneInfo(parts().company.zone), parts().clock())
    return story.picked(found, trail, reader)
