"""The agent's console: one callback in hand, its verbs, and what its script asks for."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
)
from flask import url_for as _url_for
from flask.typing import ResponseReturnValue

from asterisk_callback.domain.account import Role
from asterisk_callback.domain.attempt import AttemptId
from asterisk_callback.domain.console import LONGEST_NOTE, OfferId, WrapUp
from asterisk_callback.domain.errors import (
    CallbackError,
    LimitReached,
    NotFound,
    NotPossible,
    StoreUnavailable,
)
from asterisk_callback.domain.request import RequestId
from asterisk_callback.services.console.phone import Button
from asterisk_callback.services.console.verbs import Console
from asterisk_callback.services.console.view import ConsoleView, Stage
from flask_app.inside.console import times
from flask_app.inside.console import view as console_view
from flask_app.inside.phone import PATIENCE, presence
from flask_app.shared import access
from flask_app.shared.app_services import parts
from flask_app.shared.integers import bounded

blueprint = Blueprint("console", __name__, url_prefix="/agent")
access.of_blueprint(blueprint, access.insiders(Role.AGENT))

# In the session's cookie: which page of the console was opened last in this browser.
PAGE = "console_page"
NOT_OURS = "We could not see that this form came from you, so nothing was done. Send it once more."


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsoleRejection:
    """A form that was refused. form: call, cancel, wrap or "" for a button. where: the field with
    which the sentence stands. typed: all that its sender typed. attempt_id: of a wrap-up."""

    form: str = ""
    where: str = ""
    sentence: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)
    attempt_id: int | None = None


@blueprint.get("")
def page() -> ResponseReturnValue:
    """`?late`: an attempt of whose wrap-up this browser has kept something that is not saved."""
    late = request.args.get("late", None, bounded)
    return _page(200, ConsoleRejection(form="wrap", attempt_id=late) if late is not None else None)


@blueprint.get("/fragment")
@access.signed_in(Role.AGENT, quiet=True)
def fragment() -> ResponseReturnValue:
    """The changing parts, for the page's script; 304 while nothing changed."""
    return _fragment()


@blueprint.get("/awake")
def awake() -> ResponseReturnValue:
    """The same, asked while somebody types or talks: it keeps them signed in, as a page would."""
    return _fragment()


@blueprint.post("/offers/<int:offer_id>/take")
def take(offer_id: int) -> ResponseReturnValue:
    return _do(lambda: _console().take(access.me(), OfferId(offer_id)))


@blueprint.post("/offers/<int:offer_id>/pass")
def pass_on(offer_id: int) -> ResponseReturnValue:
    return _do(lambda: _console().pass_on(access.me(), OfferId(offer_id)))


@blueprint.post("/offers/<int:offer_id>/call")
def call_back(offer_id: int) -> ResponseReturnValue:
    """`phone`: the number as it was typed."""
    typed = request.form.get("phone", "")
    return _do(lambda: _console().call_back(access.me(), OfferId(offer_id), typed), "call")


@blueprint.post("/offers/<int:offer_id>/cancel")
def cancel(offer_id: int) -> ResponseReturnValue:
    """`reason`: one of the configured. `tell`: the customer is told."""
    reason, tell = request.form.get("reason", ""), "tell" in request.form
    return _do(
        lambda: _console().cancel(access.me(), OfferId(offer_id), reason, tell), "cancel", "reason"
    )


@blueprint.post("/drop")
def drop() -> ResponseReturnValue:
    """`?of`: which request's, so that a second press hits nothing that came since."""
    whose = request.args.get("of", None, bounded)
    return _do(lambda: _console().drop(access.me(), RequestId(whose) if whose else None))


@blueprint.post("/wrap-up/<int:attempt_id>")
def wrap_up(attempt_id: int) -> ResponseReturnValue:
    """`code`, `note`, `never`; `again`: one of the times offered, or `again_at`: another one.
    `pause`: the agent's phone is paused then, in all of their queues."""
    wrap_ups, form = parts().wrap_ups, request.form
    if wrap_ups is None:
        abort(404)
    answer = _do(
        lambda: wrap_ups.save(
            access.me(),
            AttemptId(attempt_id),
            code=form.get("code", ""),
            note=form.get("note", ""),
            again=form.get("again_at") or form.get("again") or None,
            never="never" in form,
        ),
        "wrap",
        attempt_id=attempt_id,
    )
    if answer.status_code == 303:
        flash("Saved.")
        if "pause" in form:
            _pause()
    return answer


def _pause() -> None:
    """What stands in the way of it is said on the page that follows."""
    phones, user = parts().phones, access.me()
    if phones is None:
        return
    try:
        phones.press(user, Button.PAUSE)
    except CallbackError as error:
        flash(error.sentence)
        return
    phone = phones.wait(user, PATIENCE)
    for sentence in phone.trouble if phone else ():
        flash(sentence)


