"""The side of the house for whoever works here: they sign in, and go where their role lets them.

A new page: its blueprint in BLUEPRINTS, its place in the bar in bar.NAVIGATION, an access rule at
each view, and a template that extends inside/base.html. The inside speaks English.
"""

from flask import Flask, Response, make_response, render_template, request

from flask_app.inside import bar, board_holds
from flask_app.inside import phone as presence
from flask_app.inside.accounts import administration as admin
from flask_app.inside.accounts import own_account as account
from flask_app.inside.accounts import sign_in
from flask_app.inside.board import actions as board_actions
from flask_app.inside.board import bulk_cancel as board_bulk
from flask_app.inside.board import page as board
from flask_app.inside.console import page as console
from flask_app.inside.reports import page as reports
from flask_app.shared.typed import typed

BLUEPRINTS = (
    sign_in.blueprint,
    account.blueprint,
    console.blueprint,
    board.blueprint,
    board_actions.blueprint,
    board_bulk.blueprint,
    board_holds.blueprint,
    reports.blueprint,
    presence.blueprint,
    admin.blueprint,
)


def register(app: Flask) -> None:
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    bar.register(app)


def is_here() -> bool:
    """Is the route that is asked for one of the inside?"""
    return request.blueprint in {one.name for one in BLUEPRINTS}


def form_not_ours() -> Response | None:
    """What a form without its token gets: its own page with what was typed; None: the error's."""
    return console.form_not_ours() if request.blueprint == "console" else None


def error_page(code: int) -> Response:
    """In the words of the inside, with the bar and what was typed, if somebody is signed in."""
    kept = typed() if code >= 500 else []
    return make_response(render_template("inside/error.html", code=code, typed=kept), code)
