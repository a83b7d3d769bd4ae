"""What the team of notify mode is told of a wish."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from asterisk_callback.domain.phone import mask_short
from asterisk_callback.domain.team_notice import TeamEvent
from asterisk_callback.services.telling.channel import Envelope
from asterisk_callback.services.telling.team import News

_SUBJECTS = {
    TeamEvent.ASKED: "{who} asks for a call",
    TeamEvent.CHANGED: "{who} asks for another time",
    TeamEvent.WITHDRAWN: "{who} does not want the call any more",
    TeamEvent.EXPIRED: "Not marked done in time: {who}",
}


_SOMEBODY = "A customer"


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamWords:
    """Composes what the team is told. mailboxes: "Name <address>" or an address each. numbers:
    E.164 each. page: the address of the team's page of a request, by its secret. zone: the
    company's."""

    page: Callable[[str], str]
    zone: str
    mailboxes: Sequence[str] = ()
    numbers: Sequence[str] = ()

    def __call__(self, news: News) -> Envelope:
        return Envelope(
            id=news.id,
            written_at=news.request.created_at,
            mailboxes=self.mailboxes,
            numbers=self.numbers,
            subject=_subject(news, news.request.name or _SOMEBODY),
            text=self._text(news),
            short=self._short(news),
            data=_data(news, self.page(news.secret)),
        )

    def _short(self, news: News) -> str:
        """Nothing that anybody typed: this also goes over the networks of others."""
        said = f"{_subject(news, _SOMEBODY)} ({mask_short(news.request.e164)})"
        return f"{said}: {self.page(news.secret)}" if news.request.open else said

    def _text(self, news: News) -> str:
        request = news.request
        asap = request.wall_time is None
        due = request.due_at.astimezone(ZoneInfo(self.zone))
        facts = {
            "Number": request.e164,
            "Name": request.name,
            "Topic": request.topic,
            "Note": request.about,
            "E-mail": request.email,
            "When": "as soon as possible" if asap else f"{due:%A %d %B %Y, %H:%M} ({self.zone})",
        }
        lines = [f"{name}: {value}" for name, value in facts.items() if value]
        if request.open:
            lines += ["", "We make no call. Please get in touch, and then mark it done:"]
            lines += [self.page(news.secret)]
        return "\n".join(lines) + "\n"


def _subject(news: News, who: str) -> str:
    return f"[{news.queue.title}] {_SUBJECTS[news.event].replace('{who}', who)}"


def _data(news: News, page: str) -> dict[str, object]:
    """Instants are ISO 8601 in UTC. due_at: not before; wall_time and time_zone are the
    customer's own, if they chose a time."""
    request = news.request
    return {
        "id": news.id,
        "event": news.event.value,
        "request": request.id,
        "queue": request.queue,
        "phone": request.e164,
        "name": request.name,
        "topic": request.topic,
        "about": request.about,
        "email": request.email,
        "locale": request.locale,
        "asked_at": request.created_at.isoformat(),
        "due_at": request.due_at.isoformat(),
        "wall_time": request.wall_time,
        "time_zone": request.zone,
        "expires_at": request.expires_at.isoformat(),
        "done_url": page,
    }
