"""Alarms and holds in memory: see the modules of those names in store/."""

from collections.abc import Sequence
from datetime import datetime

from asterisk_callback.domain.alarm import Alarm, AlarmEvent, AlarmName, Condition, Notice
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.hold import Held, Hold
from asterisk_callback.domain.request import RequestId
from tests.memory_store.base import Base
from tests.memory_store.tables import Row


class Alarms(Base):
    def alarms(self, *, past: int = 0) -> Sequence[Alarm]:
        over = [row for row in self._rows("alarm") if row["cleared_at"] is not None]
        standing = [row for row in self._rows("alarm") if row["cleared_at"] is None]
        last = over[-past:] if past else []
        return [_alarm(row) for row in [*last, *standing]]

    def raise_alarm(self, condition: Condition, at: datetime | None = None) -> Alarm:
        values = {
            "name": condition.name.value,
            "server": condition.server,
            "subject": condition.subject,
            "text": condition.text,
            "raised_at": at or self._now,
        }
        return _alarm(self._insert("alarm", values))

    def clear_alarm(self, alarm: Alarm) -> Alarm:
        self._update("alarm", alarm.id, {"cleared_at": self._now})
        return _alarm(self.tables["alarm"][alarm.id])

    def add_notice(self, alarm: Alarm, channel: str, event: AlarmEvent) -> None:
        values = {"alarm_id": alarm.id, "channel": channel, "event": event.value}
        self._insert("alarm_notice", {**values, "next_at": self._now})

    def notices_due(self, channels: Sequence[str]) -> Sequence[Notice]:
        due, waiting = [], set()
        for row in self._rows("alarm_notice"):
            if row["told_at"] is not None or row["channel"] not in channels:
                continue
            place = (row["channel"], row["alarm_id"])
            if row["next_at"] <= self._now and place not in waiting:
                due.append(self._notice(row))
            waiting.add(place)
        return due

    def put_off_notice(self, notice: Notice, until: datetime) -> None:
        self._update("alarm_notice", notice.id, {"next_at": until, "tries": notice.tries + 1})

    def notice_told(self, notice: Notice) -> None:
        self._update("alarm_notice", notice.id, {"told_at": self._now})

    def alarms_not_told(self, channels: Sequence[str], before: datetime) -> Sequence[str]:
        waiting = set()
        for row in self._rows("alarm_notice"):
            alarm = self.tables["alarm"][row["alarm_id"]]
            at = alarm["raised_at"] if row["event"] == AlarmEvent.RAISED else alarm["cleared_at"]
            untold = row["told_at"] is None and row["tries"] > 0
            if untold and row["channel"] in channels and at <= before:
                waiting.add(row["channel"])
        return sorted(waiting)

    def unknown_since(self, server: str, since: datetime) -> Sequence[RequestId]:
        return sorted(
            {
                row["request_id"]
                for row in self._rows("attempt")
                if row["server"] == server
                and row["disposition"] == Disposition.UNKNOWN
                and row["ended_at"] is not None
                and row["ended_at"] >= since
            }
        )

    def holds(self, kind: Held = Held.DIALLING) -> Sequence[Hold]:
        rows = sorted(self.tables["hold"].items())
        return [Hold(**{**row, "kind": kind}) for _, row in rows if row["kind"] == kind]

    def add_hold(self, hold: Hold) -> None:
        values = {"kind": hold.kind.value, "scope": hold.scope, "since": hold.since}
        values |= {"actor": hold.actor, "reason": hold.reason}
        self._insert("hold", values, key=(hold.kind.value, hold.scope))

    def lift_hold(self, scope: str, kind: Held = Held.DIALLING) -> None:
        if (kind.value, scope) in self.tables["hold"]:
            self._delete("hold", (kind.value, scope))

    def _notice(self, row: Row) -> Notice:
        return Notice(
            id=row["id"],
            alarm=_alarm(self.tables["alarm"][row["alarm_id"]]),
            channel=row["channel"],
            event=AlarmEvent(row["event"]),
            tries=row["tries"],
        )


def _alarm(row: Row) -> Alarm:
    return Alarm(**{**row, "name": AlarmName(row["name"])})
