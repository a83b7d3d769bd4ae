"""Alarms and what is still to be told of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, case, exists, select, update

from asterisk_callback.domain.alarm import Alarm, AlarmCondition, AlarmEvent, AlarmName, Notice
from asterisk_callback.domain.outbox import LOST, DeliveryOutcome
from asterisk_callback.store.lease_queue import KEPT, LeaseQueue
from asterisk_callback.store.repository import Repository, bound
from asterisk_callback.store.tables.metadata import Utc
from asterisk_callback.store.tables.telling import alarm_notices, alarms

_C = alarms.c
_N = alarm_notices.c
_BY_CHANNEL = _N.channel.in_(bindparam("channels", expanding=True))
_OVER = exists().where(_C.id == _N.alarm_id, _C.cleared_at.is_not(None))
_QUEUE = LeaseQueue(
    alarm_notices,
    condition=_BY_CHANNEL,
    in_order=("alarm_id", "channel"),
    old=(_N.done_at < bindparam("before")) & _OVER,
)
_STANDING = select(alarms).where(_C.cleared_at.is_(None)).order_by(_C.id)
_PAST = (
    select(alarms).where(_C.cleared_at.is_not(None)).order_by(_C.id.desc()).limit(bindparam("most"))
)
_RAISE = alarms.insert().returning(*_C)
_CLEAR = (
    update(alarms)
    .where(_C.id == bindparam("alarm_id"))
    .values(bound(("cleared_at",)))
    .returning(*_C)
)
_ADD = alarm_notices.insert()
_TAKEN = (
    select(alarm_notices, *[column.label(f"of_{column.name}") for column in _C])
    .join(alarms, _C.id == _N.alarm_id)
    .where(_N.id == bindparam("notice_id"))
)
_AT = case((_N.event == AlarmEvent.RAISED.value, _C.raised_at), else_=_C.cleared_at)
_CHANNELS = select(_N.channel).distinct().join(alarms, _C.id == _N.alarm_id).where(_BY_CHANNEL)
# Two reads, each of few rows: those undone have an index, and so have alarms that stand.
_WAITING = _CHANNELS.where(
    _N.done_at.is_(None), _N.tries > 0, bindparam("before", type_=Utc()) >= _AT
)
# That a channel tells nothing is no alarm of which this channel could tell.
_LOST = _CHANNELS.where(
    _C.cleared_at.is_(None), _C.name != AlarmName.ALARM.value, _N.outcome.in_(LOST)
)


class SqlAlarms(Repository):
    def standing(self, *, past: int = 0) -> Sequence[Alarm]:
        """Those that stand, oldest first. past: before them, so many of the last cleared ones."""
        before = list(self.connection.execute(_PAST, {"most": past}))[::-1] if past else []
        return [_alarm(row) for row in [*before, *self.connection.execute(_STANDING)]]

    def raise_alarm(self, condition: AlarmCondition, at: datetime | None = None) -> Alarm:
        """at: if it was raised before, and could not be written down."""
        values = {
            "name": condition.name.value,
            "server": condition.server,
            "subject": condition.subject,
            "text": condition.text,
            "raised_at": at or self.now,
        }
        return _alarm(self.connection.execute(_RAISE, values).one())

    def clear_alarm(self, alarm: Alarm) -> Alarm:
        values = {"alarm_id": alarm.id, "cleared_at": self.now}
        return _alarm(self.connection.execute(_CLEAR, values).one())


class SqlAlarmNotices(Repository):
    def add(self, alarm: Alarm, channel: str, event: AlarmEvent) -> None:
        values = {"alarm_id": alarm.id, "channel": channel, "event": event.value}
        self.connection.execute(_ADD, {**values, "next_at": self.now})

    def any_due(self, channels: Sequence[str]) -> bool:
        return _QUEUE.any_due(self, channels=list(channels))

    def claim(self, channels: Sequence[str], lease: timedelta) -> Notice | None:
        """The one that waits longest, for this caller alone until the lease ends; not the second
        of an alarm before its first."""
        found = _QUEUE.claim(self, lease, channels=list(channels))
        if found is None:
            return None
        return _notice(self.connection.execute(_TAKEN, {"notice_id": found}).one())

    def postpone(self, notice: Notice, until: datetime, detail: str) -> bool:
        """Tried in vain. False if it was claimed again since: then it is not ours to judge."""
        return _QUEUE.postpone(self, notice.id, notice.tries, until, detail)

    def finish(self, notice: Notice, outcome: DeliveryOutcome, detail: str = "") -> bool:
        """It ends like this, also when the lease was lost meanwhile."""
        return _QUEUE.finish(self, notice.id, outcome.value, detail)

    def prune(self, after: int) -> int | None:
        """See LeaseQueue.prune. What was told of alarms long ago goes, once the alarm is over:
        `alarms --all` reads the alarms themselves."""
        return _QUEUE.prune(self, self.now - KEPT, after)

    def channels_not_told(self, channels: Sequence[str], before: datetime) -> Sequence[str]:
        """Those of the channels that have not taken since then what they were to tell, or will
        never take what they were to tell of an alarm that stands, by name."""
        values = {"channels": list(channels), "before": before}
        found = {
            channel
            for query in (_WAITING, _LOST)
            for channel in self.connection.execute(query, values).scalars()
        }
        return sorted(found)


def _alarm(row: Row[Any], prefix: str = "") -> Alarm:
    values = {column.name: getattr(row, prefix + column.name) for column in _C}
    return Alarm(**(values | {"name": AlarmName(values["name"])}))


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        id=row.id,
        alarm=_alarm(row, "of_"),
        channel=row.channel,
        event=AlarmEvent(row.event),
        tries=row.tries,
    )
