"""Whose consoles are open."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, update

from asterisk_callback.domain.account import UserId
from asterisk_callback.store.repository import Repository, bound
from asterisk_callback.store.tables.console import consoles

_K = consoles.c
# One that has not been heard of for GONE is closed; so is one whose browser said that it leaves and
# did not come back at once, as it does when a page is only loaded anew.
GONE = timedelta(seconds=25)
LEFT = timedelta(seconds=4)
# A page that is gone may have asked just before: who reads that question later than the farewell
# must not take it for an open console. Another tab of the same agent asks again within LEFT.
LATE = timedelta(seconds=2)

_OF = _K.account_id == bindparam("of_account")
_SEEN = update(consoles).where(_OF).values(bound(("seen_at", "left_at")))
_ADD = consoles.insert()
_LEAVE = update(consoles).where(_OF).values(bound(("left_at",)))
_LEFT_SINCE = select(_K.left_at).where(_OF, _K.left_at > bindparam("since"))
_SEEN_AT = select(_K.seen_at, _K.left_at).where(_OF)
_OPEN = select(_K.account_id).where(
    _K.seen_at > bindparam("seen_since"),
    or_(_K.left_at.is_(None), _K.left_at > bindparam("left_since")),
)


class SqlConsoles(Repository):
    def touch(self, user_id: UserId, *, opened: bool) -> None:
        """This user's console is open. opened: a page of it was loaded; else an open page asked,
        which counts for nothing within LATE of a farewell."""
        seen = self.seen_at(user_id)
        if not opened and self._left_just_now(user_id):
            return
        values = {"seen_at": self.now, "left_at": None}
        mine = {"of_account": user_id, **values}
        if self.connection.execute(_SEEN, mine).rowcount == 0:
            self.tx.lock(f"console:{user_id}")
            if self.seen_at(user_id) is None:
                self.connection.execute(_ADD, {"account_id": user_id, **values})
        if seen is None or seen <= self.now - GONE:
            self.tx.wake()  # somebody more can be offered something

    def leave(self, user_id: UserId) -> None:
        """The browser goes away; if it only loads the page anew, it is back at once."""
        self.connection.execute(_LEAVE, {"of_account": user_id, "left_at": self.now})

    def _left_just_now(self, user_id: UserId) -> bool:
        values = {"of_account": user_id, "since": self.now - LATE}
        return self.connection.execute(_LEFT_SINCE, values).first() is not None

    def seen_at(self, user_id: UserId) -> datetime | None:
        """When it was last heard of; None if never, or if its browser went away since."""
        found = self.connection.execute(_SEEN_AT, {"of_account": user_id}).first()
        return found.seen_at if found is not None and found.left_at is None else None

    def open_users(self) -> frozenset[UserId]:
        """Whose consoles are open."""
        values = {"seen_since": self.now - GONE, "left_since": self.now - LEFT}
        return frozenset(UserId(one) for one in self.connection.execute(_OPEN, values).scalars())
