"""The API's own description (OpenAPI 3.1), made from the models that it answers with."""

from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from flask_app.api.models import Callback, Move, NewCallback, Problem, QueueTimes

VERSION = "1.0.0"
PROBLEM_TYPE = "application/problem+json"
_BODIES = (NewCallback, Move)
_ANSWERS = (Callback, QueueTimes, Problem)

_PROBLEMS = {
    "400": "The request can't be read, as its detail says",
    "401": "The API key is missing or wrong",
    "404": "There is no such thing, or another site's key made it",
    "405": "This address does not know this method; `Allow` names those it knows",
    "406": "The answer is JSON, which `Accept` excludes",
    "409": "Not possible: in its state, while no new wishes are taken, or because the "
    "Idempotency-Key came with another body",
    "413": "The body is larger than 16 KiB",
    "415": "The body is not application/json",
    "422": "A field can't be used; `field` names it",
    "429": "A limit is reached; `Retry-After` says for how many seconds",
    "503": "The database does not answer, and nothing was changed; try again",
}
_RETRY = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 0}}}
_ID = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,32}$"},
}
_QUEUE = {
    "name": "queue",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[a-z0-9-]{1,64}$", "examples": ["support"]},
    "example": "support",
}
_ZONE = {
    "name": "time_zone",
    "in": "query",
    "required": False,
    "description": "An IANA time zone, in which the times are given; the company's if left out.",
    "schema": {"type": "string", "maxLength": 64},
    "example": "Europe/London",
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body give the same answer again, and one call.",
    "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,255}$"},
}


def description(base_url: str) -> dict[str, Any]:
    """The document at `/api/v1/openapi.json`. base_url: ours, without a slash at its end."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "asterisk-callback",
            "version": VERSION,
            "description": "Ask for a call, see when it comes and why not yet, move it, cancel it.",
        },
        "servers": [{"url": f"{base_url}/api/v1"}],
        "security": [{"key": []}],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _paths() -> dict[str, Any]:
    return {
        "/callbacks": {
            "post": _operation(
                "createCallback",
                "Ask for a call",
                parameters=[_KEY],
                body="NewCallback",
                answers={"201": _answer("Accepted, and kept", created=True)},
                problems=("400", "409", "413", "415", "422", "429"),
            ),
        },
        "/queues/{queue}/availability": {
            "get": _operation(
                "readAvailability",
                "When a queue can call",
                parameters=[_QUEUE, _ZONE],
                answers={"200": _answer("As it stands now", "QueueTimes")},
                problems=("404", "422"),
            ),
        },
        "/callbacks/{id}": {
            "get": _operation(
                "readCallback",
                "What became of it",
                parameters=[_ID],
                answers={"200": _answer("As it stands now")},
                problems=("404",),
            ),
            "patch": _operation(
                "moveCallback",
                "Another time, which gives up the place in line",
                parameters=[_ID],
                body="Move",
                answers={"200": _answer("Moved")},
                problems=("400", "404", "409", "413", "415", "422"),
            ),
            "delete": _operation(
                "cancelCallback",
                "Cancel it; doing it twice is no error",
                parameters=[_ID],
                answers={"200": _answer("Cancelled, or being hung up")},
                problems=("404", "409"),
            ),
        },
    }


def _operation(
    name: str,
    summary: str,
    *,
    answers: Mapping[str, Any],
    problems: tuple[str, ...],
    parameters: list[Any],
    body: str = "",
) -> dict[str, Any]:
    every = sorted({*problems, "401", "405", "406", "503"})
    operation = {
        "operationId": name,
        "summary": summary,
        "parameters": parameters,
        "responses": {**answers, **{code: _problem(code) for code in every}},
    }
    if body:
        content = {"application/json": {"schema": _reference(body)}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _answer(text: str, model: str = "Callback", *, created: bool = False) -> dict[str, Any]:
    answer = {
        "description": text,
        "content": {"application/json": {"schema": _reference(model)}},
    }
    if created:
        where = {"description": "Where it is read.", "schema": {"type": "string", "format": "uri"}}
        answer["headers"] = {"Location": where}
        answer["links"] = {
            name: _link(name) for name in ("readCallback", "moveCallback", "cancelCallback")
        }
    return answer


def _link(operation: str) -> dict[str, Any]:
    return {"operationId": operation, "parameters": {"id": "$response.body#/id"}}


def _problem(code: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": _PROBLEMS[code],
        "content": {PROBLEM_TYPE: {"schema": _reference("Problem")}},
    }
    if code in ("429", "503"):
        answer["headers"] = _RETRY
    return answer


def _reference(schema: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{schema}"}


def _schemas() -> dict[str, Any]:
    _, made = models_json_schema(
        [(one, "validation") for one in _BODIES] + [(one, "serialization") for one in _ANSWERS],
        ref_template="#/components/schemas/{model}",
    )
    schemas: dict[str, Any] = made["$defs"]
    for schema in schemas.values():
        for field in schema.get("properties", {}).values():
            # In the models an empty default stands for "left out".
            if field.get("default") == "":
                del field["default"]
    for body in _BODIES:
        _allow_null(schemas[body.__name__])
    return schemas


def _allow_null(body: dict[str, Any]) -> None:
    """Null in a field that may be left out is as good as leaving it out."""
    for name, field in body["properties"].items():
        if name not in body["required"]:
            field["type"] = [field["type"], "null"]
