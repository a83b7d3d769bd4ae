"""The form: shown empty, sent, and shown again with what stands in the way."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, cast
from zoneinfo import ZoneInfo

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
    NotNow,
    NotOffered,
    SlotTaken,
    StoreUnavailable,
)
from asterisk_callback.domain.mode import words_of
from asterisk_callback.services.booking.booking import LONGEST, Origin
from flask_app.customer import choices as choosing
from flask_app.customer import form as forms
from flask_app.customer import opening_hours, time_zones, timetable
from flask_app.customer.entrance import FormLocation
from flask_app.customer.form import FieldError, FormInput
from flask_app.shared import access, client, languages
from flask_app.shared.app_services import parts
from flask_app.shared.problems import RETRY_AFTER

blueprint = Blueprint("contact", __name__)
access.of_blueprint(blueprint, access.EVERYBODY)
# What a link may fill in. Never the number: addresses end up in logs and histories.
PREFILLED = ("queue", "topic", "name")


@blueprint.get("/")
def form() -> ResponseReturnValue:
    """`?queue=…&topic=…&name=…` fills these in, for links in e-mails and signatures."""
    return empty_form(own_page())


@blueprint.get("/q/<queue>")
def form_of_queue(queue: str) -> ResponseReturnValue:
    if queue not in parts().queues:
        abort(404)
    return empty_form(own_page(queue))


@blueprint.get("/form/parts")
def fragment() -> ResponseReturnValue:
    """The parts of the form that depend on department and zone, for its script. It sends nothing
    that the visitor typed."""
    return changing_parts(own_page())


def changing_parts(entrance: FormLocation) -> Response:
    given = request.args
    typed = FormInput(
        queue=given.get("queue", ""),
        time_zone=given.get("time_zone", ""),
        zone_known="1",
        day=given.get("day", ""),
        when="",
    )
    view = _view(typed, entrance)
    return _private(render_template("customer/_form_parts.html", **view))


@blueprint.post("/form")
def adjust() -> ResponseReturnValue:
    """The same without a script: another department, zone or day, and everything typed is kept."""
    return form_again(adjusted(forms.read(request.form)), 200)


def adjusted(typed: FormInput) -> FormInput:
    if "show_zone" in request.form:
        typed = replace(typed, zone_known="1")
    if day := request.form.get("show_day"):
        typed = replace(typed, day=day, when="later")
    return typed


@blueprint.post("/callbacks")
def submit() -> ResponseReturnValue:
    """303 to the status page, or the form again with everything that was typed."""
    return ask(forms.read(request.form), own_page())


def ask(typed: FormInput, entrance: FormLocation) -> Response:
    again = partial(form_again, entrance=entrance)
    typed = forms.settled(typed, entrance.queues, parts().number_rules)
    problems = forms.check(typed, entrance.queues, parts().number_rules)
    if problems:
        return again(typed, 422, problems=problems)
    origin = Origin(scope=entrance.scope, actor="customer", address=client.address(), key=typed.key)
    try:
        booked = parts().booking.submit(forms.submission(typed, entrance.origins), origin)
    except SlotTaken as error:
        return again(typed, 422, problems=[_taken(typed, error)], instead=error.nearest)
    except NotNow as error:
        return again(typed, 422, problems=[forms.problem_of(error)], instead=error.next_free)
    except InvalidInput as error:
        return again(typed, 422, problems=[forms.problem_of(error)])
    except LimitReached as error:
        answer = again(typed, 429, notice="limit", sentence=languages.say(error))
        answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    except NotOffered:
        return again(typed, 409, notice="not_offered")
    except IdempotencyConflict:
        return _sent_before(typed, entrance, origin)
    except StoreUnavailable:
        return _unavailable(typed, entrance)
    return cast(Response, redirect(entrance.status(booked.secret), code=303))


def _sent_before(typed: FormInput, entrance: FormLocation, origin: Origin) -> Response:
    try:
        first = parts().booking.sent_before(origin)
    except StoreUnavailable:  # with the same key: the next try finds the same
        return _unavailable(typed, entrance)
    again = typed.with_new_key()
    return form_again(again, 409, notice="sent_before", first=first, entrance=entrance)


def _unavailable(typed: FormInput, entrance: FormLocation) -> Response:
    answer = form_again(typed, 503, notice="unavailable", entrance=entrance)
    answer.headers["Retry-After"] = RETRY_AFTER
    return answer


def form_again(
    typed: FormInput,
    code: int,
    *,
    problems: Sequence[FieldError] = (),
    notice: str = "",
    sentence: str = "",
    instead: Sequence[datetime] = (),
    entrance: FormLocation | None = None,
    first: str | None = None,
) -> Response:
    """The form with everything that was typed, and what stands in the way. instead: other times.
    entrance: our own page, if None. first: the secret of what this form was sent for before."""
    entrance = entrance or own_page()
    said = {
        "problems": problems,
        "wrong": {problem.field: problem for problem in reversed(problems)},
        "notice": notice,
        "sentence": sentence,
        "first": first,
    }
    view = _view(typed, entrance, instead, keep=typed.written)
    return make_response(render_template(entrance.template, **(view | said)), code)


def own_page(of: str | None = None) -> FormLocation:
    """The form on our own pages. of: the department whose own page it is; None: as the address
    says."""
    of = request.args.get("of", "") if of is None else of
    of = of if of in parts().queues else ""
    return FormLocation(
        template="customer/form_page.html",
        scope="web",
        queues={of: parts().queues[of]} if of else parts().queues,
        of=of,
        submit=url_for("contact.submit", of=of or None),
        adjust=url_for("contact.adjust", of=of or None),
        parts=url_for("contact.fragment", of=of or None),
        status=lambda secret: url_for("customer.status", secret=secret),
    )


def empty_form(entrance: FormLocation) -> Response:
    given = {name: request.args[name] for name in PREFILLED if name in request.args}
    typed = FormInput(**given, country=parts().number_rules.home, key=forms.new_key(), when="")
    # Not no-store: the browser's Back must find the same form with the same key again.
    return _private(render_template(entrance.template, **_view(typed, entrance)))


def _private(page: str) -> Response:
    answer = make_response(page)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _view(
    typed: FormInput,
    entrance: FormLocation,
    instead: Sequence[datetime] = (),
    *,
    keep: bool = False,
) -> dict[str, Any]:
    """What the templates need: the choices, the times, and what is chosen among them.

    keep: something would be lost without a form; it comes without times where the database is away.
    Raises StoreUnavailable if not.
    """
    choices = choosing.of_page(parts(), entrance.queues, typed.queue)
    typed = replace(typed, time_zone=time_zones.current(typed.time_zone))
    home = time_zones.current(parts().company.zone)
    zone = typed.time_zone if forms.is_zone(typed.time_zone) else home
    day = typed.day if timetable.is_day(typed.day) else ""
    try:
        times = timetable.of(parts(), choices.chosen.name, zone, day, instead)
    except StoreUnavailable:
        if not keep:
            raise
        times = timetable.unknown(parts(), zone)
    if typed.when == "":
        first = "" if instead else next((one.value for one in times.offers), "")
        typed = replace(typed, when="asap" if times.asap else first)
    return {
        "entrance": entrance,
        "typed": typed,
        "choices": choices,
        "mode_words": words_of(one.mode for one in entrance.queues.values()),
        "makes_calls": any(one.mode.rules.makes_calls for one in entrance.queues.values()),
        "times": times,
        "opening": opening_hours.of(choices.chosen.hours, parts().clock()),
        "zones": time_zones.options(parts().clock(), zone, home),
        "company": parts().company,
        "mail": parts().mail,
        "longest_note": LONGEST["about"],
        "wrong": {},
    }


def _taken(typed: FormInput, error: SlotTaken) -> FieldError:
    """With the times as the visitor's clock shows them."""
    if not error.nearest:
        return forms.problem_of(error)
    zone = ZoneInfo(typed.time_zone or parts().company.zone)
    wished = datetime.fromisoformat(typed.time or "")
    return FieldError(
        field="when",
        code="taken",
        time=languages.clock(wished),
        times=languages.listed(languages.clock(one.astimezone(zone)) for one in error.nearest),
    )
