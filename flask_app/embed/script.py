"""`/embed.js`: the button for other websites, with its words in each of the company's languages."""

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_babel import force_locale, gettext

from flask_app.shared import access, headers, languages


def register(app: Flask) -> None:
    app.add_url_rule("/embed.js", "embed_script", script)


@access.open_to_everyone
def script() -> Response:
    """The same for all sites, without anything personal: anybody may keep it for an hour."""
    answer = make_response(_text())
    answer.content_type = "text/javascript; charset=utf-8"
    answer.headers["Cache-Control"] = "public, max-age=3600"
    headers.for_other_websites(answer)
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _text() -> str:
    """Made once: it depends on nothing but the configuration."""
    made = current_app.extensions.get("callback_embed_script")
    if made is None:
        offered = languages.offered()
        words = {one.code: _words(one) for one in offered}
        made = render_template("embed/script.js", words=words, first=offered[0].code)
        current_app.extensions["callback_embed_script"] = made
    return str(made)


def _words(language: languages.Language) -> dict[str, str]:
    with force_locale(language.code):
        return {
            "lang": language.code,
            "dir": language.dir,
            "call": gettext("Call me back"),
            "form": gettext("Ask for a call"),
            "close": gettext("Close"),
            "blocked": gettext("The form can’t be shown here."),
            "alone": gettext("Open it on a page of its own"),
        }
