"""An alarm: something keeps calls from being made, or wants a human to look."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AlarmName(StrEnum):
    """Stable: webhooks and scripts read it."""

    TRUNK = "trunk_paused"
    UNKNOWN = "unknown_outcomes"
    NO_LINK = "no_link"
    NO_RIGHT = "no_right"
    NO_DIALPLAN = "no_dialplan"
    GATE = "gate_unreachable"
    NO_QUEUE = "queue_gone"
    CLOCK = "clock_off"
    HELD = "dialling_stopped"
    DIALPLAN = "old_dialplan"
    FOREIGN_AGI = "foreign_agi"
    SECOND_OWNER = "second_owner"
    FULL = "numbers_full"
    OVERTAKEN = "configuration_changed"
    TEAM = "team_not_told"
    MAIL = "mail_refused"
    SMS = "sms_refused"
    ALARM = "alarm_not_told"
    DATABASE = "database_away"


# What keeps a dispatcher from placing calls by its Asterisk server.
STOPS = (AlarmName.NO_LINK, AlarmName.NO_RIGHT, AlarmName.NO_DIALPLAN, AlarmName.GATE)


class AlarmEvent(StrEnum):
    RAISED = "raised"
    CLEARED = "cleared"


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmCondition:
    """What is wrong right now. server: "" for what concerns all. subject: a trunk, a queue, or "".

    certain: False if it may be wrong, or over, but that is not known yet: then an alarm is neither
    raised nor cleared. text: one sentence without anything a customer typed (P17).
    """

    name: AlarmName
    server: str = ""
    subject: str = ""
    text: str = ""
    certain: bool = True

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.name, self.server, self.subject)


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """A condition as it was noticed. cleared_at: None while it lasts. All aware UTC."""

    id: int
    name: AlarmName
    server: str
    subject: str
    text: str
    raised_at: datetime
    cleared_at: datetime | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.name, self.server, self.subject)


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """What is still to be told of an alarm, on one channel. tries: so far."""

    id: int
    alarm: Alarm
    channel: str
    event: AlarmEvent
    tries: int
