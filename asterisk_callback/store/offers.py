"""Offers of callbacks to agents. The caller holds the request's row, where it says so."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, Update, bindparam, func, select, update

from asterisk_callback.domain.account import UserId
from asterisk_callback.domain.console import Offer, OfferId, OfferOutcome
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.request import RequestId
from asterisk_callback.store import rows
from asterisk_callback.store.repository import Repository, bound, known
from asterisk_callback.store.tables.console import offers

_O = offers.c
_ADD = offers.insert().returning(*_O)
_BY_ID = select(offers).where(_O.id == bindparam("offer_id"))
_OPEN = select(offers).where(_O.ended_at.is_(None)).order_by(_O.id)
_WITHDRAW = (
    update(offers)
    .where(_O.request_id == bindparam("of_request"), _O.ended_at.is_(None))
    .values(bound(("ended_at", "outcome", "number")))
)
_OF_USER = select(offers).where(_O.user_id == bindparam("user_id"))
_OPEN_OF = _OF_USER.where(_O.ended_at.is_(None)).order_by(_O.id)
_LAST_OF = _OF_USER.order_by(_O.id.desc()).limit(1)
_OF = select(offers).where(_O.request_id == bindparam("of_request")).order_by(_O.id)
_LAST_OFFERED = (
    select(_O.user_id, func.max(_O.offered_at))
    .where(_O.offered_at > bindparam("since"))
    .group_by(_O.user_id)
)


@cache
def _change(names: tuple[str, ...], *, open_yet: bool, taken: bool) -> Update:
    expected = (
        _O.id == bindparam("offer_id"),
        _O.ended_at.is_(None) if open_yet else _O.ended_at.is_not(None),
        _O.taken_at.is_not(None) if taken else _O.taken_at.is_(None),
    )
    return update(offers).where(*expected).values(bound(names))


class SqlOffers(Repository):
    def add(self, **fields: Any) -> Offer:
        return rows.to_offer(self.connection.execute(_ADD, known(offers, fields)).one())

    def get(self, offer_id: OfferId) -> Offer | None:
        return self._offer(_BY_ID, offer_id=offer_id)

    def open(self) -> Sequence[Offer]:
        """Oldest first."""
        return self._offers(_OPEN)

    def withdraw_for(self, request_id: RequestId) -> None:
        """The request is not to be called as it was offered. The caller holds its row."""
        ended = {"ended_at": self.now, "outcome": OfferOutcome.WITHDRAWN.value, "number": None}
        self.connection.execute(_WITHDRAW, {"of_request": request_id, **ended})

    def open_of(self, user_id: UserId) -> Offer | None:
        return self._offer(_OPEN_OF, user_id=user_id)

    def last_of(self, user_id: UserId) -> Offer | None:
        return self._offer(_LAST_OF, user_id=user_id)

    def of(self, request_id: RequestId) -> Sequence[Offer]:
        """Oldest first."""
        return self._offers(_OF, of_request=request_id)

    def last_offered_at(self) -> Mapping[UserId, datetime]:
        """When each user was last offered anything, as far as it was within a day."""
        values = {"since": self.now - timedelta(days=1)}
        found = self.connection.execute(_LAST_OFFERED, values)
        return {UserId(user): at for user, at in found}

    def change(self, old: Offer, new: Offer) -> Offer:
        """Writes `new` over `old`. Raises StaleWrite if it was taken or ended since `old` was read.
        The caller holds the request's row."""
        values = rows.changes(old, new)
        query = _change(tuple(values), open_yet=old.open, taken=old.taken_at is not None)
        done = self.connection.execute(query, {"offer_id": old.id, **values})
        if done.rowcount != 1:
            raise StaleWrite(f"offer {old.id} has moved on")
        self.tx.wake()
        return new

    def _offer(self, query: Select[Any], **given: object) -> Offer | None:
        return next(iter(self._offers(query, **given)), None)

    def _offers(self, query: Select[Any], **given: object) -> list[Offer]:
        return [rows.to_offer(row) for row in self.connection.execute(query, given)]
