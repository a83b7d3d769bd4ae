"""Headers of every response: what a browser may do with it, and who may keep it."""

from flask import Flask, Response
from flask.sessions import SecureCookieSessionInterface, SessionMixin

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


class Sessions(SecureCookieSessionInterface):
    """Without `Vary: Cookie`: nothing of ours may be kept by a shared cache, and a browser whose
    first visit brought the cookie would else fetch a new form, with a new key, on Back."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        super().save_session(app, session, response)
        response.vary.discard("Cookie")


def register(app: Flask) -> None:
    app.session_interface = Sessions()
    app.after_request(_secure)


def _secure(response: Response) -> Response:
    response.headers.update(SECURITY)
    # Whatever is not said to be kept is private: status pages, typed numbers, API answers.
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response
