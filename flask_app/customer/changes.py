"""Self-service: what the reader of a status page changes. Each is a plain form.

All answer 303 to the status page; or the page as it is now, with what stands in the way and all
that was typed: 409 too late, 422 it can't be used, 429 too often, 503 it can't be written just now.
"""

from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from asterisk_callback.domain.errors import (
    AmbiguousNumber,
    InvalidInput,
    LimitReached,
    NotPossible,
    StoreUnavailable,
)
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.booking.call_now import call_now
from asterisk_callback.services.booking.erase import erase as erase_wish
from asterisk_callback.services.booking.withdraw import withdraw
from flask_app.customer import actions
from flask_app.customer.actions import RejectedAction
from flask_app.customer.form import FieldError
from flask_app.customer.status_page import status_page
from flask_app.shared import access, languages
from flask_app.shared.app_services import parts
from flask_app.shared.problems import RETRY_AFTER

blueprint = Blueprint("change", __name__, url_prefix="/c/<secret>")
access.of_blueprint(blueprint, access.SECRET)


@blueprint.post("/cancel")
def cancel(secret: str) -> ResponseReturnValue:
    return _done(secret, "cancel", lambda wish, _: withdraw(parts().store, wish))


@blueprint.post("/now")
def now(secret: str) -> ResponseReturnValue:
    """Skips the pause after a try; the place in line stays."""
    return _done(secret, "now", lambda wish, _: call_now(parts().store, parts().queues, wish))


@blueprint.post("/move")
def move(secret: str) -> ResponseReturnValue:
    """`slot`: ISO 8601 with an offset, or `asap`. Gives up the place in line."""

    def to_slot(wish: Wish, tried: RejectedAction) -> None:
        parts().moving.move(wish, None if tried.slot == "asap" else tried.slot)

    if not request.form.get("slot"):
        tried = actions.read("move", request.form)
        problem = FieldError(field="slot", code="slot")
        return status_page(secret, 422, tried=replace(tried, problem=problem))
    return _done(secret, "move", to_slot)


@blueprint.post("/number")
def number(secret: str) -> ResponseReturnValue:
    """Another number, judged as a new one. Time and place in line stay."""

    def to_number(wish: Wish, tried: RejectedAction) -> None:
        country = tried.country or None
        try:
            parts().renumbering.renumber(wish, tried.phone, country=country)
        except AmbiguousNumber as error:
            if tried.reading not in error.readings:
                raise
            parts().renumbering.renumber(wish, tried.reading, country=country)

    return _done(secret, "number", to_number)


@blueprint.post("/erase")
def erase(secret: str) -> ResponseReturnValue:
    """Deletes everything personal of a wish that has ended, and with it this page."""
    guard = parts().booking.guard
    return _done(secret, "erase", lambda wish, _: erase_wish(parts().store, guard, wish))


def _done(
    secret: str, action: str, do: Callable[[Wish, RejectedAction], object]
) -> ResponseReturnValue:
    """Does it to the wish of this page, as the form says, and tells how it went."""
    wish = parts().statuses.by_secret(secret).wish
    tried = actions.read(action, request.form)
    try:
        do(wish, tried)
    except NotPossible as error:
        return status_page(secret, 409, notice="not_possible", sentence=languages.say(error))
    except LimitReached as error:
        sentence = languages.say(error)
        answer = status_page(secret, 429, notice="limit", sentence=sentence, tried=tried)
        answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    except StoreUnavailable:
        # It may be read all the same; if not, that raises the same once more.
        answer = status_page(secret, 503, notice="unavailable", tried=tried)
        answer.headers["Retry-After"] = RETRY_AFTER
        return answer
    except InvalidInput as error:
        problem = actions.problem_of(error, tried)
        instead = actions.other_times(error)
        return status_page(secret, 422, tried=replace(tried, problem=problem, instead=instead))
    if action == "erase":
        return redirect(url_for("customer.deleted"), code=303)
    if action != "cancel":
        flash(action)
    return redirect(url_for("customer.status", secret=secret), code=303)
