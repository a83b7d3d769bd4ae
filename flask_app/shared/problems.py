"""The API's errors as problem documents (RFC 9457)."""

import json
from collections.abc import Sequence
from datetime import datetime

from flask import Response

from asterisk_callback.domain.errors import (
    AmbiguousNumber,
    CallbackError,
    IdempotencyConflict,
    InvalidInput,
    LimitReached,
    NotFound,
    NotNow,
    NotOffered,
    NotPossible,
    SlotTaken,
    StoreUnavailable,
)
from flask_app.shared import moments
from flask_app.shared.app_services import parts


class BadRequest(CallbackError):
    """The request can't be read as what it claims to be."""

    name = "bad-request"

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


class UnsupportedMediaType(CallbackError):
    name = "unsupported-media-type"

    def __init__(self) -> None:
        super().__init__("Send the body as application/json.")


class NotAcceptable(CallbackError):
    name = "not-acceptable"

    def __init__(self) -> None:
        super().__init__("We answer in application/json, which your Accept excludes.")


class Unauthorized(CallbackError):
    name = "unauthorized"

    def __init__(self) -> None:
        super().__init__("Send a valid API key: Authorization: Bearer KEY.")


class ApiOff(CallbackError):
    """Without a configured key there is no API; a stranger is not told more."""

    name = "not-found"

    def __init__(self) -> None:
        super().__init__("There is nothing at this address.")


_STATUS: tuple[tuple[type[CallbackError], int], ...] = (
    (InvalidInput, 422),
    (LimitReached, 429),
    (IdempotencyConflict, 409),
    (NotPossible, 409),
    (NotOffered, 409),
    (NotFound, 404),
    (ApiOff, 404),
    (BadRequest, 400),
    (UnsupportedMediaType, 415),
    (NotAcceptable, 406),
    (Unauthorized, 401),
    (StoreUnavailable, 503),
)


# Seconds, while the database is away or has too much to do.
RETRY_AFTER = "60"
_NO_STORE = "We can’t do this just now, and nothing was changed. Try again in a minute."


def status_of(error: CallbackError) -> int:
    """The HTTP status of an error; 500 for one that nobody outside can act on."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem(
    name: str,
    status: int,
    detail: str,
    field: str | None = None,
    free: Sequence[datetime] = (),
    readings: Sequence[str] = (),
) -> Response:
    """A problem document. name ends its `type`, which is an identifier, not a page. free: times
    that could be had in place of the wished one. readings: the numbers that the digits can be."""
    body: dict[str, object] = {
        "type": f"/problems/{name}",
        "title": name.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
    }
    if field is not None:
        body["field"] = field
    if free:
        body["free"] = moments.isos(free, parts().company.zone)
    if readings:
        body["readings"] = list(readings)
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status, mimetype="application/problem+json")


def _free_times(error: CallbackError) -> Sequence[datetime]:
    if isinstance(error, SlotTaken):
        return error.nearest
    return error.next_free if isinstance(error, NotNow) else ()


def _readings(error: CallbackError) -> Sequence[str]:
    return error.readings if isinstance(error, AmbiguousNumber) else ()


def problem_of(error: CallbackError) -> Response:
    status = status_of(error)
    if status == 500:
        return problem("internal-error", 500, "Something went wrong on our side.")
    # What the database said is for the log, not for strangers.
    sentence = _NO_STORE if isinstance(error, StoreUnavailable) else error.sentence
    if isinstance(error, NotOffered) and parts().company.phone:
        sentence += f" Our number is {parts().company.phone}."
    answer = problem(
        error.name, status, sentence, error.field, _free_times(error), _readings(error)
    )
    if isinstance(error, LimitReached):
        answer.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, StoreUnavailable):
        answer.headers["Retry-After"] = RETRY_AFTER
    if isinstance(error, Unauthorized):
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer
