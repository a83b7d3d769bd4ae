"""Addresses that were taken out of a text with the end of its sentence: `/c/SECRET.`

Mail programs and chats guess where an address ends, and take a full stop, a bracket or a space for
a part of it. None of ours ends so.
"""

import re
from typing import Any

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue

# The pages whose addresses are sent to somebody, with the part at their end.
SENT = {
    "customer.status": "secret",
    "done.page": "secret",
    "sign_in.welcome": "token",
    "contact.form_of_queue": "queue",
}
_GLUED = re.compile(r"([A-Za-z0-9_-]+)[^A-Za-z0-9_-].{0,11}", re.DOTALL)


def register(app: Flask) -> None:
    app.before_request(_without_tail)


def _without_tail() -> ResponseReturnValue | None:
    """To the address without it, whether that leads anywhere or not: nobody learns more."""
    name = SENT.get(request.endpoint or "")
    if name is None or request.method != "GET":
        return None
    found = _GLUED.fullmatch((request.view_args or {})[name])
    if found is None:
        return None
    clean: dict[str, Any] = {name: found[1]}
    return redirect(url_for(str(request.endpoint), **clean), 303)