@blueprint.post("/leave")
@access.signed_in(Role.AGENT, quiet=True)
def leave() -> ResponseReturnValue:
    """The browser went away from the page whose `page` it sends.

    A page that was loaded anew says so, too, but only after the new one was opened: then it is not
    the last one any more, and nobody has left.
    """
    if request.form.get("page", "") == session.get(PAGE):
        _console().leave(access.me())
    return Response(status=204)


def form_not_ours() -> Response | None:
    """The page again with what was typed, for a form whose token is missing or old; None for who
    may not be here."""
    if parts().console is None or request.endpoint == "console.leave":
        return None
    if access.visit() is None:
        return access.sign_in_first(ours=False)
    if not access.may(Role.AGENT):
        return None
    given = request.view_args or {}
    form = {"console.call_back": "call", "console.cancel": "cancel", "console.wrap_up": "wrap"}
    tried = _tried(form.get(str(request.endpoint), ""), "", NOT_OURS, given.get("attempt_id"))
    return _page(400, tried)


def _console() -> Console:
    """404 where the service has none."""
    found = parts().console
    if found is None:
        abort(404)
    return found


def _do(
    verb: Callable[[], None], form: str = "", where: str = "", *, attempt_id: int | None = None
) -> Response:
    """Back to the page; if it was refused, with the sentence and all that was typed. where: the
    field of a refusal that names none."""
    try:
        verb()
    except StoreUnavailable as error:
        return _page(503, _tried(form, "", error.sentence, attempt_id))
    except (NotFound, NotPossible) as error:
        return _page(409, _tried(form, "", error.sentence, attempt_id))
    except LimitReached as error:
        return _page(429, _tried(form, "phone", error.sentence, attempt_id))
    except CallbackError as error:
        if error.field is None:
            raise
        return _page(422, _tried(form, error.field or where, error.sentence, attempt_id))
    return make_response(redirect(_url_for("console.page"), code=303))


def _tried(form: str, where: str, sentence: str, attempt_id: int | None) -> ConsoleRejection:
    typed = {name: request.form[name] for name in request.form if name != "csrf_token"}
    return ConsoleRejection(
        form=form, where=where, sentence=sentence, typed=typed, attempt_id=attempt_id
    )


def _page(code: int, tried: ConsoleRejection | None = None) -> Response:
    view = _console().see(access.me(), opened=True)
    session[PAGE] = secrets.token_urlsafe(9)
    shown = render_template(
        "inside/console/page.html", page=session[PAGE], **_values(view, tried or ConsoleRejection())
    )
    return make_response(shown, code)


def _fragment() -> Response:
    view = _console().see(access.me())
    answer = Response()
    _say_the_end(answer)
    answer.set_etag(_version(console_view.shown(parts(), view, access.me())))
    answer.make_conditional(request)
    if answer.status_code == 200:
        answer.set_data(
            render_template("inside/console/_fragment.html", **_values(view, ConsoleRejection()))
        )
    return answer


def _say_the_end(answer: Response) -> None:
    """Session-Ends: the seconds that are left, and whether that is for want of use ("idle") or
    "longest". Not before it is soon."""
    visit, accounts = access.visit(), parts().accounts
    if visit is not None and accounts is not None and accounts.sessions.ends_soon(visit):
        seconds = max(0, int(visit.left.total_seconds()))
        answer.headers["Session-Ends"] = f"{seconds} {'longest' if visit.final else 'idle'}"


def _version(shown: console_view.ConsolePage) -> str:
    """Of what is in hand, and of the agent's phone in the bar."""
    return hashlib.sha256(repr((shown, presence())).encode()).hexdigest()[:24]


def _values(view: ConsoleView, tried: ConsoleRejection) -> dict[str, object]:
    hand = view.in_hand
    if hand and not tried.sentence and tried.attempt_id == (hand.attempt and hand.attempt.id):
        tried = ConsoleRejection()  # it has its form
    wraps = hand is not None and hand.stage in (Stage.TALKING, Stage.WRAP_UP)
    works = hand is not None and hand.stage is not Stage.OFFERED
    mine = presence()
    shown = console_view.shown(parts(), view, access.me())
    return {
        "view": shown,
        "version": _version(shown),
        "rules": _console().rules,
        "day": None if works else _day(view),
        "again": times.again(hand.request.queue, view.now) if hand and wraps else None,
        "tried": tried,
        "pauses": any(one.do == Button.PAUSE for one in mine.choices) if mine else False,
        "saved": _saved(hand.wrap_up) if hand and hand.wrap_up else {},
        "longest_note": LONGEST_NOTE,
    }


def _saved(one: WrapUp) -> dict[str, str]:
    """What was said of the call already, as the form has it: it stands there again."""
    kept = {"code": one.code, "note": one.note, "planned": "1" if one.again else ""}
    return kept | ({"never": "1"} if one.never else {})


def _day(view: ConsoleView) -> console_view.DayView:
    return console_view.day(parts(), _console().day(access.me()), view.now)
