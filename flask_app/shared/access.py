"""Who may use a route. Every route has its rule, or the app does not start.

A rule stands at the view, whatever the order of the decorators; or at its blueprint, for all views
of it that have none of their own:

    @blueprint.get("/board")
    @signed_in(Role.SUPERVISOR)

It is enforced before the view. A `<queue>` in the route's path is part of it: the role is then
asked for in this callback queue. What a view finds out itself (the queue of a request) it asks of
`require`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from asterisk_callback.domain.account import Role, User
from asterisk_callback.services.accounts.sessions import SignedIn
from flask_app.shared.app_services import parts
from flask_app.shared.typed import typed

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """who: in words, for the table of all routes. inside: only who is signed in. role: and has
    this role, or a higher one. quiet: asking does not keep a session awake."""

    who: str
    inside: bool = False
    role: Role | None = None
    quiet: bool = False


EVERYBODY = Rule(who="everybody")
# The view itself judges these, by what the request brings.
SECRET = Rule(who="whoever has the secret of a status page")
TEAM = Rule(who="whoever has the secret of a team's page")
API_KEY = Rule(who="a site, by its API key")
SITE = Rule(who="everybody, in the name of a configured site")

_rules: dict[object, Rule] = {}


def of_blueprint(blueprint: Blueprint, rule: Rule) -> None:
    """The rule of all its views that have none of their own."""
    _rules[blueprint.name] = rule


def open_to_everyone(view: View) -> View:
    _rules[view] = EVERYBODY
    return view


def signed_in(role: Role | None = None, *, quiet: bool = False) -> Callable[[View], View]:
    """Only who is signed in; with this role or a higher one, if one is named.

    quiet: for what a script asks by itself, which must not keep a forgotten browser signed in.
    """

    def mark(view: View) -> View:
        _rules[view] = insiders(role, quiet=quiet)
        return view

    return mark


def insiders(role: Role | None = None, *, quiet: bool = False) -> Rule:
    """The same as a rule, for a whole blueprint."""
    ranks = tuple(Role)
    above = role is not None and role is not ranks[-1]
    as_role = f" as {role}{' or higher' if above else ''}" if role else ""
    return Rule(who=f"who is signed in{as_role}", inside=True, role=role, quiet=quiet)


def rules(app: Flask) -> dict[str, Rule | None]:
    """The rule of each endpoint; None: it has none."""
    found: dict[str, Rule | None] = {}
    for endpoint, view in app.view_functions.items():
        blueprint = endpoint.rpartition(".")[0]
        found[endpoint] = _rules.get(view) or _rules.get(blueprint)
    return found


def register(app: Flask) -> None:
    """The last step of making the app. Raises RuntimeError for a route that has no rule."""
    _rules[app.view_functions["static"]] = EVERYBODY
    known = rules(app)
    missing = sorted(endpoint for endpoint, rule in known.items() if rule is None)
    if missing:
        raise RuntimeError(
            f"these routes have no access rule (flask_app/shared/access.py): {missing}"
        )
    app.config["INSIDE_COOKIE"] = _cookie(app)
    app.extensions["access_rules"] = known
    app.before_request(_enforce)


def rule() -> Rule | None:
    """Of the route that is asked for; None where there is none."""
    known: dict[str, Rule | None] = current_app.extensions["access_rules"]
    return known.get(request.endpoint or "")


def _enforce() -> ResponseReturnValue | None:
    now = rule()
    if now is None or not now.inside:
        return None
    found = visit(use=not now.quiet)
    if found is None:
        return sign_in_first()
    if now.role is not None:
        require(now.role, (request.view_args or {}).get("queue"))
    return None


def sign_in_first(*, ours: bool = True) -> Response:
    """A page leads to the form; a script learns that it has to ask for the page again. What was
    typed into a form of ours is shown once more: it is in no page any more."""
    if "text/html" not in request.headers.get("Accept", ""):
        return Response("Sign in first.\n", 401, mimetype="text/plain")
    if ours and (kept := typed()):
        page = render_template("inside/error.html", code=401, typed=kept)
        return make_response(page, 401)
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return make_response(redirect(url_for("sign_in.form", next=back), code=303))


def visit(*, use: bool = False) -> SignedIn | None:
    """Who is asking, and by which session; None if nobody is signed in. Looked up once."""
    if "visit" not in g:
        accounts = parts().accounts
        token = request.cookies.get(cookie_name())
        g.visit = None  # should the database fail, the error's page does not ask it again
        g.visit = accounts.sessions.find(token, use=use) if accounts and token else None
    return cast(SignedIn | None, g.visit)


def me() -> User:
    """Who is asking, in views that only who is signed in may use."""
    found = visit()
    if found is None:
        abort(401)
    return found.user


def may(role: Role | str, queue: str | None = None) -> bool:
    """Has who is asking this role, or a higher one, in this queue? None: in any queue at all."""
    found = visit()
    return found is not None and found.user.may(Role(role), queue)


def require(role: Role, queue: str | None = None) -> None:
    """Ends the request with 403 if they have not."""
    if not may(role, queue):
        abort(403)


def let_in(answer: Response, token: str) -> Response:
    """The browser keeps the token of a new session until it is closed, and shows it to no script.

    The session in the database ends earlier than most browsers are closed.
    """
    secure = parts().base_url.startswith("https:")
    answer.set_cookie(cookie_name(), token, secure=secure, httponly=True, samesite="Lax", path="/")
    return answer


def let_out(answer: Response) -> Response:
    secure = parts().base_url.startswith("https:")
    answer.delete_cookie(cookie_name(), secure=secure, httponly=True, samesite="Lax", path="/")
    return answer


def cookie_name() -> str:
    return str(current_app.config["INSIDE_COOKIE"])


def _cookie(app: Flask) -> str:
    """With __Host- no other host of the domain can put a session of its own in its place (RFC
    6265bis section 4.1.3.2). Browsers take that only over TLS."""
    return "__Host-inside" if app.config["SESSION_COOKIE_SECURE"] else "inside"
