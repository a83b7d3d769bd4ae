"""What the team of notify mode is told of a wish."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from asterisk_callback.domain.team_notice import Event
from asterisk_callback.services.telling.channel import Envelope
from asterisk_callback.services.telling.team import News

_SUBJECTS = {
    Event.ASKED: "{who} asks for a call",
    Event.CHANGED: "{who} asks for another time",
    Event.WITHDRAWN: "{who} does not want the call any more",
    Event.EXPIRED: "Not marked done in time: {who}",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamWords:
    """Composes what the team is told. mailboxes: "Name <address>" or an address each. page: the
    address of the team's page of a request, by its secret. zone: the company's."""

    page: Callable[[str], str]
    zone: str
    mailboxes: Sequence[str] = ()

    def __call__(self, news: News) -> Envelope:
        who = news.request.name or "A customer"
        return Envelope(
            id=news.id,
            written_at=news.request.created_at,
            mailboxes=self.mailboxes,
            subject=f"[{news.queue.title}] {_SUBJECTS[news.event].replace('{who}', who)}",
            text=self._text(news),
            data=_data(news, self.page(news.secret)),
        )

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
