"""Callback requests as reports list them: one by one, with what was asked and how it came out."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from asterisk_callback.domain.attempt import Disposition
from asterisk_callback.domain.request import RequestState


class PastAttempt(NamedTuple):
    agent: str | None
    disposition: Disposition | None


class PastWish(NamedTuple):
    """One wish, and what it was told. rang_at, talked_at: the first ring and the first talk that
    were its own. All aware UTC."""

    asked_at: datetime
    due_at: datetime
    promised_from: datetime | None
    promised_to: datetime | None
    withdrawn_at: datetime | None
    rang_at: datetime | None
    talked_at: datetime | None


class PastRequest(NamedTuple):
    """One callback request with its wishes and attempts, both oldest first."""

    id: int
    queue: str
    e164: str
    topic: str
    state: RequestState
    created_at: datetime
    ended_at: datetime | None
    rings: int
    wishes: Sequence[PastWish]
    attempts: Sequence[PastAttempt]

    @property
    def deciding(self) -> PastWish | None:
        """The earliest wish that stands, or of all if none does."""
        standing = [one for one in self.wishes if one.withdrawn_at is None]
        return min(standing or self.wishes, key=lambda one: one.due_at, default=None)
