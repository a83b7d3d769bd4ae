"""Who is signed in, and who tried to, in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update

from asterisk_callback.domain.account import Guesses, LoginSession, UserId
from asterisk_callback.store.repository import Repository
from asterisk_callback.store.tables.accounts import code_guesses, sessions, tries

_S = sessions.c
_T = tries.c
_G = code_guesses.c


class SqlSessions(Repository):
    def add(
        self, user_id: UserId, *, token_hash: str, expires_at: datetime, address: str
    ) -> LoginSession:
        values = {"token_hash": token_hash, "account_id": user_id, "expires_at": expires_at}
        now = {"created_at": self.now, "last_seen_at": self.now}
        made = sessions.insert().values(**values, **now, address=address).returning(*_S)
        return _to_session(self.connection.execute(made).one())

    def get(self, token_hash: str) -> LoginSession | None:
        query = select(sessions).where(_S.token_hash == token_hash)
        found = self.connection.execute(query).one_or_none()
        return _to_session(found) if found else None

    def of(self, user_id: UserId) -> Sequence[LoginSession]:
        """The newest first; those that have run out, too, until they are forgotten."""
        query = select(sessions).where(_S.account_id == user_id).order_by(_S.id.desc())
        return [_to_session(row) for row in self.connection.execute(query)]

    def touch(self, session_id: int) -> None:
        self.connection.execute(
            update(sessions).where(_S.id == session_id).values(last_seen_at=self.now)
        )

    def end(self, session_id: int) -> None:
        self.connection.execute(delete(sessions).where(_S.id == session_id))

    def end_all(self, user_id: UserId, *, but: int | None = None) -> int:
        """Of all browsers; but: except this session. Returns how many there were."""
        query = delete(sessions).where(_S.account_id == user_id)
        if but is not None:
            query = query.where(_S.id != but)
        return self.connection.execute(query).rowcount

    def prune(self, before: datetime) -> None:
        """Those that ran out before then."""
        self.connection.execute(delete(sessions).where(_S.expires_at < before))

    def add_try(self, who: str, address: str) -> int:
        """Returns its id."""
        made = tries.insert().values(who=who, address=address, at=self.now).returning(_T.id)
        try_id: int = self.connection.execute(made).scalar_one()
        return try_id

    def tries_since(
        self, since: datetime, *, who: str | None = None, address: str | None = None
    ) -> Sequence[datetime]:
        """When, the oldest first."""
        query = select(_T.at).where(_T.at > since).order_by(_T.at)
        if who is not None:
            query = query.where(_T.who == who)
        if address is not None:
            query = query.where(_T.address == address)
        return self.connection.execute(query).scalars().all()

    def forget_try(self, try_id: int) -> None:
        self.connection.execute(delete(tries).where(_T.id == try_id))

    def forget_tries(self, *, who: str | None = None, before: datetime | None = None) -> None:
        query = delete(tries)
        if who is not None:
            query = query.where(_T.who == who)
        if before is not None:
            query = query.where(_T.at < before)
        self.connection.execute(query)

    def guesses(self, who: str) -> Guesses | None:
        query = select(_G.wrong, _G.last_at).where(_G.who == who)
        found = self.connection.execute(query).one_or_none()
        return Guesses(wrong=found.wrong, last_at=found.last_at) if found else None

    def put_guesses(self, who: str, user_id: UserId, wrong: int) -> None:
        """So many, the last one now. The caller holds the lock of `who`."""
        self.forget_guesses(who=who)
        values = {"who": who, "account_id": user_id, "wrong": wrong, "last_at": self.now}
        self.connection.execute(code_guesses.insert().values(**values))

    def forget_guesses(
        self,
        *,
        who: str | None = None,
        user_id: UserId | None = None,
        before: datetime | None = None,
    ) -> None:
        """Of one counter, of a user's, or all that were quiet since before then."""
        query = delete(code_guesses)
        if who is not None:
            query = query.where(_G.who == who)
        if user_id is not None:
            query = query.where(_G.account_id == user_id)
        if before is not None:
            query = query.where(_G.last_at < before)
        self.connection.execute(query)


def _to_session(row: Row[Any]) -> LoginSession:
    return LoginSession(
        id=row.id,
        user_id=UserId(row.account_id),
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        address=row.address,
    )
