"""Users, their roles and their second factor in the database."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, select, update

from asterisk_callback.domain.account import (
    SIGNING_IN,
    AccountEvent,
    AccountNotice,
    Grant,
    InvalidAccount,
    NoticeKind,
    Role,
    User,
    UserId,
)
from asterisk_callback.store.repository import Repository
from asterisk_callback.store.rows import padded
from asterisk_callback.store.tables.accounts import (
    account_events,
    accounts,
    grants,
    notices,
    recovery_codes,
)

_A = accounts.c
_N = notices.c
_USER = [field.name for field in fields(User) if field.name not in ("id", "grants")]
_ALL = select(accounts).order_by(_A.login)
_BY = {
    name: _ALL.where(_A[name] == bindparam("value"))
    for name in ("id", "login", "member", "link_hash")
}
_GRANTS = select(grants).where(grants.c.account_id.in_(bindparam("ids", expanding=True)))
_TAKEN = {
    "login": "Somebody has this login name already.",
    "member": "Somebody has this queue member already.",
}


class SqlAccounts(Repository):
    def add_user(self, *, login: str, name: str, member: str | None) -> User:
        """Raises InvalidAccount if login or member belong to somebody."""
        self._require_free(None, login=login, member=member)
        values = {"login": login, "name": name, "member": member, "created_at": self.now}
        found = self.connection.execute(accounts.insert().values(**values).returning(_A.id))
        user = self.get(UserId(found.scalar_one()))
        assert user is not None
        return user

    def all(self) -> Sequence[User]:
        """By their login names, the disabled ones, too."""
        return self._users(_ALL)

    def get(self, user_id: UserId) -> User | None:
        return self._user(_BY["id"], user_id)

    def user_by_login(self, login: str) -> User | None:
        return self._user(_BY["login"], login)

    def user_by_member(self, member: str) -> User | None:
        """Whose calls those of this queue member are."""
        return self._user(_BY["member"], member)

    def user_by_link(self, link_hash: str) -> User | None:
        return self._user(_BY["link_hash"], link_hash)

    def change(self, user_id: UserId, **changes: Any) -> None:
        """Raises InvalidAccount if login or member belong to somebody else."""
        taken = {name: changes[name] for name in _TAKEN if name in changes}
        self._require_free(user_id, **taken)
        self.connection.execute(update(accounts).where(_A.id == user_id).values(**changes))

    def _require_free(self, user_id: UserId | None, **names: str | None) -> None:
        for column, text in names.items():
            self.tx.lock(f"account:{column}:{text}")
            other = self._user(_BY[column], text) if text is not None else None
            if other is not None and other.id != user_id:
                raise InvalidAccount(column, _TAKEN[column])

    def add_grant(self, user_id: UserId, grant: Grant) -> bool:
        """False: they have it already."""
        self.tx.lock(f"grants:{user_id}")
        user = self.get(user_id)
        if user is None or grant in user.grants:
            return False
        row = {"account_id": user_id, "role": grant.role.value, "queue": grant.queue}
        self.connection.execute(grants.insert().values(**row))
        return True

    def remove_grant(self, user_id: UserId, grant: Grant) -> bool:
        """False: they did not have it."""
        done = self.connection.execute(
            delete(grants).where(
                grants.c.account_id == user_id,
                grants.c.role == grant.role.value,
                grants.c.queue == grant.queue,
            )
        )
        return done.rowcount == 1

    def use_totp_step(self, user_id: UserId, step: int) -> bool:
        """False: the code of this step, or of a later one, was used before."""
        done = self.connection.execute(
            update(accounts).where(_A.id == user_id, _A.totp_step < step).values(totp_step=step)
        )
        return done.rowcount == 1

    def put_recovery_codes(self, user_id: UserId, hashes: Sequence[str]) -> None:
        """In the place of those that there were."""
        mine = recovery_codes.c.account_id == user_id
        self.connection.execute(delete(recovery_codes).where(mine))
        if hashes:
            rows = [{"account_id": user_id, "code_hash": one} for one in hashes]
            self.connection.execute(recovery_codes.insert(), rows)

    def use_recovery_code(self, user_id: UserId, code_hash: str) -> bool:
        """False: there is no such code, or it was used before."""
        done = self.connection.execute(
            delete(recovery_codes).where(
                recovery_codes.c.account_id == user_id, recovery_codes.c.code_hash == code_hash
            )
        )
        return done.rowcount == 1

    def recovery_codes_left(self, user_id: UserId) -> int:
        mine = recovery_codes.c.account_id == user_id
        query = select(func.count()).select_from(recovery_codes).where(mine)
        return self.connection.execute(query).scalar_one()

    def add_event(
        self, user_id: UserId | None, *, actor: str, event: str, detail: str = ""
    ) -> None:
        values = {"at": self.now, "account_id": user_id, "actor": actor}
        self.connection.execute(
            account_events.insert().values(**values, event=event, detail=detail)
        )

    def add_notice(
        self, user_id: UserId, kind: NoticeKind, *, actor: str, detail: str = ""
    ) -> None:
        values = {"account_id": user_id, "at": self.now, "kind": kind.value, "actor": actor}
        self.connection.execute(notices.insert().values(**values, detail=detail))

    def notices(self, user_id: UserId) -> Sequence[AccountNotice]:
        """The newest first."""
        query = select(notices).where(_N.account_id == user_id).order_by(_N.id.desc())
        return [
            AccountNotice(
                id=row.id,
                at=row.at,
                kind=NoticeKind(row.kind),
                actor=row.actor,
                detail=row.detail,
            )
            for row in self.connection.execute(query)
        ]

    def forget_notices(
        self, user_id: UserId, *, up_to: int | None = None, kind: NoticeKind | None = None
    ) -> None:
        """Of this user: up to this id, or those of one kind."""
        query = delete(notices).where(_N.account_id == user_id)
        if up_to is not None:
            query = query.where(_N.id <= up_to)
        if kind is not None:
            query = query.where(_N.kind == kind.value)
        self.connection.execute(query)

    def events(
        self,
        *,
        user_id: UserId | None = None,
        signing_in: bool | None = None,
        limit: int = 100,
    ) -> Sequence[AccountEvent]:
        """The newest first. user_id None: those of everybody. signing_in: only what was done at
        the door, or only what else was done; None: both."""
        events = account_events.c
        query = select(account_events, _A.login).outerjoin(accounts, events.account_id == _A.id)
        if user_id is not None:
            query = query.where(events.account_id == user_id)
        if signing_in is not None:
            at_door = events.event.in_(SIGNING_IN)
            query = query.where(at_door if signing_in else ~at_door)
        return [
            AccountEvent(
                at=row.at,
                login=row.login or "",
                actor=row.actor,
                event=row.event,
                detail=row.detail,
            )
            for row in self.connection.execute(query.order_by(events.id.desc()).limit(limit))
        ]

    def forget_anonymous_events(self, *, before: datetime, keep: int) -> None:
        """Of names that nobody has: those from before then, and all but the newest so many."""
        events = account_events.c
        nobodys = events.account_id.is_(None)
        newest = select(events.id).where(nobodys).order_by(events.id.desc()).offset(keep).limit(1)
        last = self.connection.execute(newest).scalar_one_or_none()
        old = events.at < before
        if last is not None:
            old = old | (events.id <= last)
        self.connection.execute(delete(account_events).where(nobodys, old))

    def _user(self, query: Select[Any], value: object) -> User | None:
        return next(iter(self._users(query, value=value)), None)

    def _users(self, query: Select[Any], **given: object) -> list[User]:
        found = self.connection.execute(query, given).all()
        ids = [row.id for row in found]
        held: dict[int, list[Grant]] = {one: [] for one in ids}
        values = {"ids": padded(ids)}
        for row in self.connection.execute(_GRANTS, values) if ids else ():
            held[row.account_id].append(Grant(Role(row.role), row.queue))
        return [
            User(
                id=UserId(row.id),
                grants=tuple(sorted(held[row.id])),
                **{name: getattr(row, name) for name in _USER},
            )
            for row in found
        ]
