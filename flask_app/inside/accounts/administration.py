"""Administration: who may come inside, and as what."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from flask import url_for as _url_for
from flask.typing import ResponseReturnValue

from asterisk_callback.domain.account import (
    EVERY_QUEUE,
    Grant,
    InvalidAccount,
    Role,
    TooManyTries,
    User,
    UserId,
    new_grant,
)
from flask_app.inside.accounts.sign_in import accounts
from flask_app.shared import access, client
from flask_app.shared.app_services import parts

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
access.of_blueprint(blueprint, access.insiders(Role.ADMINISTRATOR))


@blueprint.get("")
def page() -> ResponseReturnValue:
    return _page(200)


@blueprint.post("/users")
def add() -> ResponseReturnValue:
    """A new user, who chooses a password by the link that is shown this once."""
    typed = request.form
    try:
        grants: tuple[Grant, ...] = ()
        if typed.get("role"):
            grants = (new_grant(typed["role"], typed.get("queue", EVERY_QUEUE), parts().queues),)
        user = accounts().users.add(
            typed.get("login", ""),
            typed.get("name", ""),
            member=typed.get("member", ""),
            grants=grants,
            actor=access.me().actor,
        )
    except InvalidAccount as error:
        return _page(422, field=error.field or "", sentence=error.sentence)
    return _link(user, accounts().users.link(user.id, actor=access.me().actor))


@blueprint.get("/users/<int:user_id>")
def user(user_id: int) -> ResponseReturnValue:
    return _user(user_id, 200)


@blueprint.post("/users/<int:user_id>")
def change(user_id: int) -> ResponseReturnValue:
    name, member = request.form.get("name", ""), request.form.get("member", "")
    return _do(user_id, "Kept.", accounts().users.rename, name, member)


@blueprint.post("/users/<int:user_id>/grant")
def grant(user_id: int) -> ResponseReturnValue:
    role, queue = request.form.get("role", ""), request.form.get("queue", EVERY_QUEUE)
    return _do(user_id, "Given, from the next click on.", accounts().users.grant, role, queue)


@blueprint.post("/users/<int:user_id>/revoke")
def revoke(user_id: int) -> ResponseReturnValue:
    role, queue = request.form.get("role", ""), request.form.get("queue", EVERY_QUEUE)

    def taken(user: UserId, code: str) -> None:
        verb = accounts().administering.revoke
        verb(access.me(), user, role, queue, code, client.address())

    return _do_proved(user_id, "Taken, from the next click on.", taken, field="code-role")


@blueprint.post("/users/<int:user_id>/link")
def link(user_id: int) -> ResponseReturnValue:
    user, code = accounts().users.one(UserId(user_id)), request.form.get("code", "")
    try:
        token = accounts().administering.link(access.me(), user.id, code, client.address())
    except TooManyTries as error:
        return _user(user_id, 429, "code", error.sentence)
    except InvalidAccount as error:
        return _user(user_id, 422, error.field or "", error.sentence)
    return _link(user, token)


@blueprint.post("/users/<int:user_id>/disable")
def disable(user_id: int) -> ResponseReturnValue:
    return _do(user_id, "Disabled, and signed out everywhere.", accounts().users.disable)


@blueprint.post("/users/<int:user_id>/enable")
def enable(user_id: int) -> ResponseReturnValue:
    return _do(user_id, "They may sign in again.", accounts().users.enable)


@blueprint.post("/users/<int:user_id>/second-factor-off")
def factor_off(user_id: int) -> ResponseReturnValue:
    def off(user: UserId, code: str) -> None:
        accounts().administering.factor_off(access.me(), user, code, client.address())

    return _do_proved(user_id, "The second factor is off.", off)


@blueprint.post("/users/<int:user_id>/sign-out")
def sign_out(user_id: int) -> ResponseReturnValue:
    return _do(user_id, "Signed out everywhere.", accounts().sessions.end_all)


def _do(user_id: int, news: str, verb: Callable[..., object], *given: str) -> Response:
    """verb: what is done to a user, with what is given for it, by who is asking."""
    try:
        verb(UserId(user_id), *given, actor=access.me().actor)
    except InvalidAccount as error:
        return _user(user_id, 422, error.field or "", error.sentence)
    flash(news)
    return make_response(redirect(_url_for("admin.user", user_id=user_id), code=303))


def _do_proved(
    user_id: int, news: str, verb: Callable[[UserId, str], None], *, field: str = "code"
) -> Response:
    """The same for what asks for a code where the user is an administrator. field: the page's."""
    try:
        verb(UserId(user_id), request.form.get("code", ""))
    except TooManyTries as error:
        return _user(user_id, 429, field, error.sentence)
    except InvalidAccount as error:
        wrong = field if error.field == "code" else error.field
        return _user(user_id, 422, wrong or "", error.sentence)
    flash(news)
    return make_response(redirect(_url_for("admin.user", user_id=user_id), code=303))


def _link(user: User, token: str) -> Response:
    address = parts().base_url + _url_for("sign_in.welcome", token=token)
    return make_response(render_template("inside/accounts/link.html", user=user, address=address))


def _page(code: int, *, field: str = "", sentence: str = "") -> Response:
    shown = render_template(
        "inside/accounts/administration.html",
        users=accounts().users.all(),
        events=accounts().users.events(),
        door=accounts().users.events(at_door=True),
        **_form(field, sentence),
    )
    return make_response(shown, code)


def _form(field: str, sentence: str) -> dict[str, Any]:
    """What the forms of both pages need. sentence: what is wrong with this field."""
    return {
        "queues": parts().queues,
        "roles": list(Role),
        "typed": request.form,
        "field": field,
        "sentence": sentence,
    }


def _user(user_id: int, code: int, field: str = "", sentence: str = "") -> Response:
    """Raises UnknownUser."""
    found = accounts().users.one(UserId(user_id))
    shown = render_template(
        "inside/accounts/user.html",
        user=found,
        events=accounts().users.events(found.id),
        door=accounts().users.events(found.id, at_door=True),
        **_form(field, sentence),
    )
    return make_response(shown, code)
