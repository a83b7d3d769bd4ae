"""Headers of every response: what a browser may do with it, and who may keep it."""

from collections.abc import Sequence

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

from flask_app.shared.app_services import parts

SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

# RFC 6797, section 6.1: for a year. Other hosts of the domain are not ours to speak for.
ONLY_TLS = "max-age=31536000"
# The forms are there to be found. All other pages are somebody's own, or of those who work here.
FOUND = ("contact.form", "contact.form_of_queue")


class CookieSessions(SecureCookieSessionInterface):
    """Without `Vary: Cookie`: nothing of ours may be kept by a shared cache, and a browser whose
    first visit brought the cookie would else fetch a new form, with a new key, on Back."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        super().save_session(app, session, response)
        response.vary.discard("Cookie")


def register(app: Flask) -> None:
    app.session_interface = CookieSessions()
    app.after_request(_secure)


def for_other_websites(response: Response, origins: Sequence[str] = ()) -> None:
    """This answer may be used by other websites: framed by pages of these origins and no others."""
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if origins:
        policy = SECURITY["Content-Security-Policy"]
        ancestors = f"frame-ancestors {' '.join(origins)}"
        response.headers["Content-Security-Policy"] = policy.replace(
            "frame-ancestors 'none'", ancestors
        )


def _secure(response: Response) -> Response:
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)
    if parts().base_url.startswith("https:"):
        response.headers["Strict-Transport-Security"] = ONLY_TLS
    if request.endpoint not in FOUND or response.status_code != 200:
        response.headers["X-Robots-Tag"] = "noindex"
    # Whatever is not said to be kept is private: status pages, typed numbers, API answers.
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response
