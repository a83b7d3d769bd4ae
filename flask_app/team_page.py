"""The team's page of a request in notify mode: GET shows, POST marks it done.

Mail programs and scanners open every link, so to look changes nothing.
"""

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from asterisk_callback.domain.errors import NotPossible
from asterisk_callback.domain.phone import mask
from flask_app.shared import access, languages
from flask_app.shared.app_services import parts

blueprint = Blueprint("done", __name__, url_prefix="/done/<secret>")
access.of_blueprint(blueprint, access.TEAM)


@blueprint.get("")
def page(secret: str) -> ResponseReturnValue:
    return _page(secret)


@blueprint.post("")
def mark(secret: str) -> ResponseReturnValue:
    try:
        parts().done.mark(secret)
    except NotPossible as error:
        return _page(secret, 409, languages.say(error))
    return redirect(url_for("done.page", secret=secret), code=303)


def _page(secret: str, code: int = 200, sentence: str = "") -> ResponseReturnValue:
    task = parts().done.look(secret)
    page = render_template(
        "team_page.html",
        secret=secret,
        request=task.request,
        department=task.queue.title if task.queue else "",
        phone=mask(task.request.e164),
        sentence=sentence,
        company=parts().company,
    )
    return make_response(page, code)
