"""The form inside other websites: `/embed/<site>`, in a frame that embed.js opens.

It works without cookies (form_token.py says why that is safe) and may be framed by the site's own
pages only. The page around it can't look inside: it learns no number and no secret.
"""

from dataclasses import replace

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from asterisk_callback.domain.site import Site
from asterisk_callback.services.status.status import Status
from flask_app.customer import form as forms
from flask_app.customer import form_page, status_view
from flask_app.customer.entrance import FormLocation
from flask_app.embed import form_token
from flask_app.shared import access, headers, languages
from flask_app.shared.app_services import parts

blueprint = Blueprint("embed", __name__, url_prefix="/embed/<site>")
access.of_blueprint(blueprint, access.SITE)


@blueprint.before_request
def _no_cookies() -> None:
    languages.choose_without_cookie()


@blueprint.after_request
def _framed(response: Response) -> Response:
    """Only pages of the site may show it; what no site has keeps `frame-ancestors 'none'`."""
    site = _known((request.view_args or {}).get("site", ""))
    if site is not None:
        headers.for_other_websites(response, site.origins)
    return response


@blueprint.get("")
def form(site: str) -> ResponseReturnValue:
    """`?queue=…&topic=…&name=…` fills these in, as on our own page; `?lang=…`."""
    return form_page.empty_form(_entrance(_site(site)))


@blueprint.get("/parts")
def fragment(site: str) -> ResponseReturnValue:
    return form_page.changing_parts(_entrance(_site(site)))


@blueprint.post("/adjust")
def adjust(site: str) -> ResponseReturnValue:
    found, typed = _site(site), form_page.adjusted(forms.read(request.form))
    key = _key(found)
    typed = replace(typed, key=key) if key else typed.with_new_key()
    return form_page.form_again(typed, 200, entrance=_entrance(found))


@blueprint.post("")
def submit(site: str) -> ResponseReturnValue:
    """303 to the status inside the frame, or the form again with everything that was typed."""
    found, typed = _site(site), forms.read(request.form)
    key = _key(found)
    if key is None:
        again = typed.with_new_key()
        return form_page.form_again(again, 400, notice="stale", entrance=_entrance(found))
    return form_page.ask(replace(typed, key=key), _entrance(found))


@blueprint.get("/c/<secret>")
def status(site: str, secret: str) -> ResponseReturnValue:
    """What happens next; the status page itself, with all that can be done, opens beside it."""
    found = _site(site)
    seen = _status(found, secret)
    view = status_view.status_view(parts(), seen)
    return render_template(
        "embed/status.html",
        view=view,
        secret=secret,
        site=found,
        company=parts().company,
        again=_again(seen, site),
        fragment=url_for("embed.status_fragment", site=site, secret=secret, lang=_lang()),
    )


@blueprint.get("/c/<secret>/fragment")
def status_fragment(site: str, secret: str) -> ResponseReturnValue:
    """Its changing parts; 304 while nothing changed."""
    seen = _status(_site(site), secret)
    view = status_view.status_view(parts(), seen)
    shown = render_template("embed/_live.html", view=view, again=_again(seen, site))
    answer = make_response(shown)
    answer.set_etag(view.version)
    return answer.make_conditional(request)


def _known(name: str) -> Site | None:
    """A site that no page may embed is none here: it is there for its API keys."""
    return next((one for one in parts().sites if one.name == name and one.origins), None)


def _site(name: str) -> Site:
    return _known(name) or abort(404)


def _status(site: Site, secret: str) -> Status:
    """404 for the wishes of others, and of our own pages: their addresses have no place in it."""
    found = parts().statuses.by_secret(secret)
    return found if found.wish.scope == site.form_scope else abort(404)


def _again(seen: Status, site: str) -> str:
    """A new form, which knows the page around it as embed.js would tell it."""
    page = seen.wish.page or None
    return url_for("embed.form", site=site, lang=_lang(), _anchor=page)


def _key(site: Site) -> str | None:
    """The key that the form was made with. None: it is not ours, too old, or it was sent by a page
    of another website (browsers say so themselves)."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return None
    secret_key = str(current_app.config["SECRET_KEY"])
    return form_token.key_in(secret_key, site.name, request.form.get("token", ""))


def _lang() -> str | None:
    return request.args.get("lang") and languages.chosen()


def _entrance(site: Site) -> FormLocation:
    name, lang = site.name, _lang()
    secret_key = str(current_app.config["SECRET_KEY"])
    return FormLocation(
        template="embed/frame.html",
        scope=site.form_scope,
        queues=site.offered(parts().queues),
        submit=url_for("embed.submit", site=name, lang=lang),
        adjust=url_for("embed.adjust", site=name, lang=lang),
        parts=url_for("embed.fragment", site=name, lang=lang),
        status=lambda secret: url_for("embed.status", site=name, secret=secret, lang=lang),
        sign=lambda key: form_token.sign(secret_key, name, key),
        origins=site.origins,
    )
