"""The supervisor's board: figures, who is waiting and why, and each request's story."""

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from asterisk_callback.domain.account import EVERY_QUEUE, Role
from flask_app import access
from flask_app.inside import board_view, scope
from flask_app.inside.board_view import BoardView
from flask_app.parts import parts

blueprint = Blueprint("board", __name__, url_prefix="/board")
access.of_blueprint(blueprint, access.insiders(Role.SUPERVISOR))

PAGE = 50


@blueprint.get("")
def page() -> ResponseReturnValue:
    """`?queue`: of one callback queue; else of all that are theirs. `?start`: the table's page."""
    return make_response(
        render_template(
            "inside/board.html",
            view=_view(),
            tabs=scope.theirs(),
            queue=scope.queue(),
            day=board_view.today(parts())[0],
        )
    )


@blueprint.get("/fragment")
@access.signed_in(Role.SUPERVISOR, quiet=True)
def fragment() -> ResponseReturnValue:
    """The changing parts, for the page's script; 304 while nothing changed."""
    view = _view()
    answer = Response()
    answer.set_etag(view.version)
    answer.make_conditional(request)
    if answer.status_code == 200:
        answer.set_data(render_template("inside/_board_live.html", view=view, queue=scope.queue()))
    return answer


def _view() -> BoardView:
    boards = parts().boards
    assert boards is not None
    start = max(0, request.args.get("start", 0, int))
    found = boards.board(scope.names(), board_view.today(parts()), start=start, limit=PAGE)
    queue = scope.queue()
    may = access.may(Role.SUPERVISOR, queue or EVERY_QUEUE)
    return board_view.board_view(parts(), found, queue, may)
