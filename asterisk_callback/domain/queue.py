"""The callback queue and what its calls leave by: data that an admin configures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.disposition import DEFAULT, Reactions
from asterisk_callback.domain.errors import InvalidInput, UnknownQueue
from asterisk_callback.domain.limits import UNLIMITED, CallLimits
from asterisk_callback.domain.mode import CustomerFirstOptions, DeliveryMode, PreviewOptions
from asterisk_callback.domain.opening_hours import Hours, OpeningSpan
from asterisk_callback.domain.phone import NumberRules
from asterisk_callback.domain.retry import Brief
from asterisk_callback.domain.slots import SlotRules
from asterisk_callback.domain.trunk import Trunk

A_DAY = timedelta(hours=24)
# What a form can ask for beside the number.
QUESTIONS = ("name", "topic", "note", "email")
# What agents may have of Queue()'s options: h k t w x, what they may do with a key (hang up, park,
# transfer, record), and C: their other phones show no missed call. Those of the caller, in capital
# letters, would be the customer's; others change how the call goes.
QUEUE_OPTIONS = "Chktwx"
QUEUE_ALONE = "C"  # Dial() takes this letter for something else


@dataclass(frozen=True, slots=True)
class Home:
    """The company: its country (ISO 3166) and its time zone (IANA)."""

    country: str
    zone: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CallbackQueue:
    """A department that calls back, served by one Asterisk queue.

    trunk: where its calls leave; more_trunks: where they go when that one fails. trunks_by_country:
    in place of these, for numbers of some countries. Each attempt has one of them and keeps it.
    whisper: sound file(s) that the agent hears first. queue_for: how long a callback stands in
    the Asterisk queue before it goes back in line. queue_options: of Queue(), letters of
    QUEUE_OPTIONS. record: the file of each talk's recording, with {id} (of the wish) and {attempt};
    empty: none is made. ring_for: how long the customer's phone rings.
    lifetime: from due_at to expires_at; None: see `keeps_until`. regions: the countries that this
    queue may ring, in place of the company's; none means those. hours: when it calls back.
    permitted: when a customer may be rung, by the customer's clock (None: at any hour).
    home: the company's country and zone, for numbers of which no zone is known.
    max_waiting: with so many in line no more wishes for as soon as possible are taken. asks: what
    the form asks for beside the number, of QUESTIONS. mode: how it delivers; first: what it does in
    customer-first, preview: in preview. shares: the other callback queues whose agents are those of
    the same Asterisk queue. tells: by which channels the team is told in notify mode. brief: what
    follows a talk that ended as it began.
    """

    name: str
    title: str
    asterisk_queue: str
    server: str
    trunk: Trunk
    more_trunks: tuple[Trunk, ...] = ()
    trunks_by_country: Mapping[str, tuple[Trunk, ...]] = field(default_factory=dict)
    whisper: str = ""
    queue_for: timedelta = timedelta(seconds=600)
    queue_options: str = "t"
    record: str = ""
    ring_for: timedelta = timedelta(seconds=30)
    lifetime: timedelta | None = None
    topics: tuple[str, ...] = ()
    reactions: Reactions = field(default_factory=lambda: DEFAULT)
    brief: Brief = field(default_factory=Brief)
    limits: CallLimits = UNLIMITED
    regions: tuple[str, ...] = ()
    hours: Hours = field(default_factory=Hours)
    permitted: OpeningSpan | None = None
    home: Home | None = None
    slots: SlotRules = field(default_factory=SlotRules)
    max_waiting: int | None = None
    asks: tuple[str, ...] = QUESTIONS
    mode: DeliveryMode = DeliveryMode.AGENT_FIRST
    first: CustomerFirstOptions = field(default_factory=CustomerFirstOptions)
    preview: PreviewOptions = field(default_factory=PreviewOptions)
    shares: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()

    @property
    def trunks(self) -> tuple[Trunk, ...]:
        """The first, and those that come after it where a country has none of its own."""
        return (self.trunk, *self.more_trunks)

    @property
    def every_trunk(self) -> tuple[Trunk, ...]:
        """Each once."""
        all_of_them = (self.trunks, *self.trunks_by_country.values())
        return tuple({one.name: one for some in all_of_them for one in some}.values())

    def trunks_for(self, region: str) -> tuple[Trunk, ...]:
        """Those for a number of this country, in their order."""
        return self.trunks_by_country.get(region) or self.trunks

    def trunk_named(self, name: str) -> Trunk | None:
        """None: it was taken out of the configuration since."""
        return next((one for one in self.every_trunk if one.name == name), None)

    def keeps_until(self, due_at: datetime) -> datetime:
        """When a wish that is due then expires. A later one never expires sooner.

        Without a lifetime of its own it has 24 hours, and all of the next day on which the queue
        opens: who asks on Friday evening has Monday (docs/decisions/0010-lifetime.md).
        """
        if self.lifetime is not None:
            return due_at + self.lifetime
        day = due_at + A_DAY
        if self.hours.never_closes:
            return day
        return max(day, self.hours.end_of_next_day(due_at) or day)

    def number_rules(self, company: NumberRules) -> NumberRules:
        """The company's rules with this queue's countries."""
        return replace(company, regions=self.regions) if self.regions else company

    def topic(self, typed: str) -> str:
        """One of its topics, or none; free text only where it has none of its own: a form that was
        not ours must not write into the lists that others read. Raises InvalidInput (topic)."""
        topic = typed.strip()
        if topic and self.topics and topic not in self.topics:
            known = ", ".join(self.topics)
            raise InvalidInput("topic", "Choose one of these topics: {known}.", known=known)
        return topic


Queues = Mapping[str, CallbackQueue]


def regions_of(queues: Iterable[CallbackQueue], company: NumberRules) -> frozenset[str]:
    """The countries that at least one of these queues may ring."""
    return frozenset(code for one in queues for code in one.number_rules(company).regions)


def find_queue(queues: Queues, name: str) -> CallbackQueue:
    """The callback queue of that name. Raises UnknownQueue."""
    try:
        return queues[name]
    except KeyError:
        known = ", ".join(sorted(queues))
        raise UnknownQueue("There is no such department. We have: {known}.", known=known) from None


# Of which callback queues; None: of all, also of those that are no longer in the configuration.
Names = Sequence[str] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimedCall:
    """An attempt to be sent once, with what the agent should hear. waited: since the wish.

    language: of LANGUAGES, the one in which the customer asked. reference: the public id of the
    wish that decides when the call is owed, for the PBX's own call records; random, and ours.
    """

    attempt: Attempt
    queue: CallbackQueue
    waited: timedelta
    language: str
    reference: str = ""

    @property
    def trunk(self) -> Trunk:
        """The attempt's, which it keeps."""
        return self.queue.trunk_named(self.attempt.trunk) or self.queue.trunk
