"""What operators are told of an alarm."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asterisk_callback.domain.alarm import Alarm, AlarmEvent, Notice
from asterisk_callback.services.telling.channel import Envelope

_SHORT = 300  # letters: two short messages


@dataclass(frozen=True, kw_only=True, slots=True)
class OperatorWords:
    """Composes the notices of alarms. mailboxes: "Name <address>" or an address each. numbers:
    E.164 each."""

    mailboxes: Sequence[str] = ()
    numbers: Sequence[str] = ()

    def __call__(self, notice: Notice) -> Envelope:
        alarm, cleared = notice.alarm, notice.event is AlarmEvent.CLEARED
        return Envelope(
            id=_id(alarm, notice.event),
            written_at=(alarm.cleared_at if cleared else None) or alarm.raised_at,
            mailboxes=self.mailboxes,
            numbers=self.numbers,
            subject=_subject(alarm, notice.event),
            text=_text(alarm, notice.event),
            short=f"{_subject(alarm, notice.event)}: {alarm.text}"[:_SHORT],
            # So that the mailbox shows the end below the beginning.
            answers=_id(alarm, AlarmEvent.RAISED) if cleared else "",
            data=_data(notice),
        )


def _id(alarm: Alarm, event: AlarmEvent) -> str:
    """With its time: a database that was restored gives the numbers of alarms again."""
    return f"alarm-{alarm.id}-{alarm.raised_at:%Y%m%d%H%M%S}-{event}"


def _subject(alarm: Alarm, event: AlarmEvent) -> str:
    where = " ".join(one for one in (alarm.server, alarm.subject) if one)
    return f"[asterisk-callback] alarm {event}: {alarm.name}{f' ({where})' if where else ''}"


def _text(alarm: Alarm, event: AlarmEvent) -> str:
    lines = [alarm.text, "", f"Raised {_clock(alarm.raised_at)}."]
    if event is AlarmEvent.CLEARED and alarm.cleared_at:
        lines = ["It is over. It was:", "", *lines, f"Cleared {_clock(alarm.cleared_at)}."]
    else:
        lines += ["", "`asterisk-callback doctor` says what is wrong and how to mend it,"]
        lines += ["`asterisk-callback alarms` what stands in the way of calls right now."]
    return "\n".join(lines) + "\n"


def _clock(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"


def _data(notice: Notice) -> dict[str, object]:
    """id names the notice: one that comes twice was told twice. Instants are ISO 8601 in UTC."""
    alarm = notice.alarm
    cleared = alarm.cleared_at.isoformat() if alarm.cleared_at else None
    return {
        "id": notice.id,
        "event": notice.event.value,
        "alarm": alarm.name.value,
        "alarm_id": alarm.id,
        "server": alarm.server,
        "subject": alarm.subject,
        "text": alarm.text,
        "raised_at": alarm.raised_at.isoformat(),
        "cleared_at": cleared,
    }
