"""The status page of one wish."""

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from asterisk_callback.services.booking.calendar_file import calendar_file
from flask_app.customer import actions, status_view
from flask_app.customer.actions import RejectedAction
from flask_app.shared import access
from flask_app.shared.app_services import parts

blueprint = Blueprint("customer", __name__)
access.of_blueprint(blueprint, access.SECRET)


@blueprint.get("/c/<secret>")
def status(secret: str) -> ResponseReturnValue:
    """`?steady`: without JavaScript the page reloads itself, unless the reader stops that. `?open`:
    the action that is open; for `move`, `?day` is the day whose times are shown."""
    tried = RejectedAction(action=request.args.get("open", ""), day=request.args.get("day", ""))
    return status_page(secret, tried=tried)


@blueprint.get("/deleted")
def deleted() -> str:
    """Where its owner stands after a status page was deleted: an address without a secret."""
    return render_template("customer/deleted.html", company=parts().company)


@blueprint.get("/c/<secret>/fragment")
def fragment(secret: str) -> ResponseReturnValue:
    """The changing parts of the status page, for its script; 304 while nothing changed. `?times`:
    the page has the times to move to."""
    status = parts().statuses.by_secret(secret)
    view = status_view.status_view(parts(), status)
    answer = make_response()
    answer.set_etag(view.version)
    answer.make_conditional(request)
    if answer.status_code == 200:
        has_times = "times" in request.args
        may = actions.actions(parts(), status, RejectedAction(), has_times=has_times)
        answer.set_data(
            render_template("customer/_status_live.html", view=view, actions=may, secret=secret)
        )
    return answer


@blueprint.get("/c/<secret>/callback.ics")
def calendar(secret: str) -> ResponseReturnValue:
    """The calendar file of a chosen time; 404 for a call as soon as possible: it has none."""
    wish = (found := parts().statuses.by_secret(secret)).wish
    if wish.asap:
        abort(404)
    page = f"{parts().base_url}{url_for('customer.status', secret=secret)}"
    title = gettext("%(company)s calls you", company=parts().company.name)
    if found.queue is not None:
        title += f" ({found.queue.title})"
    file = calendar_file(
        wish,
        found.queue,
        parts().company.name,
        page,
        summary=title,
        organizer=parts().organizer,
        cancelled=not wish.stands,
    )
    answer = Response(file, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="callback.ics"'
    return answer


def status_page(
    secret: str,
    code: int = 200,
    notice: str = "",
    sentence: str = "",
    tried: RejectedAction = RejectedAction(),  # noqa: B008 (immutable)
) -> Response:
    """The status page as it is now. notice, sentence: what could not be done; tried: the action's
    form with what was typed."""
    status = parts().statuses.by_secret(secret)
    page = render_template(
        "customer/status_page.html",
        view=status_view.status_view(parts(), status),
        actions=actions.actions(parts(), status, tried),
        secret=secret,
        notice=notice,
        sentence=sentence,
        company=parts().company,
        # A form that is being filled in stands still, and so does the answer to one: its address
        # can't be loaded again.
        steady="steady" in request.args or bool(tried.action) or request.method == "POST",
    )
    return make_response(page, code)
