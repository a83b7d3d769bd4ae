"""Signing in and out, and choosing a password by a one-time link."""

from flask import (
    Blueprint,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadSignature, URLSafeTimedSerializer

from asterisk_callback.domain.account import (
    InvalidAccount,
    TooManyTries,
    UnknownUser,
    WrongCredentials,
)
from asterisk_callback.services.accounts.sign_in import SignInResult
from flask_app.inside import return_to
from flask_app.inside.accounts import known_browser
from flask_app.shared import access, client
from flask_app.shared.app_services import AccountServices, parts

blueprint = Blueprint("sign_in", __name__)
access.of_blueprint(blueprint, access.EVERYBODY)

# Why somebody who waited at the console was signed out.
_NONE = "No callback is offered to you until you sign in again."
_MEANWHILE = "You were signed out meanwhile: a session ends when it is not used, or is old."
_ENDED = {
    "idle": f"You were signed out, since nobody had used the console for a while. {_NONE}",
    "longest": f"You were signed out: your session had come to its end. {_NONE}",
    "": f"You were signed out. {_NONE}",
}

# How long the code may be typed after the password.
CODE_SECONDS = 5 * 60


def accounts() -> AccountServices:
    found = parts().accounts
    assert found is not None  # these blueprints are registered only with it
    return found


@blueprint.get("/login")
def form() -> ResponseReturnValue:
    """`?next=`: where to go afterwards, a path of ours. `?ended=`: which end a session had."""
    if access.visit() is not None:
        return redirect(_next(), code=303)
    return _form(200, news=_what_ended())


@blueprint.post("/login")
def submit() -> ResponseReturnValue:
    login, password = request.form.get("login", ""), request.form.get("password", "")
    if not login.strip() or not password:
        return _form(422, sentence="Type your login name and your password.")
    try:
        entry = accounts().sign_in.with_password(
            login, password, client.address(), known_browser.known()
        )
    except WrongCredentials as error:
        return _form(422, sentence=error.sentence)
    except TooManyTries as error:
        return _later(_form(429, sentence=error.sentence), error)
    if entry.token is None:
        return _code_form(200, _signer().dumps(entry.half))
    return _welcome(entry)


@blueprint.post("/login/code")
def code() -> ResponseReturnValue:
    """The second step. What the first one found out comes signed in the form."""
    half = request.form.get("half", "")
    try:
        proof = _signer().loads(half, max_age=CODE_SECONDS)
    except BadSignature:  # SignatureExpired is one, too
        return _form(422, sentence="That took too long. Sign in once more.")
    typed = request.form.get("code", "")
    try:
        entry = accounts().sign_in.with_code(proof, typed, client.address(), known_browser.known())
    except WrongCredentials as error:
        return _code_form(422, half, sentence=error.sentence)
    except TooManyTries as error:
        return _later(_code_form(429, half, sentence=error.sentence), error)
    return _welcome(entry)


@blueprint.post("/logout")
def out() -> ResponseReturnValue:
    found = access.visit()
    if found is not None:
        accounts().sessions.end(found)
    session.clear()
    return access.let_out(make_response(redirect(url_for("sign_in.form"), code=303)))


@blueprint.get("/welcome/<token>")
def welcome(token: str) -> ResponseReturnValue:
    """The one-time link with which somebody chooses a password."""
    try:
        user = accounts().users.of_link(token)
    except UnknownUser as error:
        return _form(404, sentence=error.sentence)
    return make_response(render_template("inside/accounts/welcome.html", user=user, link=token))


@blueprint.post("/welcome/<token>")
def choose(token: str) -> ResponseReturnValue:
    try:
        user = accounts().users.use_link(token, request.form.get("password", ""))
    except UnknownUser as error:
        return _form(404, sentence=error.sentence)
    except InvalidAccount as error:
        user = accounts().users.of_link(token)
        page = render_template(
            "inside/accounts/welcome.html", user=user, link=token, sentence=error.sentence
        )
        return make_response(page, 422)
    return _form(200, login=user.login, news="Your password is set. Sign in with it.")


def _welcome(entry: SignInResult) -> Response:
    """A new session: whoever planted a cookie or a form token before gets nothing of it. It has its
    form token's secret from here on: two tabs that are served next would each make one, and the
    forms of one of them would be refused."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    generate_csrf()
    assert entry.token is not None
    answer = access.let_in(make_response(redirect(_next(), code=303)), entry.token)
    return known_browser.remember(answer, entry.user.login)


def _next() -> str:
    """Where they wanted to go, if it is a path of ours; else the first page that is theirs."""
    return return_to.wanted() or url_for("account.first")


def _form(code: int, *, sentence: str = "", news: str = "", login: str = "") -> Response:
    page = render_template(
        "inside/accounts/sign_in.html",
        sentence=sentence,
        news=news,
        login=login or request.form.get("login", ""),
        next=request.values.get("next", ""),
    )
    return make_response(page, code)


def _what_ended() -> str:
    """Of somebody who has a session's cookie still, and no session any more."""
    ended = request.args.get("ended")
    if ended is not None:
        return _ENDED.get(ended, _ENDED[""])
    return _MEANWHILE if request.cookies.get(access.cookie_name()) else ""


def _code_form(code: int, half: str, *, sentence: str = "") -> Response:
    page = render_template(
        "inside/accounts/code.html",
        half=half,
        sentence=sentence,
        next=request.values.get("next", ""),
    )
    return make_response(page, code)


def _later(answer: Response, error: TooManyTries) -> Response:
    answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(parts().secret_key, salt="the code comes next")
