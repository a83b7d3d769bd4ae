"""What stands in for a cookie in the form on other websites.

A form of ours inside another website's page gets no cookies: browsers block them there. It needs
none, for a visitor has no account with us that a forged form could act for. All that a forger could
have is what everybody can have: one wish, within the limits of whoever sends it. So the form
carries a signed note instead: which site it was made for and the key that makes sending it twice
one wish. Nobody can choose that key, or use the form of one site for another, or an old one.
"""

from datetime import timedelta

from itsdangerous import BadSignature, URLSafeTimedSerializer

LIFETIME = timedelta(hours=12)


def sign(secret_key: str, site: str, key: str) -> str:
    return _signer(secret_key).dumps([site, key])


def key_in(secret_key: str, site: str, token: str) -> str | None:
    """The key of a form that was made for this site in the last 12 hours; None for any other."""
    try:
        made_for, key = _signer(secret_key).loads(token, max_age=int(LIFETIME.total_seconds()))
    except BadSignature:  # SignatureExpired is one, too
        return None
    return str(key) if made_for == site else None


def _signer(secret_key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt="form on another website")
