"""What the team is told by e-mail, through the server that sends the customers' messages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from asterisk_callback.domain.team_notice import Event
from asterisk_callback.notify.channels.email import Mail, MailServer, body, put_together, to_company
from asterisk_callback.notify.channels.mail_head import Head
from asterisk_callback.services.telling.team import News

_SUBJECTS = {
    Event.ASKED: "{who} asks for a call",
    Event.CHANGED: "{who} asks for another time",
    Event.WITHDRAWN: "{who} does not want the call any more",
    Event.EXPIRED: "Not marked done in time: {who}",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamMail:
    """One mail for all recipients. sender, recipients: "Name <address>" or an address each. page:
    the address of the team's page of a request, by its secret. zone: the company's."""

    server: MailServer
    sender: str
    recipients: Sequence[str]
    page: Callable[[str], str]
    zone: str

    def __call__(self, news: News) -> None:
        """Returns once the server took it for at least one recipient. Raises NotNow or ServerAway:
        the recipients are the company's own, and what refuses them can be mended."""
        to_company(self.server, self.compose(news), news.id)

    def compose(self, news: News) -> Mail:
        who = news.request.name or "A customer"
        head = Head(
            sender=self.sender,
            to=self.recipients,
            subject=f"[{news.queue.title}] {_SUBJECTS[news.event].replace('{who}', who)}",
            date=news.request.created_at,
            id=news.id,
        )
        return put_together(head, body(self._text(news)))

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
