"""Offers of callbacks to agents. The caller holds the request's row, where it says so."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    func,
    select,
    update,
)

from asterisk_callback.domain.account import UserId
from asterisk_callback.domain.console import Offer, OfferId, OfferOutcome
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.request import RequestId
from asterisk_callback.store import rows
from asterisk_callback.store.repository import Repository
from asterisk_callback.store.tables.console import offers

_O = offers.c


class SqlOffers(Repository):
    def add(self, **fields: Any) -> Offer:
        found = self.connection.execute(offers.insert().values(**fields).returning(*_O)).one()
        return rows.to_offer(found)

    def get(self, offer_id: OfferId) -> Offer | None:
        return self._offer(_O.id == offer_id)

    def open(self) -> Sequence[Offer]:
        """Oldest first."""
        return self._offers(_O.ended_at.is_(None))

    def withdraw_for(self, request_id: RequestId) -> None:
        """The request is not to be called as it was offered. The caller holds its row."""
        of_it = (_O.request_id == request_id) & _O.ended_at.is_(None)
        ended = {"ended_at": self.now, "outcome": OfferOutcome.WITHDRAWN.value, "number": None}
        self.connection.execute(update(offers).where(of_it).values(**ended))

    def open_of(self, user_id: UserId) -> Offer | None:
        return self._offer((_O.user_id == user_id) & _O.ended_at.is_(None))

    def last_of(self, user_id: UserId) -> Offer | None:
        query = select(offers).where(_O.user_id == user_id).order_by(_O.id.desc()).limit(1)
        found = self.connection.execute(query).first()
        return rows.to_offer(found) if found else None

    def of(self, request_id: RequestId) -> Sequence[Offer]:
        """Oldest first."""
        return self._offers(_O.request_id == request_id)

    def last_offered_at(self) -> Mapping[UserId, datetime]:
        """When each user was last offered anything, as far as it was within a day."""
        query = (
            select(_O.user_id, func.max(_O.offered_at))
            .where(_O.offered_at > self.now - timedelta(days=1))
            .group_by(_O.user_id)
        )
        return {UserId(user): at for user, at in self.connection.execute(query)}

    def change(self, old: Offer, new: Offer) -> Offer:
        """Writes `new` over `old`. Raises StaleWrite if it was taken or ended since `old` was read.
        The caller holds the request's row."""
        expected = (
            (_O.id == old.id)
            & (_O.ended_at.is_(None) if old.open else _O.ended_at.is_not(None))
            & (_O.taken_at.is_(None) if old.taken_at is None else _O.taken_at.is_not(None))
        )
        values = rows.changes(old, new)
        done = self.connection.execute(update(offers).where(expected).values(**values))
        if done.rowcount != 1:
            raise StaleWrite(f"offer {old.id} has moved on")
        self.tx.wake()
        return new

    def _offer(self, condition: ColumnElement[bool]) -> Offer | None:
        return next(iter(self._offers(condition)), None)

    def _offers(self, condition: ColumnElement[bool]) -> list[Offer]:
        query = select(offers).where(condition).order_by(_O.id)
        return [rows.to_offer(row) for row in self.connection.execute(query)]
