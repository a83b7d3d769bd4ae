"""Alarms and what is still to be told of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, select, update

from asterisk_callback.domain.alarm import Alarm, AlarmEvent, AlarmName, Condition, Notice
from asterisk_callback.domain.request import RequestId
from asterisk_callback.store.repository import Base
from asterisk_callback.store.tables.calls import IS_UNKNOWN, attempts
from asterisk_callback.store.tables.telling import alarm_notices, alarms

_C = alarms.c
_N = alarm_notices.c


class AlarmTable(Base):
    def alarms(self, *, past: int = 0) -> Sequence[Alarm]:
        """Those that stand, oldest first. past: before them, so many of the last cleared ones."""
        standing = select(alarms).where(_C.cleared_at.is_(None)).order_by(_C.id)
        over = select(alarms).where(_C.cleared_at.is_not(None)).order_by(_C.id.desc()).limit(past)
        before = list(self.connection.execute(over))[::-1] if past else []
        return [_alarm(row) for row in [*before, *self.connection.execute(standing)]]

    def raise_alarm(self, condition: Condition, at: datetime | None = None) -> Alarm:
        """at: if it was raised before, and could not be written down."""
        values = {
            "name": condition.name.value,
            "server": condition.server,
            "subject": condition.subject,
            "text": condition.text,
            "raised_at": at or self._now,
        }
        insert = alarms.insert().values(**values).returning(*_C)
        return _alarm(self.connection.execute(insert).one())

    def clear_alarm(self, alarm: Alarm) -> Alarm:
        clear = update(alarms).where(_C.id == alarm.id).values(cleared_at=self._now)
        return _alarm(self.connection.execute(clear.returning(*_C)).one())

    def add_notice(self, alarm: Alarm, channel: str, event: AlarmEvent) -> None:
        values = {"alarm_id": alarm.id, "channel": channel, "event": event.value}
        self.connection.execute(alarm_notices.insert().values(**values, next_at=self._now))

    def notices_due(self, channels: Sequence[str]) -> Sequence[Notice]:
        """Untold, oldest first, and not the second of an alarm before its first."""
        query = (
            select(alarm_notices, *[column.label(f"of_{column.name}") for column in _C])
            .join(alarms, _C.id == _N.alarm_id)
            .where(_N.told_at.is_(None), _N.channel.in_(channels))
            .order_by(_N.id)
        )
        due, waiting = [], set()
        for row in self.connection.execute(query):
            place = (row.channel, row.alarm_id)
            if row.next_at <= self._now and place not in waiting:
                due.append(_notice(row))
            waiting.add(place)
        return due

    def put_off_notice(self, notice: Notice, until: datetime) -> None:
        values = {"next_at": until, "tries": notice.tries + 1}
        self.connection.execute(update(alarm_notices).where(_N.id == notice.id).values(**values))

    def notice_told(self, notice: Notice) -> None:
        told = update(alarm_notices).where(_N.id == notice.id).values(told_at=self._now)
        self.connection.execute(told)

    def alarms_not_told(self, channels: Sequence[str], before: datetime) -> Sequence[str]:
        """Those of the channels that have not taken since then what they were to tell, by name."""
        at = case((_N.event == AlarmEvent.RAISED.value, _C.raised_at), else_=_C.cleared_at)
        query = (
            select(_N.channel)
            .distinct()
            .join(alarms, _C.id == _N.alarm_id)
            .where(_N.told_at.is_(None), _N.tries > 0, _N.channel.in_(channels), at <= before)
            .order_by(_N.channel)
        )
        return self.connection.execute(query).scalars().all()

    def unknown_since(self, server: str, since: datetime) -> Sequence[RequestId]:
        """Callback requests with an attempt of unknown outcome that ended since then."""
        query = (
            select(attempts.c.request_id)
            .where(
                attempts.c.server == server,
                IS_UNKNOWN,
                attempts.c.ended_at >= since,
            )
            .distinct()
            .order_by(attempts.c.request_id)
        )
        return [RequestId(one) for one in self.connection.execute(query).scalars()]


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
