"""What customers are told: templates in the customer's language, and nothing that a visitor typed.

The form is open to everybody, so the reader of a message may be a stranger to whom somebody wants
to say something. Hence fixed texts: no name, no topic, no note is in them.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_timezone_location, get_timezone_name
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from asterisk_callback.domain.customer_message import MessageKind
from asterisk_callback.domain.disposition import message_words
from asterisk_callback.domain.email_address import is_address
from asterisk_callback.domain.languages import LANGUAGES, TRANSLATIONS, spanish_hours
from asterisk_callback.domain.phone import mask
from asterisk_callback.services.booking.calendar_file import CANCEL, PUBLISH, calendar_file
from asterisk_callback.services.telling.channel import Attachment, Envelope
from asterisk_callback.services.telling.customer import Dispatch

TEMPLATES = Path(__file__).with_name("templates")
_LINK = re.compile(r"(.+?):\s*(https?://\S+)", re.DOTALL)
_ISOLATE, _END = "\u2066", "\u2069"  # digits stay left to right within Arabic


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """Who writes. base_url: of the pages. zone, country: where times are told if the customer's
    own zone is unknown, and how."""

    name: str
    base_url: str
    zone: str
    country: str
    phone: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """A message in words. language: one of LANGUAGES. title: of the calendar's entry."""

    language: str
    subject: str
    text: str
    html: str
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class When:
    """An instant as the reader's calendar and clock show it."""

    day: str
    time: str
    place: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerWords:
    """Composes the messages to customers."""

    company: Sender
    organizer: str = ""  # Of calendar entries: an address alone.
    reply_to: str = ""  # Where answers by e-mail go; "": to the sender.

    def __call__(self, dispatch: Dispatch) -> Envelope:
        words, address = letter(dispatch, self.company), dispatch.wish.email
        link = status_url(self.company, dispatch.secret)
        return Envelope(
            id=dispatch.id,
            written_at=dispatch.message.created_at,
            mailboxes=[address] if is_address(address) else (),
            reply_to=self.reply_to,
            numbers=[dispatch.request.e164],
            short=f"{self.company.name}: {words.subject}. {link}",
            subject=words.subject,
            text=words.text,
            html=words.html,
            language=words.language,
            attachments=self._calendar(dispatch, words),
        )

    def _calendar(self, dispatch: Dispatch, words: Letter) -> Sequence[Attachment]:
        kind, asap = dispatch.message.kind, dispatch.wish.asap
        if kind not in (MessageKind.CONFIRMATION, MessageKind.MOVED, MessageKind.CANCELLED):
            return ()
        # Moved to "as soon as possible": the chosen time that stands in the calendar is over.
        if asap and kind is not MessageKind.MOVED:
            return ()
        cancelled = asap or kind is MessageKind.CANCELLED
        file = calendar_file(
            dispatch.wish,
            dispatch.queue,
            self.company.name,
            status_url(self.company, dispatch.secret),
            summary=words.title,
            organizer=self.organizer,
            cancelled=cancelled,
        )
        method = {"method": CANCEL if cancelled else PUBLISH}
        attachment = Attachment(
            name="callback.ics", content=file, subtype="calendar", parameters=method
        )
        return (attachment,)


def status_url(company: Sender, secret: str) -> str:
    return f"{company.base_url}/c/{secret}"


def letter(dispatch: Dispatch, company: Sender) -> Letter:
    """The words of this message. Raises jinja2.TemplateError for a template that is wrong."""
    locale = _locale(dispatch.wish.locale, company.country)
    language = locale.language
    facts = _facts(dispatch, company, locale)
    kind = dispatch.message.kind.value
    said = _texts().get_template(f"{language}/{kind}.txt").render(facts)
    subject, _, body = (spanish_hours(said) if language == "es" else said).partition("\n")
    paragraphs = [" ".join(one.split()) for one in re.split(r"\n\s*\n", body) if one.strip()]
    html = _pages().get_template("layout.html")
    return Letter(
        language=language,
        subject=_one_line(subject),
        text="\n\n".join(paragraphs) + "\n",
        html=html.render(
            language=language,
            direction=locale.text_direction,
            subject=_one_line(subject),
            paragraphs=[_with_link(one) for one in paragraphs],
        ),
        title=_one_line(_texts().get_template(f"{language}/calendar.txt").render(facts)),
    )


