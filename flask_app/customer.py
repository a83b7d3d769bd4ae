"""The status page of one wish, and what its reader can do about it."""

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
from flask_babel import gettext

from asterisk_callback.domain.errors import NotPossible
from asterisk_callback.services.calendar_file import calendar_file
from asterisk_callback.services.withdraw import withdraw
from flask_app import languages, presenting
from flask_app.parts import parts

blueprint = Blueprint("customer", __name__)


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


@blueprint.get("/c/<secret>/callback.ics")
def calendar(secret: str) -> ResponseReturnValue:
    """The calendar file of a chosen time; 404 for a call as soon as possible: it has none."""
    wish = (found := parts().statuses.by_secret(secret)).wish
    if wish.asap:
        abort(404)
    page = f"{parts().base_url}{url_for('customer.status', secret=secret)}"
    title = gettext("%(company)s calls you", company=parts().company.name)
    file = calendar_file(
        wish,
        found.queue,
        parts().company.name,
        page,
        summary=title,
        cancelled=wish.withdrawn_at is not None,
    )
    answer = Response(file, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="callback.ics"'
    return answer


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
