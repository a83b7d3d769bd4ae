"""The company's own colour, as a style sheet of its own: the policy allows no inline styles."""

from collections.abc import Mapping

from flask import Blueprint, Response, abort, request

from asterisk_callback.domain import colour
from flask_app.shared import access
from flask_app.shared.app_services import parts

blueprint = Blueprint("theme", __name__)
access.of_blueprint(blueprint, access.EVERYBODY)


@blueprint.get("/theme.css")
def sheet() -> Response:
    """404 while the company has set no colour: then no page links it."""
    accent = parts().company.accent
    if accent is None:
        abort(404)
    answer = Response(css(accent), mimetype="text/css")
    answer.headers["Cache-Control"] = "public, no-cache"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def css(accent: str) -> str:
    """Both schemes' tokens. Who asks for more contrast gets it as in tokens.css, which comes
    before this."""
    dark = _root(colour.dark_theme(accent))
    more = _root({"panel-ink-2": "var(--panel-ink)", "panel-line": "var(--panel-edge)"})
    return (
        f"{_root(colour.light_theme(accent))}"
        f"@media (prefers-color-scheme: dark) {{ {dark}}}\n"
        f"@media (prefers-contrast: more) {{ {more}}}\n"
    )


def _root(tokens: Mapping[str, str]) -> str:
    return ":root { " + " ".join(f"--{name}: {value};" for name, value in tokens.items()) + " }\n"
