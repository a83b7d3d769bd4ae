"""A browser in which somebody has signed in before: others' wrong tries don't keep them out of it.

The cookie opens nothing. It is signed, names one user, and makes that user's tries from here be
counted by themselves.
"""

import secrets
from datetime import timedelta

from flask import Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from asterisk_callback.services.accounts.throttle import KnownBrowser
from flask_app.shared.app_services import parts

KEPT = timedelta(days=180)


def known() -> KnownBrowser | None:
    """Of this request; None for a browser that is new, or whose cookie is not ours or too old."""
    try:
        login, mark = _signer().loads(
            request.cookies.get(_name(), ""), max_age=int(KEPT.total_seconds())
        )
    except (BadSignature, ValueError):  # SignatureExpired is a BadSignature, too
        return None
    return KnownBrowser(str(login), str(mark))


def remember(answer: Response, login: str) -> Response:
    answer.set_cookie(
        _name(),
        _signer().dumps([login, secrets.token_urlsafe(12)]),
        max_age=KEPT,
        secure=_tls(),
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return answer


def _tls() -> bool:
    return parts().base_url.startswith("https:")


def _name() -> str:
    return "__Host-known" if _tls() else "known"


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(parts().secret_key, salt="a known browser")
