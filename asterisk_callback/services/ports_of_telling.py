"""What customers, teams and operators are told."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from asterisk_callback.domain.alarm import Alarm, AlarmCondition, AlarmEvent, Notice
from asterisk_callback.domain.customer_message import InVain, Message, MessageKind, ReachedBy
from asterisk_callback.domain.outbox import DeliveryOutcome
from asterisk_callback.domain.request import RequestId
from asterisk_callback.domain.team_notice import NotTold, TeamLink
from asterisk_callback.domain.wish import WishId


class AlarmRepository(Protocol):
    """Alarms."""

    def standing(self, *, past: int = 0) -> Sequence[Alarm]: ...

    def raise_alarm(self, condition: AlarmCondition) -> Alarm: ...

    def clear_alarm(self, alarm: Alarm) -> Alarm: ...


class AlarmNoticeRepository(Protocol):
    """What is still to be told of alarms."""

    def add(self, alarm: Alarm, channel: str, event: AlarmEvent) -> None: ...

    def any_due(self, channels: Sequence[str]) -> bool: ...

    def claim(self, channels: Sequence[str], lease: timedelta) -> Notice | None: ...

    def postpone(self, notice: Notice, until: datetime, detail: str) -> bool: ...

    def finish(self, notice: Notice, outcome: DeliveryOutcome, detail: str = "") -> bool: ...

    def channels_not_told(self, channels: Sequence[str], before: datetime) -> Sequence[str]: ...


class MessageRepository(Protocol):
    """The customers' outbox."""

    def add(
        self,
        wish_id: WishId,
        kind: MessageKind,
        *,
        occasion: str,
        due_at: datetime,
        facts: Mapping[str, str],
    ) -> None: ...

    def next_at(self, reach: ReachedBy | None = None) -> datetime | None: ...

    def claim(self, lease: timedelta, reach: ReachedBy | None = None) -> Message | None: ...

    def set_recipient(self, message: Message, address: str) -> None: ...

    def sent_to(self, address: str, since: datetime) -> int: ...

    def postpone(
        self, message: Message, until: datetime, detail: str, *, away: bool = False
    ) -> bool: ...

    def undelivered(self, before: datetime, reach: ReachedBy | None = None) -> InVain | None: ...

    def mark_server_back(
        self, reach: ReachedBy | None = None, *, wake: datetime | None
    ) -> None: ...

    def finish(self, message: Message, outcome: DeliveryOutcome, detail: str = "") -> bool: ...


class TeamLinkRepository(Protocol):
    """The teams' pages, and what teams know."""

    def get(self, request_id: RequestId) -> TeamLink | None: ...


class TeamNoteRepository(Protocol):
    """The teams' outbox."""

    def not_told(self, before: datetime) -> Sequence[NotTold]: ...