def _facts(dispatch: Dispatch, company: Sender, locale: Locale) -> dict[str, object]:
    """All that a template may say; it must say nothing else (StrictUndefined)."""
    wish, request, told = dispatch.wish, dispatch.request, dispatch.message.facts
    zone = ZoneInfo(wish.shown_zone(company.zone))

    def when(instant: datetime) -> When:
        return _when(instant, zone, locale)

    def apart(text: str) -> str:
        rtl = locale.text_direction == "rtl"
        return f"{_ISOLATE}{text}{_END}" if rtl and text else text

    return {
        "company": company.name,
        "company_phone": apart(company.phone),
        "department": dispatch.queue.title if dispatch.queue else "",
        "caller_id": apart(dispatch.queue.trunk.caller_id if dispatch.queue else ""),
        "phone": apart(mask(request.e164)),
        "url": status_url(company, dispatch.secret),
        "ask_url": _ask_url(dispatch, company),
        "asap": wish.asap,
        "never_holds": dispatch.queue is not None and dispatch.queue.mode.rules.agent_first,
        "wished": when(wish.due_at),
        "tried": _tried(told, when, locale.language),
        "next": when(datetime.fromisoformat(told["next"])) if "next" in told else None,
        "by": told.get("by", ""),
        "rung": request.rings > 0,
    }


def _tried(told: Mapping[str, str], when: Callable[[datetime], When], language: str) -> str:
    """What came of a try, in the reader's language; "" if it is about none."""
    if "rang" not in told:
        return ""
    said = _catalogue(language).gettext(message_words(told.get("reason", "")))
    return said % {"time": when(datetime.fromisoformat(told["rang"])).time}


@cache
def _catalogue(language: str) -> NullTranslations:
    """The sentences that pages and messages share. English has none: it stands in the code."""
    return Translations.load(TRANSLATIONS, [language])


def _when(instant: datetime, zone: ZoneInfo, locale: Locale) -> When:
    local = instant.astimezone(zone)
    time = format_time(local, "short", locale=locale)
    if local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset():
        # The clocks go back: this time comes twice on that day, so it says which one.
        time += f" ({get_timezone_name(local, width='short', locale=locale)})"
    return When(
        day=format_date(local, "full", locale=locale),
        time=time.replace("\u202f", " "),
        place=get_timezone_location(zone, locale=locale, return_city=True),
    )


def _ask_url(dispatch: Dispatch, company: Sender) -> str:
    known = dispatch.queue is not None
    return f"{company.base_url}/q/{dispatch.request.queue}" if known else f"{company.base_url}/"


def _locale(wanted: str, country: str) -> Locale:
    """The best that we have words for. A bare "en" takes the clock of the company's country."""
    try:
        locale = Locale.parse(wanted.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        locale = Locale("en")
    language = locale.language if locale.language in LANGUAGES else "en"
    for territory in (locale.territory if language == locale.language else None, country):
        try:
            if territory:
                return Locale(language, territory)
        except UnknownLocaleError:
            continue
    return Locale(language)


def _with_link(paragraph: str) -> tuple[str, str]:
    """A paragraph that ends in an address is that link, named by what stands before."""
    found = _LINK.fullmatch(paragraph)
    return (found[1], found[2]) if found else (paragraph, "")


def _one_line(text: str) -> str:
    return " ".join(text.split())


@cache
def _texts() -> Environment:
    # Plain text: escaping would put &amp; into it. The HTML is made of it by the one below.
    loader = FileSystemLoader(TEMPLATES)
    return Environment(loader=loader, undefined=StrictUndefined, autoescape=False)  # noqa: S701


@cache
def _pages() -> Environment:
    loader = FileSystemLoader(TEMPLATES)
    return Environment(loader=loader, undefined=StrictUndefined, autoescape=True)
