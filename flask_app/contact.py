"""The form: shown empty, sent, and shown again with what stands in the way."""

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
    StoreUnavailable,
)
from asterisk_callback.services.booking import Origin
from flask_app import choosing, client, forms, languages
from flask_app.choosing import Choices
from flask_app.forms import Problem, Typed
from flask_app.parts import parts

blueprint = Blueprint("contact", __name__)


@blueprint.get("/")
def form() -> ResponseReturnValue:
    return _empty_form(next(iter(parts().queues)), choosing.everything(parts()))


@blueprint.get("/q/<queue>")
def form_of_queue(queue: str) -> ResponseReturnValue:
    if queue not in parts().queues:
        abort(404)
    return _empty_form(queue, choosing.only(parts(), queue))


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
    choices = choosing.only(parts(), chosen) if known else choosing.everything(parts())
    page = _form(typed, choices, problems=problems or [], notice=notice, sentence=sentence)
    return make_response(page, code)


def _empty_form(queue: str, choices: Choices) -> Response:
    typed = Typed(queue=queue, country=parts().number_rules.home, key=forms.new_key())
    answer = make_response(_form(typed, choices, problems=[]))
    # Not no-store: the browser's Back must find the same form with the same key again.
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _form(
    typed: Typed,
    choices: Choices,
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
        mail=parts().mail,
    )
