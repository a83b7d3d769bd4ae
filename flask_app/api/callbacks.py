"""The API for other programs: ask for a callback, read it, move it, cancel it."""

import hmac
import re
from datetime import datetime

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from asterisk_callback.domain.errors import NotFound, UnknownQueue
from asterisk_callback.domain.site import Site
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.booking.booking import Origin, Submission
from asterisk_callback.services.booking.withdraw import withdraw
from asterisk_callback.services.status.status import Status
from asterisk_callback.services.status.why import Reason
from flask_app.api import models, openapi
from flask_app.api.body import body_of
from flask_app.api.models import Callback, Move, NewCallback
from flask_app.shared import access, moments
from flask_app.shared.app_services import AppServices, parts
from flask_app.shared.problems import ApiOff, BadRequest, NotAcceptable, Unauthorized

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
access.of_blueprint(blueprint, access.API_KEY)

_BEARER = re.compile(r"Bearer +([\x21-\x7e]+) *", re.IGNORECASE)
_SPOKEN = ("application/json", "application/problem+json")
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@blueprint.before_request
def _only_with_key() -> None:
    """The description is for everybody, once there is an API."""
    if request.endpoint != "api.describe":
        _site()
    elif not _keys():
        raise ApiOff()
    wanted = request.accept_mimetypes  # empty: whatever there is
    if wanted and not wanted.best_match(_SPOKEN):
        raise NotAcceptable()


@blueprint.get("/openapi.json")
@access.open_to_everyone
def describe() -> ResponseReturnValue:
    return jsonify(openapi.description(_base(parts())))


@blueprint.post("/callbacks")
def create() -> ResponseReturnValue:
    """201 with Location once it is committed; the same again for a repeated Idempotency-Key."""
    site, body = _site(), body_of(request, NewCallback)
    submission = Submission(**body.model_dump(exclude_unset=True))
    if not site.may_use(submission.queue):
        known = ", ".join(sorted(site.offered(parts().queues)))
        raise UnknownQueue("There is no such department. We have: {known}.", known=known)
    origin = Origin(scope=site.scope, actor=site.scope, key=_idempotency_key())
    booked = parts().booking.submit(submission, origin)
    answer = _answer(_status(booked.wish.public_id))
    answer.status_code = 201
    answer.headers["Location"] = f"{_base(parts())}/api/v1/callbacks/{booked.wish.public_id}"
    return answer


@blueprint.get("/queues/<queue>/availability")
def availability(queue: str) -> ResponseReturnValue:
    """404 for a queue that this site may not use: nobody learns that there is one."""
    if queue not in _site().offered(parts().queues):
        raise NotFound("There is no such department.")
    zone = request.args.get("time_zone") or None
    found = parts().availability.of(queue, zone)
    return jsonify(models.queue_times(found).model_dump(mode="json"))


@blueprint.get("/callbacks/<public_id>")
def read(public_id: str) -> ResponseReturnValue:
    return _answer(_status(public_id))


@blueprint.patch("/callbacks/<public_id>")
def move(public_id: str) -> ResponseReturnValue:
    """200 with what it became; 409 once the phone may be ringing, and after the end."""
    wish, body = _status(public_id).wish, body_of(request, Move)
    parts().moving.move(wish, **body.model_dump(exclude_unset=True), actor=_site().scope)
    return _answer(_status(public_id))


@blueprint.delete("/callbacks/<public_id>")
def cancel(public_id: str) -> ResponseReturnValue:
    """200 with what it became; 409 while they talk and after it ended otherwise."""
    withdraw(parts().store, _status(public_id).wish, actor=_site().scope)
    return _answer(_status(public_id))


def _status(public_id: str) -> Status:
    """Raises NotFound for what came through another site, too."""
    return parts().statuses.by_public_id(public_id, _site().scope)


def _site() -> Site:
    """Whose key this is.

    Raises ApiOff while no key is configured, Unauthorized for a missing or wrong one. Every
    configured key is compared, in constant time.
    """
    keys = _keys()
    if not keys:
        raise ApiOff()
    match = _BEARER.fullmatch(request.headers.get("Authorization", ""))
    given = match[1].encode() if match else b""
    fits = [site for key, site in keys if hmac.compare_digest(key.encode(), given)]
    if not fits:
        raise Unauthorized()
    return fits[0]


def _keys() -> list[tuple[str, Site]]:
    return [(key, site) for site in parts().sites for key in site.api_keys]


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _IDEMPOTENCY_KEY.fullmatch(key):
        raise BadRequest(
            "The Idempotency-Key must be 1 to 255 visible ASCII characters.",
            field="Idempotency-Key",
        )
    return key


def _answer(status: Status) -> Response:
    wish, request_ = status.wish, status.request
    body = Callback(
        id=wish.public_id,
        status=status.public,
        status_url=f"{_base(parts())}/c/{parts().booking.secret(wish)}",
        queue=request_.queue,
        phone_masked=status.phone_masked,
        scheduled_for=None if wish.asap else _iso(wish.due_at, wish),
        expected_at=_iso(status.comes.middle, wish) if status.comes else None,
        position=status.position,
        why_waiting=_why_waiting(status),
    )
    return jsonify(body.model_dump(mode="json"))


def _why_waiting(status: Status) -> Reason | None:
    if not status.public.is_waiting:
        return None
    # What the API's own description does not list is never sent.
    return status.why.reason if status.why.reason in Reason else Reason.UNCLEAR


def _iso(instant: datetime, wish: Wish) -> str:
    """ISO 8601 with the offset of the wish's zone, or else of the company's."""
    return moments.iso(instant, wish.shown_zone(parts().company.zone))


def _base(given: AppServices) -> str:
    return given.base_url.rstrip("/")
