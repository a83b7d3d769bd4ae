"""The console's view model: what is in hand, in the company's time. Its words: console_words.py."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from asterisk_callback.domain.account import User
from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.console import WrapUp
from asterisk_callback.domain.disposition import short_words
from asterisk_callback.domain.phone import mask, written
from asterisk_callback.domain.queue_member import phone_name
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.console.view import ConsoleView, CurrentOffer, Stage, Today
from flask_app.charts import promise_line
from flask_app.charts.promise_line import PromiseLineInput
from flask_app.inside.asked_on import asked_on
from flask_app.inside.console import words
from flask_app.inside.story import StoryLine
from flask_app.shared.app_services import AppServices
from flask_app.shared.moments import Moment, Range, ReaderClock

# Nobody but who took the callback reads the number.
_BEFORE = (Stage.OFFERED,)
_ON_CALL = (Stage.CALLING, Stage.RINGING, Stage.TALKING)


@dataclass(frozen=True, kw_only=True, slots=True)
class Countdown:
    """at: when it ends. left: seconds until then; share: percent of the whole that is left. These
    two change by themselves, and the page's script counts them: they make no other version."""

    at: Moment
    left: int = field(repr=False)
    share: int = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """A clock that runs up. seconds: so far, for the script; shown: the same as people read it."""

    since: str
    seconds: int = field(repr=False)
    shown: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class LegView:
    """One half of the call. there: it is connected."""

    who: str
    number: str
    state: str
    there: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CurrentOfferView:
    """The callback in hand. name: "" if they gave none. phone: as it may be shown now; typed: as it
    stands in the field. scheduled: they chose the time. goes_on: handed on, and not over yet."""

    stage: str
    preview: bool
    request_id: int
    offer_id: int | None
    attempt_id: int | None
    name: str
    department: str
    topic: str
    note: str
    phone: str
    typed: str
    prefix: str
    waiting: str
    scheduled: bool
    promised: Range | None
    nth: str
    line: promise_line.PromiseLine | None
    way: tuple[tuple[str, str], ...]
    heading: str
    ends: Countdown | None
    clock: Running | None
    called: Moment | None
    legs: tuple[LegView, ...]
    story: tuple[StoryLine, ...]
    place: str
    page: str
    language: str
    their_time: str
    outcome: str
    sentence: str
    saved: WrapUp | None
    goes_on: bool

    @property
    def called_by(self) -> str:
        return self.name or "A customer"

    @property
    def on_call(self) -> bool:
        return self.stage in _ON_CALL

    @property
    def over(self) -> str:
        return "The call goes on without you." if self.goes_on else "The call is over."


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsolePage:
    """Its repr changes exactly when something on the page does that its script does not count."""

    clock: str
    member: str
    in_line: int
    news: str
    news_id: int
    hand: CurrentOfferView | None

    @property
    def stage(self) -> str:
        return self.hand.stage if self.hand else "idle"

    @property
    def title(self) -> str:
        """Of the browser's tab: an offer is counted in it."""
        if self.hand is None:
            return "Console · Callbacks"
        who = self.hand.called_by
        return {
            Stage.OFFERED: f"(1) Callback: {who}",
            Stage.CHECKING: f"{who} · Callbacks",
            Stage.CALLING: f"{who}, calling · Callbacks",
            Stage.RINGING: f"{who}, calling · Callbacks",
            Stage.TALKING: f"{who}, talking · Callbacks",
            Stage.WRAP_UP: f"{who}, wrap up · Callbacks",
            Stage.CANCELLED: f"{who}, cancelled · Callbacks",
        }[Stage(self.hand.stage)]


@dataclass(frozen=True, kw_only=True, slots=True)
class BookedView:
    at: Moment
    name: str
    about: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DayView:
    booked: tuple[BookedView, ...]
    sentence: str


def day(parts: AppServices, found: Today, now: datetime) -> DayView:
    """The agent's day, in the company's time. now: aware UTC."""
    reader = ReaderClock(ZoneInfo(parts.company.zone), now)
    titles = {one.name: one.title for one in parts.queues.values()}
    return DayView(
        booked=tuple(
            BookedView(
                at=reader.moment(one.at),
                name=one.name or "A customer",
                about=", ".join(filter(None, (titles.get(one.queue, one.queue), one.topic))),
            )
            for one in found.booked
        ),
        sentence=words.day(found),
    )


def shown(parts: AppServices, view: ConsoleView, user: User) -> ConsolePage:
    """Everything on the console that changes by itself."""
    reader = ReaderClock(ZoneInfo(parts.company.zone), view.now)
    return ConsolePage(
        clock=reader.moment(view.now).clock,
        member=phone_name(user.member),
        in_line=view.in_line,
        news=view.news,
        news_id=view.news_id,
        hand=_hand(parts, view.in_hand, reader, user) if view.in_hand else None,
    )


