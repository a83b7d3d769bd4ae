"""The customer's pages: the form, the status page, cancelling."""

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from asterisk_callback.domain.errors import (
    IdempotencyConflict,
    InvalidInput,
    LimitReached,
    NotPossible,
    StoreUnavailable,
)
from asterisk_callback.services.booking import Origin
from asterisk_callback.services.withdraw import withdraw
from flask_app import client, forms, languages, presenting
from flask_app.forms import Problem, Typed
from flask_app.parts import parts

blueprint = Blueprint("customer", __name__)


@blueprint.get("/")
def contact() -> ResponseReturnValue:
    return _empty_form(next(iter(parts().queues)), presenting.everything(parts()))


@blueprint.get("/q/<queue>")
def contact_queue(queue: str) -> ResponseReturnValue:
    if queue not in parts().queues:
        abort(404)
    return _empty_form(queue, presenting.only(parts(), queue))


@blueprint.post("/callbacks")
def submit() -> ResponseReturnValue:
    """303 to the status page, or the form again with everything that was typed."""
    typed = forms.read(request.form)
    problems = forms.check(typed, parts().queues, parts().number_rules)
    if problems:
        return form_again(typed, 422, problems=problems)
    origin = Origin(scope="web", actor="customer", address=client.address(), key=typed.key)
    try:
        booked = parts().booking.submit(forms.submission(typed), origin)
    except InvalidInput as error:
        return form_again(typed, 422, problems=[forms.problem_of(error)])
    except LimitReached as error:
        answer = form_again(typed, 429, notice="limit", sentence=languages.say(error))
        answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    except IdempotencyConflict:
        return form_again(typed.with_new_key(), 409, notice="sent_before")
    except StoreUnavailable:
        return form_again(typed, 503, notice="unavailable")
    return redirect(url_for("customer.status", secret=booked.secret), code=303)


@blueprint.get("/c/<secret>")
def status(secret: str) -> ResponseReturnValue:
    """`?steady`: without JavaScript the page reloads itself, unless the reader stops that."""
    return status_page(secret)


@blueprint.get("/c/<secret>/fragment")
def fragment(secret: str) -> ResponseReturnValue:
    """The changing parts of the status page, for its script; 304 while nothing changed."""
    view = presenting.status_view(parts(), parts().statuses.by_secret(secret))
    answer = make_response(render_template("_status_live.html", view=view, secret=secret))
    answer.set_etag(view.version)
    return answer.make_conditional(request)


@blueprint.post("/c/<secret>/cancel")
def cancel(secret: str) -> ResponseReturnValue:
    """303 back to the status page; 409 on it if there is nothing left to cancel."""
    wish = parts().statuses.by_secret(secret).wish
    try:
        withdraw(parts().store, wish)
    except NotPossible as error:
        return status_page(secret, 409, notice="not_possible", sentence=languages.say(error))
    return redirect(url_for("customer.status", secret=secret), code=303)


def status_page(secret: str, code: int = 200, notice: str = "", sentence: str = "") -> Response:
    """The status page, with a notice when something could not be done."""
    view = presenting.status_view(parts(), parts().statuses.by_secret(secret))
    page = render_template(
        "status.html",
        view=view,
        secret=secret,
        notice=notice,
        sentence=sentence,
        company=parts().company,
        steady="steady" in request.args,
    )
    return make_response(page, code)


def form_again(
    typed: Typed,
    code: int,
    *,
    problems: list[Problem] | None = None,
    notice: str = "",
    sentence: str = "",
) -> Response:
    """The form with everything that was typed, and what stands in the way."""
    chosen = request.args.get("of", "")
    known = chosen in parts().queues
    choices = presenting.only(parts(), chosen) if known else presenting.everything(parts())
    page = _form(typed, choices, problems=problems or [], notice=notice, sentence=sentence)
    return make_response(page, code)


def _empty_form(queue: str, choices: presenting.Choices) -> Response:
    typed = Typed(queue=queue, country=parts().number_rules.home, key=forms.new_key())
    answer = make_response(_form(typed, choices, problems=[]))
    # Not no-store: the browser's Back must find the same form with the same key again.
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _form(
    typed: Typed,
    choices: presenting.Choices,
    *,
    problems: list[Problem],
    notice: str = "",
    sentence: str = "",
) -> str:
    return render_template(
        "contact.html",
        typed=typed,
        choices=choices,
        problems=problems,
        wrong={problem.field: problem for problem in reversed(problems)},
        notice=notice,
        sentence=sentence,
        company=parts().company,
    )
