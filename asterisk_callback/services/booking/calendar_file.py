"""The calendar file of a wish for a chosen time, for the status page and for messages.

PUBLISH, not REQUEST: a request would stand in calendars of people who never asked (nobody proved
whose address it is), and offers an "accept" and a "decline" whose answers nobody here reads. An
update and a cancellation carry the same UID and a higher SEQUENCE (RFC 5546, sections 4.1.2 and
4.1.3). Times are UTC: one instant needs no VTIMEZONE, every client shows it in its owner's zone,
and when a zone's rules change, the customer gets a new file.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from asterisk_callback.domain.queue import CallbackQueue
from asterisk_callback.domain.wish import Wish

# Long enough to be seen in a calendar; how long a talk takes nobody knows.
SHOWN = timedelta(minutes=15)
ALARM = timedelta(minutes=10)
PUBLISH, CANCEL = "PUBLISH", "CANCEL"


def calendar_file(
    wish: Wish,
    queue: CallbackQueue | None,
    company: str,
    url: str,
    *,
    summary: str = "",
    organizer: str = "",
    cancelled: bool = False,
) -> bytes:
    """An iCalendar object (RFC 5545) in UTF-8. url: of the status page.

    summary: the title, in the customer's language; English if empty. organizer: the company's
    e-mail address, if there is one. Nothing that a visitor typed is in it.
    """
    event = Event()
    event.add("uid", f"{wish.public_id}@{urlsplit(url).hostname or 'callback'}")
    # Each change has a number of its own, also for who moves it to "now" and back to a time.
    event.add("sequence", wish.moves + (wish.withdrawn_at is not None))
    # Not now: the same file twice is the same bytes. But of each change, or a calendar keeps what
    # it has (RFC 5546, section 2.1.5).
    said_at = (wish.withdrawn_at if cancelled else None) or wish.moved_at or wish.created_at
    event.add("dtstamp", said_at)
    event.add("dtstart", wish.due_at)
    event.add("dtend", wish.due_at + SHOWN)
    event.add("summary", summary or _summary(queue, company))
    event.add("url", url)
    event.add("description", url)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("organizer", _organizer(company, organizer, url))
    if not cancelled:
        event.add_component(_alarm(summary or _summary(queue, company)))
    calendar = Calendar()
    calendar.add("prodid", "-//asterisk-callback//callback//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", CANCEL if cancelled else PUBLISH)
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _summary(queue: CallbackQueue | None, company: str) -> str:
    return f"{company} calls you" + (f" ({queue.title})" if queue else "")


def _organizer(company: str, address: str, url: str) -> vCalAddress:
    """PUBLISH must have one, and only a URI is asked for: without an address it is our page."""
    site = urlsplit(url)
    organizer = vCalAddress(f"mailto:{address}" if address else f"{site.scheme}://{site.netloc}/")
    organizer.params["cn"] = vText(company)
    return organizer


def _alarm(text: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", text)
    alarm.add("trigger", -ALARM)
    return alarm
