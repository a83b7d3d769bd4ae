"""Consoles, offers and wrap-ups in the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update

from asterisk_callback.domain.account import UserId
from asterisk_callback.domain.attempt import Attempt, AttemptId
from asterisk_callback.domain.console import Offer, OfferEnd, OfferId, WrapUp
from asterisk_callback.domain.errors import StaleWrite
from asterisk_callback.domain.request import Request, RequestId
from asterisk_callback.store import rows
from asterisk_callback.store.repository import Base
from asterisk_callback.store.tables.calls import IS_SCHEDULED, attempts, requests
from asterisk_callback.store.tables.console import consoles, offers, wrap_ups

_O, _K, _A, _R = offers.c, consoles.c, attempts.c, requests.c

# One that has not been heard of for GONE is closed; so is one whose browser said that it leaves and
# did not come back at once, as it does when a page is only loaded anew.
GONE = timedelta(seconds=25)
LEFT = timedelta(seconds=4)
# A page that is gone may have asked just before: who reads that question later than the farewell
# must not take it for an open console. Another tab of the same agent asks again within LEFT.
LATE = timedelta(seconds=2)


class ConsoleTable(Base):
    def touch_console(self, user_id: UserId, *, opened: bool) -> None:
        """This user's console is open. opened: a page of it was loaded; else an open page asked,
        which counts for nothing within LATE of a farewell."""
        seen = self.console_seen(user_id)
        mine = _K.account_id == user_id
        if not opened and self._left_just_now(user_id):
            return
        values = {"seen_at": self._now, "left_at": None}
        if self.connection.execute(update(consoles).where(mine).values(**values)).rowcount == 0:
            self.lock(f"console:{user_id}")
            if self.console_seen(user_id) is None:
                self.connection.execute(consoles.insert().values(account_id=user_id, **values))
        if seen is None or seen <= self._now - GONE:
            self._wake()  # somebody more can be offered something

    def leave_console(self, user_id: UserId) -> None:
        """The browser goes away; if it only loads the page anew, it is back at once."""
        mine = _K.account_id == user_id
        self.connection.execute(update(consoles).where(mine).values(left_at=self._now))

    def _left_just_now(self, user_id: UserId) -> bool:
        left = select(_K.left_at).where(_K.account_id == user_id, _K.left_at > self._now - LATE)
        return self.connection.execute(left).first() is not None

    def console_seen(self, user_id: UserId) -> datetime | None:
        """When it was last heard of; None if never, or if its browser went away since."""
        query = select(_K.seen_at, _K.left_at).where(_K.account_id == user_id)
        found = self.connection.execute(query).first()
        return found.seen_at if found is not None and found.left_at is None else None

    def open_consoles(self) -> frozenset[UserId]:
        """Whose consoles are open."""
        query = select(_K.account_id).where(
            _K.seen_at > self._now - GONE, or_(_K.left_at.is_(None), _K.left_at > self._now - LEFT)
        )
        return frozenset(UserId(found) for found in self.connection.execute(query).scalars())

    def add_offer(self, **fields: Any) -> Offer:
        found = self.connection.execute(offers.insert().values(**fields).returning(*_O)).one()
        return rows.to_offer(found)

    def offer(self, offer_id: OfferId) -> Offer | None:
        return self._offer(_O.id == offer_id)

    def open_offers(self) -> Sequence[Offer]:
        """Oldest first."""
        return self._offers(_O.ended_at.is_(None))

    def offers_open(self) -> bool:
        query = select(_O.id).where(_O.ended_at.is_(None)).limit(1)
        return self.connection.execute(query).first() is not None

    def end_offers(self, request_id: RequestId) -> None:
        """The request is not to be called as it was offered. The caller holds its row."""
        of_it = (_O.request_id == request_id) & _O.ended_at.is_(None)
        ended = {"ended_at": self._now, "outcome": OfferEnd.WITHDRAWN.value, "number": None}
        self.connection.execute(update(offers).where(of_it).values(**ended))

    def open_offer_of(self, user_id: UserId) -> Offer | None:
        return self._offer((_O.user_id == user_id) & _O.ended_at.is_(None))

    def last_offer_of(self, user_id: UserId) -> Offer | None:
        query = select(offers).where(_O.user_id == user_id).order_by(_O.id.desc()).limit(1)
        found = self.connection.execute(query).first()
        return rows.to_offer(found) if found else None

    def offers_of(self, request_id: RequestId) -> Sequence[Offer]:
        """Oldest first."""
        return self._offers(_O.request_id == request_id)

    def last_offered(self) -> Mapping[UserId, datetime]:
        """When each user was last offered anything, as far as it was within a day."""
        query = (
            select(_O.user_id, func.max(_O.offered_at))
            .where(_O.offered_at > self._now - timedelta(days=1))
            .group_by(_O.user_id)
        )
        return {UserId(user): at for user, at in self.connection.execute(query)}

    def change_offer(self, old: Offer, new: Offer) -> Offer:
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
        self._wake()
        return new

    def calls_of_member(self, member: str, since: datetime) -> Sequence[Attempt]:
        """The attempts that this phone took part in and that are open, or ended since then; the
        newest first."""
        query = (
            select(attempts)
            .where(_A.member == member, or_(_A.ended_at.is_(None), _A.ended_at >= since))
            .order_by(_A.id.desc())
        )
        return [rows.to_attempt(row) for row in self.connection.execute(query)]

    def attempt(self, attempt_id: AttemptId) -> Attempt | None:
        found = self.connection.execute(select(attempts).where(_A.id == attempt_id)).first()
        return rows.to_attempt(found) if found else None

    def wrap_up(self, attempt_id: AttemptId) -> WrapUp | None:
        query = select(wrap_ups).where(wrap_ups.c.attempt_id == attempt_id)
        row = self.connection.execute(query).first()
        if row is None:
            return None
        return WrapUp(
            attempt_id=AttemptId(row.attempt_id),
            user_id=UserId(row.user_id),
            at=row.at,
            code=row.code,
            note=row.note,
            again=RequestId(row.again) if row.again else None,
            never=row.never,
        )

    def put_wrap_up(self, said: WrapUp) -> None:
        """In the place of what was said before. The caller holds the request's row."""
        values = {
            "user_id": said.user_id,
            "at": said.at,
            "code": said.code,
            "note": said.note,
            "again": said.again,
            "never": said.never,
        }
        mine = wrap_ups.c.attempt_id == said.attempt_id
        if self.connection.execute(update(wrap_ups).where(mine).values(**values)).rowcount == 0:
            self.connection.execute(wrap_ups.insert().values(attempt_id=said.attempt_id, **values))

    def silence_wrap_ups(self, request_id: RequestId) -> None:
        """Deletes what agents noted of a request's calls: it may say who somebody is."""
        those = select(_A.id).where(_A.request_id == request_id)
        self.connection.execute(
            update(wrap_ups).where(wrap_ups.c.attempt_id.in_(those)).values(note="")
        )

    def planned(self, queues: Sequence[str], since: datetime, until: datetime) -> Sequence[Request]:
        """Requests of these queues that wait for a time from `since` to before `until`."""
        query = (
            select(requests)
            .where(
                _R.queue.in_(queues),
                IS_SCHEDULED,
                _R.due_at >= since,
                _R.due_at < until,
            )
            .order_by(_R.due_at, _R.id)
        )
        return [rows.to_request(row) for row in self.connection.execute(query)]

    def _offer(self, condition: ColumnElement[bool]) -> Offer | None:
        return next(iter(self._offers(condition)), None)

    def _offers(self, condition: ColumnElement[bool]) -> list[Offer]:
        query = select(offers).where(condition).order_by(_O.id)
        return [rows.to_offer(row) for row in self.connection.execute(query)]
