"""What an agent asks of their queue member: to be logged in, logged out, paused, free again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from asterisk_callback.domain.account import UserId

# An order is carried out at once or not at all: who pressed "pause" and saw nothing come of it
# has long decided otherwise.
LATEST = timedelta(seconds=30)


class Action(StrEnum):
    ADD = "add"
    REMOVE = "remove"
    PAUSE = "pause"
    UNPAUSE = "unpause"


class Outcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    LATE = "late"  # Asterisk was not there in time: it was never sent
    UNANSWERED = "unanswered"  # it was sent; whether it was carried out is not known


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberOrder:
    """One order for one Asterisk queue. Instants are aware UTC.

    interface: the account's member when it was given. reason: of a pause, a name of the
    configuration. epoch: of the dispatcher that took it. detail: a sentence for the agent, if it
    was not carried out.
    """

    id: int
    account_id: UserId
    server: str
    asterisk_queue: str
    interface: str
    action: Action
    created_at: datetime
    reason: str = ""
    epoch: int | None = None
    done_at: datetime | None = None
    outcome: Outcome | None = None
    detail: str = ""

    @property
    def done(self) -> bool:
        return self.outcome is Outcome.DONE
