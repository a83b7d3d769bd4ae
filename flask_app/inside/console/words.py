"""What a console says in words: where a wish came from, what became of a call, where it stands."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError

from asterisk_callback.domain.appointment import MINUTE
from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.console.view import Stage, Today
from flask_app.inside.asked_on import asked_on
from flask_app.inside.story import StoryLine
from flask_app.shared import languages
from flask_app.shared.moments import ReaderClock

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def nth_try(rings: int) -> str:
    """ "second try" once the phone has rung before, else nothing."""
    if rings < 1:
        return ""
    return f"{_ORDINALS[rings]} try" if rings < len(_ORDINALS) else f"try {rings + 1}"


def span(seconds: int) -> str:
    """As a clock that runs up: 2:14, 1:02:14."""
    minutes, second = divmod(max(0, seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def about(seconds: int) -> str:
    """Return a length of time in words: 40 seconds, 1 minute, 6 minutes, 3 hours, 2 days."""
    if seconds < 60:
        return f"{seconds} seconds"
    minutes = round(seconds / 60)
    if minutes < 120:
        return f"{minutes} minute{'' if minutes == 1 else 's'}"
    hours = minutes // 60
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"


def day(today: Today) -> str:
    """How it has gone so far."""
    if not today.calls:
        return "No callback done yet today."
    calls = f"{today.calls} callback{'' if today.calls == 1 else 's'} done today"
    if today.promised:
        kept = "all" if today.kept == today.promised else f"{today.kept} of {today.promised}"
        calls += f", {kept} inside the promised time"
    talk = f" Your average talk is {about(today.talk)}." if today.talk else ""
    return f"{calls}.{talk}"


def waiting(wish: Wish | None, asked: datetime, now: datetime) -> str:
    """Return how long they have waited, in whole minutes that have passed."""
    minutes = (now - (wish.created_at if wish else asked)) // MINUTE
    return "less than a minute" if minutes < 1 else about(minutes * 60)


def language(code: str) -> str:
    """Its English name."""
    try:
        return Locale.parse(code).get_display_name("en") or code
    except (UnknownLocaleError, ValueError):
        return code


def their_time(wish: Wish | None, company: ZoneInfo, now: datetime) -> str:
    """What their clock shows, beside ours."""
    zone = wish.customer_zone if wish is not None else None
    if zone is None:
        return "Not known"
    there = now.astimezone(ZoneInfo(zone))
    if there.utcoffset() == now.astimezone(company).utcoffset():
        return "The same as ours"
    return f"{languages.clock(there)} now, {languages.place(zone)}"


def asked(wish: Wish | None) -> str:
    if wish is None:
        return "Asked for a call"
    return "Asked for a call as soon as possible" if wish.asap else "Asked for a call at a set time"


def outcome(attempt: Attempt | None) -> str:
    """What became of a call that is over."""
    if attempt is None:
        return "The call is over."
    if attempt.answered_at is not None:
        until = attempt.over_for_agent_at or attempt.answered_at
        talked = f"You talked for {span(int((until - attempt.answered_at).total_seconds()))}"
        return f"{talked}, then handed it on." if attempt.left_at else f"{talked}."
    return (attempt.disposition or Disposition.UNKNOWN).rule.words.agent


def story(
    wish: Wish | None, asked_at: datetime, attempts: Sequence[Attempt], reader: ReaderClock
) -> list[StoryLine]:
    """From the request to the last try before this one."""
    begun = wish.created_at if wish else asked_at
    place = asked_on(wish) if wish else ""
    where = f"On {place[0].lower()}{place[1:]}" if place else ""
    if wish and not wish.page and not wish.scope.startswith(("web", "site:")):
        where = place
    told = [StoryLine(at=reader.moment(begun), title=asked(wish), text=where)]
    return told + [_try(one, number, reader) for number, one in enumerate(attempts, start=1)]


def _try(one: Attempt, number: int, reader: ReaderClock) -> StoryLine:
    rule = one.disposition.rule if one.disposition else None
    title = rule.words.earlier if rule else "A try is under way"
    by = f"By {one.agent}, try {number}" if one.agent else f"Try {number}"
    mark = "is-done" if one.answered_at else "is-miss" if rule and rule.is_miss else ""
    return StoryLine(at=reader.moment(one.shown_at), title=title, text=by, mark=mark)


# The way of a callback over the console: its steps, and at which of them a stage is.
_PREVIEW = ("Taken", "Check the number", "Call", "Wrap up")
_QUEUE = ("Your phone", "Call", "Wrap up")
_AT = {
    Stage.CHECKING: 1,
    Stage.CALLING: 2,
    Stage.RINGING: 2,
    Stage.TALKING: 2,
    Stage.WRAP_UP: 3,
}


def way(stage: Stage, mode: DeliveryMode) -> tuple[tuple[str, str], ...]:
    """Each step with "done", "now" or nothing. Through the Asterisk queue no number is checked."""
    if stage not in _AT:
        return ()
    names = _PREVIEW if mode.rules.offered else _QUEUE
    here = _AT[stage] - (len(_PREVIEW) - len(names))
    if stage is Stage.CALLING and not mode.rules.offered:
        here = 0
    shown = []
    for number, name in enumerate(names):
        said = "Number checked" if name == "Check the number" and number < here else name
        said = "Talking" if name == "Call" and stage is Stage.TALKING else said
        shown.append((said, "done" if number < here else "now" if number == here else ""))
    return tuple(shown)


HEADINGS = {
    Stage.CALLING: "Your phone rings",
    Stage.RINGING: "The customer’s phone is dialled",
    Stage.TALKING: "Talking for",
}
