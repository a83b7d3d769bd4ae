"""The status page of one wish, and what its reader can do about it."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from asterisk_callback.domain.errors import NotPossible
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
