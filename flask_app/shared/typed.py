"""What somebody had typed into a form of the inside that could not be sent: shown on the page that
says so, since a browser without our scripts would have lost it."""

from flask import request

# The fields that people write in, in the words of their labels. Passwords and codes are not here.
_LABELS = {
    "code": "How it ended",
    "note": "Note",
    "again": "Call again",
    "again_at": "Call again",
    "phone": "Number",
    "reason": "Why",
}
_WITH_SECRETS = ("sign_in", "account", "admin")


def typed() -> list[tuple[str, str]]:
    """Label and text, as far as anything was typed. Not for a body that is too large to be read."""
    if request.method != "POST" or request.blueprint in _WITH_SECRETS:
        return []
    found = ((label, request.form.get(name, "").strip()) for name, label in _LABELS.items())
    return [(label, text) for label, text in found if text]
