"""The status page's view model: facts in the reader's time zone. Templates own the words."""

import hashlib
from dataclasses import dataclass, fields
from zoneinfo import ZoneInfo

from flask_babel import gettext

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.email_address import mask
from asterisk_callback.domain.mode import DeliveryMode, ModeWords
from asterisk_callback.domain.queue import CallbackQueue
from asterisk_callback.services.status.status import Status
from flask_app.customer import story
from flask_app.customer.promise_view import Promise, promise
from flask_app.customer.story import Step
from flask_app.shared import languages
from flask_app.shared.app_services import AppServices
from flask_app.shared.moments import Moment, ReaderClock


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusView(Promise):
    """version changes exactly when something on the page does.

    due: not before. until: when the reason ends.
    tries: how often we rang. most_tries: how often we do at most, as it looks after the last one;
    0: that is not for this reader to know. agents: how many of us are at work. ahead: how many
    asked before. gone_on: the page's last day.
    mode_words: how the call goes, in English. told: we make no call, a team was told.
    """

    state: str
    reason: str
    sentence: str
    over: bool
    asap: bool
    retry: bool
    by_customer: bool
    wished: Moment
    due: Moment
    until: Moment | None
    talked_at: Moment | None
    last: str  # What is said if no further attempt follows: English, to be translated.
    agents: int
    told: bool
    mode_words: ModeWords
    ahead: int
    in_line: bool
    steps: tuple[Step, ...]
    tries: int
    most_tries: int
    phone_masked: str
    email_masked: str
    department: str
    caller_id: str
    place: str
    foreign: bool
    gone_on: Moment | None

    @property
    def version(self) -> str:
        return hashlib.sha256(repr(self).encode()).hexdigest()[:24]


def status_view(parts: AppServices, status: Status) -> StatusView:
    """Everything that the status page shows.

    The zone is the wish's own, and no name and no topic is shown: those of the request may be
    another's (P12).
    """
    zone_name = status.wish.shown_zone(parts.company.zone)
    reader = ReaderClock(ZoneInfo(zone_name), parts.clock())
    answered = [one.answered_at for one in status.attempts if one.answered_at is not None]
    last = (status.attempts[-1].disposition if status.attempts else None) or Disposition.UNKNOWN
    over = status.public.is_over
    said = promise(status, reader)
    return StatusView(
        state=status.public.value,
        reason=status.why.reason.value,
        sentence=gettext(status.why.sentence),
        over=over,
        asap=status.wish.asap,
        retry=any(one.rung for one in status.attempts),
        by_customer=not status.wish.stands and not status.by_company,
        wished=reader.moment(status.wish.due_at),
        due=reader.moment(status.due_at),
        until=reader.maybe(status.why.until),
        talked_at=reader.maybe(answered[-1] if answered else None),
        last=last.rule.words.last,
        **{one.name: getattr(said, one.name) for one in fields(said)},
        agents=status.why.agents,
        told=status.told,
        mode_words=(status.queue.mode if status.queue else DeliveryMode.AGENT_FIRST).rules.words,
        ahead=max(0, (status.position or 1) - 1),
        in_line=status.position is not None,
        steps=story.steps(status, reader),
        tries=sum(one.rung for one in status.attempts),
        most_tries=_most_tries(status),
        phone_masked=status.phone_masked,
        email_masked=mask(status.wish.email) if parts.mail else "",
        department=status.queue.title if status.queue else "",
        caller_id=_caller_id(status.queue),
        place=languages.place(zone_name),
        foreign=zone_name != parts.company.zone,
        gone_on=reader.maybe(status.gone_at),
    )


def _caller_id(queue: CallbackQueue | None) -> str:
    """What we ring from; "" where we don't."""
    if queue is None or not queue.mode.rules.makes_calls:
        return ""
    return queue.trunk.caller_id


def _most_tries(status: Status) -> int:
    """The rings that follow from how the last one ended. 0 where a ring was for another wish: who
    joins learns of none (P12)."""
    if status.queue is None or not status.attempts:
        return 0
    last, rings = status.attempts[-1], sum(one.rung for one in status.attempts)
    reaction = status.queue.reactions.get(last.disposition) if last.disposition else None
    if reaction is None or reaction.limit is None or rings != status.request.rings:
        return 0
    return reaction.limit
