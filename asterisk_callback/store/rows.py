"""Rows to domain objects and back. The only place that knows both shapes."""

import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import Row

from asterisk_callback.domain.account import UserId
from asterisk_callback.domain.attempt import Attempt, AttemptId, Token
from asterisk_callback.domain.console import Offer, OfferId, OfferOutcome
from asterisk_callback.domain.customer_message import Message, MessageId, MessageKind
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.request import Request, RequestId, RequestState
from asterisk_callback.domain.wish import Wish, WishId, WithdrawnBy

T = TypeVar("T")

REQUEST = tuple(field.name for field in fields(Request))
ATTEMPT = tuple(field.name for field in fields(Attempt))
_WISH = [field.name for field in fields(Wish)]
_OFFER = [field.name for field in fields(Offer)]


def to_request(row: Row[Any]) -> Request:
    return _request([getattr(row, name) for name in REQUEST])


def to_attempt(row: Row[Any]) -> Attempt:
    return _attempt([getattr(row, name) for name in ATTEMPT])


def to_both(row: Row[Any]) -> tuple[Request, Attempt]:
    """Of a row that has the columns REQUEST, and behind them ATTEMPT."""
    return _request(row[: len(REQUEST)]), _attempt(row[len(REQUEST) :])


def _request(row: Sequence[Any]) -> Request:
    values = dict(zip(REQUEST, row, strict=True))
    values["id"] = RequestId(values["id"])
    values["state"] = RequestState(values["state"])
    return Request(**values)


def _attempt(row: Sequence[Any]) -> Attempt:
    values = dict(zip(ATTEMPT, row, strict=True))
    values["id"] = AttemptId(values["id"])
    values["request_id"] = RequestId(values["request_id"])
    values["token"] = Token(values["token"])
    values["mode"] = DeliveryMode(values["mode"])
    values["disposition"] = Disposition(values["disposition"]) if values["disposition"] else None
    return Attempt(**values)


def to_wish(row: Row[Any]) -> Wish:
    values = {name: getattr(row, name) for name in _WISH}
    values["id"] = WishId(row.id)
    values["request_id"] = RequestId(row.request_id)
    values["withdrawn_by"] = WithdrawnBy(row.withdrawn_by) if row.withdrawn_by else None
    return Wish(**values)


def to_offer(row: Row[Any]) -> Offer:
    values = {name: getattr(row, name) for name in _OFFER}
    values["id"] = OfferId(row.id)
    values["request_id"] = RequestId(row.request_id)
    values["user_id"] = UserId(row.user_id)
    values["attempt_id"] = AttemptId(row.attempt_id) if row.attempt_id else None
    values["outcome"] = OfferOutcome(row.outcome) if row.outcome else None
    return Offer(**values)


def to_message(row: Row[Any]) -> Message:
    return Message(
        id=MessageId(row.id),
        wish_id=WishId(row.wish_id),
        kind=MessageKind(row.kind),
        occasion=row.occasion,
        created_at=row.created_at,
        due_at=row.due_at,
        tries=row.tries,
        facts=json.loads(row.facts),
        in_vain_since=row.in_vain_since,
    )


def changes(old: Any, new: Any) -> dict[str, Any]:
    """The columns in which two versions of a domain object differ."""
    return {
        field.name: getattr(new, field.name)
        for field in fields(old)
        if getattr(old, field.name) != getattr(new, field.name)
    }


def padded(values: Sequence[T]) -> Sequence[T]:
    """The values of an IN, the last of them again and again up to a power of two: so the database
    sees a few texts of the statement, and keeps their plans, and not one for each count."""
    if not values:
        return values
    size = 1 << (len(values) - 1).bit_length()
    return [*values, *[values[-1]] * (size - len(values))]
