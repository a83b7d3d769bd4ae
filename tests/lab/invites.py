"""The far end's own log of INVITEs: the oracle that says how often a phone really rang."""

import threading
import time
from dataclasses import dataclass, field

from .speed import Deadline
from .waiting import PATIENCE, LabError


@dataclass(slots=True)
class Invite:
    """One INVITE (retransmissions are one): `at` is time.monotonic() of its arrival.

    `statuses` are the responses sent so far as (monotonic time, status); `text` the whole message.
    """

    at: float
    number: str
    from_number: str
    call_id: str
    text: str = ""
    statuses: list[tuple[float, int]] = field(default_factory=list)
    cancelled: bool = False

    @property
    def final(self) -> int:
        """The final status sent, 0 while there is none."""
        return next((code for _, code in self.statuses if code >= 200), 0)


class InviteLog:
    """Thread-safe list of invites that can be awaited."""

    def __init__(self) -> None:
        self._entries: list[Invite] = []
        self._news = threading.Condition()

    def add(self, invite: Invite) -> None:
        """Append, and wake the waiting."""
        with self._news:
            self._entries.append(invite)
            self._news.notify_all()

    def note(self, invite: Invite, status: int) -> None:
        """Record a response to an invite; a repeated one is recorded once."""
        with self._news:
            if status not in [code for _, code in invite.statuses]:
                invite.statuses.append((time.monotonic(), status))
                self._news.notify_all()

    def all(self, number: str | None = None) -> list[Invite]:
        """A copy of the log, of one number if given (compared by its digits)."""
        with self._news:
            return [i for i in self._entries if number is None or same(i.number, number)]

    def wait(self, number: str, timeout: float = PATIENCE, nth: int = 1, status: int = 0) -> Invite:
        """The `nth` invite for `number`, once `status` was sent for it (0: at its arrival)."""
        limit = Deadline(timeout)
        with self._news:
            while True:
                found = [i for i in self._entries if same(i.number, number)]
                if len(found) >= nth and (
                    not status or status in [code for _, code in found[nth - 1].statuses]
                ):
                    return found[nth - 1]
                left = limit.left()
                if left <= 0:
                    seen = [(i.number, [c for _, c in i.statuses]) for i in self._entries][-8:]
                    want = f"invite {nth} for {number}" + (f" with {status}" if status else "")
                    raise LabError(f"waited {timeout:g} s for {want}; the log holds {seen}")
                self._news.wait(left)

    def clear(self) -> None:
        """Forget everything (between tests that share a bed)."""
        with self._news:
            self._entries.clear()


def digits(number: str) -> str:
    """A number without its plus."""
    return number.lstrip("+")


def same(one: str, other: str) -> bool:
    """True if two numbers differ at most by a plus."""
    return digits(one) == digits(other)
