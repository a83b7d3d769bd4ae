"""One's own account: password, second factor, sessions."""

from collections.abc import Callable

import segno
from flask import Blueprint, Response, flash, make_response, redirect, render_template, request
from flask import url_for as _url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer

from asterisk_callback.domain.account import InvalidAccount, TooManyTries
from asterisk_callback.services.accounts import second_factor
from asterisk_callback.services.accounts.sessions import SignedIn
from flask_app.inside import bar, return_to
from flask_app.inside.accounts.sign_in import accounts
from flask_app.shared import access, client, integers
from flask_app.shared.access import signed_in
from flask_app.shared.app_services import parts

blueprint = Blueprint("account", __name__)

# How long the code with which the second factor is turned on may be typed.
SECRET_SECONDS = 30 * 60


@blueprint.get("/account/first")
@signed_in()
def first() -> ResponseReturnValue:
    """Where who has just signed in is sent: to the first page that is theirs."""
    return redirect(bar.first_page(), code=303)


@blueprint.get("/account")
@signed_in()
def page() -> ResponseReturnValue:
    return _page(200)


@blueprint.post("/account/password")
@signed_in()
def password() -> ResponseReturnValue:
    old, new = request.form.get("old", ""), request.form.get("password", "")
    try:
        token = accounts().sessions.change_password(_visit(), old, new, client.address())
    except TooManyTries as error:
        return _page(429, wrong=("old", error.sentence))
    except InvalidAccount as error:
        return _page(422, wrong=(str(error.field), error.sentence))
    flash("Your password is changed. Every other browser was signed out.")
    return access.let_in(_back(), token)


@blueprint.get("/account/second-factor")
@signed_in()
def factor() -> ResponseReturnValue:
    """A new secret as a QR code; nothing is kept until a code of it was typed."""
    return _factor(200, second_factor.new_secret())


@blueprint.post("/account/second-factor")
@signed_in()
def turn_on() -> ResponseReturnValue:
    try:
        secret = str(_signer().loads(request.form.get("secret", ""), max_age=SECRET_SECONDS))
    except BadSignature:  # SignatureExpired is one, too
        flash("That took too long. Begin again with a new code.")
        return redirect(_url_for("account.factor"), code=303)
    typed = request.form.get("code", "")
    try:
        codes = accounts().second_factor.turn_on(
            _visit(),
            secret,
            typed,
            password=request.form.get("old", ""),
            address=client.address(),
        )
    except TooManyTries as error:
        return _factor(429, secret, wrong=("old", error.sentence))
    except InvalidAccount as error:
        return _factor(422, secret, wrong=(str(error.field), error.sentence))
    return _codes(codes)


@blueprint.post("/account/recovery-codes")
@signed_in()
def recovery_codes() -> ResponseReturnValue:
    return _with_password(lambda: _codes(accounts().second_factor.new_codes(access.me().id)))


@blueprint.post("/account/second-factor/off")
@signed_in()
def turn_off() -> ResponseReturnValue:
    def off() -> Response:
        me = access.me()
        accounts().second_factor.turn_off(me.id, actor=me.actor)
        flash("The second factor is off. Your password alone lets you in.")
        return _back()

    return _with_password(off)


@blueprint.post("/account/told")
@signed_in()
def told() -> ResponseReturnValue:
    """They have read what they were told, up to what the page showed, and go on where they were."""
    up_to = request.form.get("up_to", type=integers.bounded)
    if up_to is not None:
        accounts().users.read_notices(access.me().id, up_to)
    return redirect(return_to.wanted() or _url_for("account.page"), code=303)


@blueprint.post("/account/sign-out-everywhere")
@signed_in()
def everywhere() -> ResponseReturnValue:
    accounts().sessions.end_all(access.me().id, actor=access.me().actor)
    return access.let_out(make_response(redirect(_url_for("sign_in.form"), code=303)))


def _with_password(do: Callable[[], Response]) -> Response:
    """What somebody at an unlocked screen must not do in their place."""
    try:
        typed = request.form.get("old", "")
        accounts().confirming.password(access.me(), typed, client.address())
    except TooManyTries as error:
        return _page(429, wrong=("factor", error.sentence))
    except InvalidAccount as error:
        return _page(422, wrong=("factor", error.sentence))
    return do()


def _back() -> Response:
    return make_response(redirect(_url_for("account.page"), code=303))


def _page(code: int, *, wrong: tuple[str, str] = ("", "")) -> Response:
    field, sentence = wrong
    own = accounts().sessions.overview(_visit())
    shown = render_template(
        "inside/accounts/own_account.html", own=own, field=field, sentence=sentence
    )
    return make_response(shown, code)


def _visit() -> SignedIn:
    found = access.visit()
    assert found is not None  # every view here is for who is signed in
    return found


def _factor(code: int, secret: str, *, wrong: tuple[str, str] = ("", "")) -> Response:
    address = second_factor.address(secret, access.me(), parts().company.name)
    qr = segno.make(address, error="m", micro=False)
    picture = qr.svg_inline(scale=5, border=3, svgclass="qr", lineclass=None, omitsize=True)
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    shown = render_template(
        "inside/accounts/factor.html",
        picture=picture,
        grouped=grouped,
        secret=_signer().dumps(secret),
        field=wrong[0],
        sentence=wrong[1],
    )
    return make_response(shown, code)


def _codes(codes: list[str]) -> Response:
    return make_response(render_template("inside/accounts/codes.html", codes=codes))


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(parts().secret_key, salt="a new second factor")
