"""From an API request's body to a Submission: every field is known, and each is a text."""

import json
from typing import Any

from flask import Request

from asterisk_callback.domain.errors import InvalidInput
from asterisk_callback.services.booking import Submission
from flask_app.problems import BadRequest, UnsupportedMediaType

REQUIRED = ("phone", "queue")
OPTIONAL = ("name", "topic", "email", "locale", "scheduled_for", "time_zone")


def submission_of(request: Request) -> Submission:
    """Raises UnsupportedMediaType, BadRequest (no JSON object), InvalidInput (a field)."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType()
    body = _object(request.get_data(cache=False))
    for field, value in body.items():
        if field not in (*REQUIRED, *OPTIONAL):
            raise InvalidInput(_shown(field), "There is no field of this name.")
        if not isinstance(value, str):
            raise InvalidInput(field, "This must be a text.")
        if not _is_unicode(value):
            raise InvalidInput(field, "This contains half a character. Send valid Unicode.")
    for field in REQUIRED:
        if field not in body:
            raise InvalidInput(field, "This field is missing.")
    return Submission(**body)


def _object(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not valid JSON in UTF-8.") from error
    if not isinstance(body, dict):
        raise BadRequest("The body must be one JSON object.")
    return body


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name that comes twice means two things to two readers (RFC 8259 section 4)."""
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise BadRequest("A field of the body is given twice.")
    return dict(pairs)


def _is_unicode(text: str) -> bool:
    """JSON can write lone surrogates, which no database takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(field: str) -> str:
    """An unknown field's name, short enough to repeat."""
    return field.encode("ascii", "backslashreplace").decode()[:40]
