"""Alarms in memory: see the module of that name in store/."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from asterisk_callback.domain.alarm import Alarm, AlarmCondition, AlarmEvent, AlarmName, Notice
from asterisk_callback.domain.outbox import LOST, DeliveryOutcome
from tests.memory_store.repository import MemoryRepository
from tests.memory_store.tables import Row


class MemoryAlarms(MemoryRepository):
    def standing(self, *, past: int = 0) -> Sequence[Alarm]:
        over = [row for row in self._rows("alarm") if row["cleared_at"] is not None]
        standing = [row for row in self._rows("alarm") if row["cleared_at"] is None]
        last = over[-past:] if past else []
        return [_alarm(row) for row in [*last, *standing]]

    def raise_alarm(self, condition: AlarmCondition, at: datetime | None = None) -> Alarm:
        values = {
            "name": condition.name.value,
            "server": condition.server,
            "subject": condition.subject,
            "text": condition.text,
            "raised_at": at or self.now,
        }
        return _alarm(self._insert("alarm", values))

    def clear_alarm(self, alarm: Alarm) -> Alarm:
        self._update("alarm", alarm.id, {"cleared_at": self.now})
        return _alarm(self.tables["alarm"][alarm.id])


class MemoryAlarmNotices(MemoryRepository):
    def add(self, alarm: Alarm, channel: str, event: AlarmEvent) -> None:
        values = {"alarm_id": alarm.id, "channel": channel, "event": event.value}
        self._insert("alarm_notice", {**values, "next_at": self.now})

    def any_due(self, channels: Sequence[str]) -> bool:
        return bool(self._notices_due(channels))

    def _notices_due(self, channels: Sequence[str]) -> Sequence[Row]:
        due, waiting = [], set()
        for row in self._rows("alarm_notice"):
            if row["done_at"] is not None or row["channel"] not in channels:
                continue
            place = (row["channel"], row["alarm_id"])
            if row["next_at"] <= self.now and place not in waiting:
                due.append(row)
            waiting.add(place)
        return sorted(due, key=lambda row: (row["next_at"], row["id"]))

    def claim(self, channels: Sequence[str], lease: timedelta) -> Notice | None:
        for row in self._notices_due(channels):
            taken = {"next_at": self.now + lease, "tries": row["tries"] + 1}
            self._update("alarm_notice", row["id"], taken)
            return self._notice(self.tables["alarm_notice"][row["id"]])
        return None

    def postpone(self, notice: Notice, until: datetime, detail: str) -> bool:
        row = self.tables["alarm_notice"][notice.id]
        if row["done_at"] is not None or row["tries"] != notice.tries:
            return False
        self._update("alarm_notice", notice.id, {"next_at": until, "detail": detail[:255]})
        return True

    def finish(self, notice: Notice, outcome: DeliveryOutcome, detail: str = "") -> bool:
        if self.tables["alarm_notice"][notice.id]["done_at"] is not None:
            return False
        values = {"done_at": self.now, "outcome": outcome.value, "detail": detail[:255]}
        self._update("alarm_notice", notice.id, values)
        return True

    def channels_not_told(self, channels: Sequence[str], before: datetime) -> Sequence[str]:
        untold = set()
        for row in self._rows("alarm_notice"):
            alarm = self.tables["alarm"][row["alarm_id"]]
            at = alarm["raised_at"] if row["event"] == AlarmEvent.RAISED else alarm["cleared_at"]
            waits = row["done_at"] is None and row["tries"] > 0 and at <= before
            stands = alarm["cleared_at"] is None and alarm["name"] != AlarmName.ALARM
            if row["channel"] in channels and (waits or (stands and row["outcome"] in LOST)):
                untold.add(row["channel"])
        return sorted(untold)

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
