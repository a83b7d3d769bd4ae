"""From an API request's body to one of the API's models: each field known, each a text."""

import json
from typing import Any, TypeVar

from flask import Request
from pydantic import BaseModel, ValidationError

from asterisk_callback.domain.errors import InvalidInput
from flask_app.shared.problems import BadRequest, UnsupportedMediaType

Model = TypeVar("Model", bound=BaseModel)

# By the names of pydantic's errors.
_SENTENCES = {
    "missing": "This field is missing.",
    "extra_forbidden": "There is no field of this name.",
    "string_unicode": "This contains half a character. Send valid Unicode.",
    "string_too_short": "This must not be empty.",
    "string_too_long": "This is too long: at most {max_length} characters.",
}


def body_of(request: Request, model: type[Model]) -> Model:
    """Raises UnsupportedMediaType, BadRequest (no JSON object), InvalidInput (a field)."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType()
    try:
        return model.model_validate(_object(request.get_data(cache=False)))
    except ValidationError as error:
        # A misspelt field is named before the one that is missing for it.
        found = error.errors(include_url=False, include_input=False)
        first = min(found, key=lambda one: one["type"] == "missing")
        if not first["loc"]:
            # Half a character in a field's own name. Nothing typed goes into the log.
            raise BadRequest("The body is not valid JSON in UTF-8.") from None
        sentence = _SENTENCES.get(first["type"], "This must be a text.")
        values = first.get("ctx", {})
        raise InvalidInput(_shown(str(first["loc"][0])), sentence.format(**values)) from None


def _object(data: bytes) -> dict[str, Any]:
    try:
        # Some programs begin with a byte order mark, which a reader may pass over (RFC 8259, 8.1).
        body = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once)
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


def _shown(field: str) -> str:
    """An unknown field's name, short enough to repeat."""
    return field.encode("ascii", "backslashreplace").decode()[:40]
