"""`/embed.js`: the button for other websites, with its words in each of the company's languages."""

from typing import cast

from flask import Flask, Response, current_app, render_template, request
from flask_babel import force_locale, gettext

from flask_app.shared import access, assets, headers, languages


def register(app: Flask) -> None:
    app.add_url_rule("/embed.js", "embed_script", script)


@access.open_to_everyone
def script() -> Response:
    """The same for all sites, without anything personal: anybody may keep it for an hour."""
    answer = assets.answer_for_all(*_made(), "text/javascript")
    answer.headers["Cache-Control"] = "public, max-age=3600"
    headers.for_other_websites(answer)
    answer.make_conditional(request)
    return answer


def _made() -> tuple[bytes, bytes | None]:
    """Made once, compressed, too: it depends on nothing but the configuration."""
    made = current_app.extensions.get("callback_embed_script")
    if made is None:
        offered = languages.offered()
        words = {one.code: _words(one) for one in offered}
        text = render_template("embed/script.js", words=words, first=offered[0].code).encode()
        made = text, assets.packed(text)
        current_app.extensions["callback_embed_script"] = made
    return cast(tuple[bytes, bytes | None], made)


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