def _hand(
    parts: AppServices, hand: CurrentOffer, reader: ReaderClock, user: User
) -> CurrentOfferView:
    wish, request = hand.wish, hand.request
    name, topic, note = wish.said if wish else request.said
    seen = hand.stage not in _BEFORE
    number = written(hand.number, parts.number_rules.home)
    return CurrentOfferView(
        stage=hand.stage.value,
        preview=hand.mode.rules.offered,
        request_id=hand.request.id,
        offer_id=hand.offer.id if hand.offer else None,
        attempt_id=hand.attempt.id if hand.attempt else None,
        name=name,
        department=hand.queue.title if hand.queue else request.queue,
        topic=topic,
        note=note,
        phone=number if seen else mask(hand.number),
        typed=number if seen else "",
        prefix=hand.prefix,
        waiting=words.waiting(wish, request.created_at, reader.now),
        scheduled=wish is not None and not wish.asap,
        promised=_promised(wish, reader),
        nth=words.nth_try(request.rings),
        line=_line(wish, hand.attempts, reader) if hand.stage is Stage.OFFERED else None,
        way=words.way(hand.stage, hand.mode),
        heading=words.HEADINGS.get(hand.stage, ""),
        ends=_ends(hand, reader),
        clock=_running(hand, reader),
        called=reader.maybe(hand.attempt.rang_at if hand.attempt else None),
        legs=_legs(hand, number, user) if hand.stage in _ON_CALL else (),
        story=tuple(_story(hand, reader)),
        place=asked_on(wish) if wish else "",
        page=wish.page if wish else "",
        language=words.language(wish.locale if wish else request.locale),
        their_time=words.their_time(wish, reader.zone, reader.now),
        outcome=words.outcome(hand.attempt) if hand.stage is Stage.WRAP_UP else "",
        sentence=hand.sentence,
        saved=hand.wrap_up,
        goes_on=hand.stage is Stage.WRAP_UP and hand.attempt is not None and hand.attempt.open,
    )


def _promised(wish: Wish | None, reader: ReaderClock) -> Range | None:
    window = wish.promised if wish else None
    if window is None:
        return None
    return Range(start=reader.moment(window.start), end=reader.moment(window.end))


def _line(
    wish: Wish | None, attempts: Sequence[Attempt], reader: ReaderClock
) -> promise_line.PromiseLine | None:
    """From the request to the promised time, and now. None where no time was said."""
    if wish is None or wish.promised is None:
        return None
    tries = [(one.rang_at, one.disposition) for one in attempts]
    facts = PromiseLineInput(
        asked=wish.created_at,
        window=(wish.promised.start, wish.promised.end),
        tries=tuple((at, short_words(how)) for at, how in tries if at),
        now=reader.this_minute if reader.this_minute > wish.created_at else wish.created_at,
    )
    return promise_line.draw(facts, reader.moment, rtl=False)


def _ends(hand: CurrentOffer, reader: ReaderClock) -> Countdown | None:
    if hand.until is None:
        return None
    left = (hand.until - reader.now).total_seconds()
    begun = hand.offer.offered_at if hand.offer and hand.stage is Stage.OFFERED else None
    whole = (hand.until - begun).total_seconds() if begun else left
    share = round(100 * left / whole) if whole > 0 else 0
    return Countdown(
        at=reader.moment(hand.until), left=max(0, round(left)), share=min(100, max(0, share))
    )


def _running(hand: CurrentOffer, reader: ReaderClock) -> Running | None:
    since = hand.attempt.answered_at if hand.attempt else None
    if since is None or hand.stage is not Stage.TALKING:
        return None
    seconds = max(0, int((reader.now - since).total_seconds()))
    return Running(since=since.isoformat(), seconds=seconds, shown=words.span(seconds))


def _legs(hand: CurrentOffer, number: str, user: User) -> tuple[LegView, ...]:
    """Your phone, and theirs."""
    phone = phone_name(hand.offer.member if hand.offer else user.member)
    one = hand.attempt
    talking = hand.stage is Stage.TALKING
    mine = talking or (one is not None and (one.agent_at or one.gate_at) is not None)
    theirs = "connected" if talking else "not rung yet"
    if hand.stage is Stage.RINGING:
        theirs = "rings" if one and one.ringing_at else "being dialled"
    return (
        LegView(
            who="Your phone",
            number=phone,
            state="connected" if mine else "rings",
            there=bool(mine),
        ),
        LegView(
            who=_first_name(hand) or "The customer",
            number=f"{hand.prefix} {number}".strip(),
            state=theirs,
            there=talking,
        ),
    )


def _first_name(hand: CurrentOffer) -> str:
    said = hand.wish.said if hand.wish else hand.request.said
    return said[0]


_NOW = {
    Stage.OFFERED: ("Offered to you", "is-next"),
    Stage.CALLING: ("Your phone is rung", "is-next"),
    Stage.RINGING: ("You are calling", "is-next"),
    Stage.TALKING: ("You called, talking now", "is-done"),
    Stage.WRAP_UP: ("Your call", "is-done"),
    Stage.CANCELLED: ("Cancelled by you", ""),
}


def _story(hand: CurrentOffer, reader: ReaderClock) -> list[StoryLine]:
    told = words.story(hand.wish, hand.request.created_at, hand.attempts, reader)
    if hand.stage not in _NOW:
        return told
    title, mark = _NOW[hand.stage]
    one = hand.attempt
    at = one.shown_at if one else None
    if at is None and hand.offer is not None:
        at = hand.offer.ended_at or hand.offer.offered_at
    text = words.outcome(one) if hand.stage is Stage.WRAP_UP else ""
    return [
        *told,
        StoryLine(at=reader.moment(at or reader.this_minute), title=title, text=text, mark=mark),
    ]
