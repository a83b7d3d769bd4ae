"""How a callback queue's wishes are kept: one table of the modes, and what an admin configures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from asterisk_callback.domain.languages import N_
from asterisk_callback.domain.queue_member import MemberRules


class DeliveryMode(StrEnum):
    """The delivery mode of a callback queue, and of an attempt that was made in it."""

    AGENT_FIRST = "agent_first"  # an agent is on the line before the customer's phone rings
    CUSTOMER_FIRST = "customer_first"  # rung while an agent is free, then first in the queue
    PREVIEW = "preview"  # offered to an agent, who calls
    NOTIFY = "notify"  # no call: somebody is told

    @property
    def rules(self) -> "ModeRules":
        """Its row of MODES."""
        return MODES[self]


class ClaimedBy(StrEnum):
    """Who makes a request in line a call."""

    DISPATCHER = "dispatcher"  # through the Asterisk queue, whose agents it rings
    AGENT = "agent"  # at a console, with a phone of their own
    NOBODY = "nobody"


class RingsFirst(StrEnum):
    """Whose phone is rung first."""

    AGENT = "agent"
    CUSTOMER = "customer"
    NOBODY = "nobody"


@dataclass(frozen=True, kw_only=True, slots=True)
class ModeWords:
    """What the customer's pages say of the call. Translated where it is shown."""

    # On the form: what happens next.
    step: str = N_("We’re on the line first")
    step_text: str = N_(
        "Your phone rings only once one of us is ready to talk. You never wait on hold."
    )
    # While the phone rings.
    calling: str = N_("One of us is on the line and ready to talk.")
    # What happens at `time`, the chosen one.
    planned: str = N_(
        "At %(time)s we get one of us on the line, then your phone rings. If all of us are on "
        "calls then, you stand in line from that time on, and this page says so."
    )
    # What happens `when` we ring again.
    again: str = N_("We ring again %(when)s, and get one of us on the line first.")


@dataclass(frozen=True, kw_only=True, slots=True)
class ModeRules:
    """What a mode means. Nothing else compares modes, but for the one that writes an Originate."""

    claimed_by: ClaimedBy
    rings_first: RingsFirst
    words: ModeWords = ModeWords()

    @property
    def makes_calls(self) -> bool:
        """Else the team is told, and gets in touch by itself."""
        return self.claimed_by is not ClaimedBy.NOBODY

    @property
    def offered(self) -> bool:
        """A request is offered at an agent's console, and called from that agent's own phone."""
        return self.claimed_by is ClaimedBy.AGENT

    @property
    def customer_first(self) -> bool:
        """The customer is rung before any agent, so an agent may let them wait."""
        return self.rings_first is RingsFirst.CUSTOMER

    @property
    def agent_first(self) -> bool:
        """An agent is on the line before the customer's phone rings: nobody waits on hold."""
        return self.rings_first is RingsFirst.AGENT


MODES: Mapping[DeliveryMode, ModeRules] = {
    DeliveryMode.AGENT_FIRST: ModeRules(
        claimed_by=ClaimedBy.DISPATCHER, rings_first=RingsFirst.AGENT
    ),
    DeliveryMode.CUSTOMER_FIRST: ModeRules(
        claimed_by=ClaimedBy.DISPATCHER,
        rings_first=RingsFirst.CUSTOMER,
        words=ModeWords(
            step=N_("We ring when one of us is free"),
            step_text=N_("One of us comes on the line when you pick up, or a moment later."),
            calling=N_("One of us comes on the line when you pick up, or a moment later."),
            planned=N_(
                "At %(time)s your phone rings, as soon as one of us is free then. If all of us "
                "are on calls, you stand in line from that time on, and this page says so."
            ),
            again=N_("We ring again %(when)s, as soon as one of us is free."),
        ),
    ),
    DeliveryMode.PREVIEW: ModeRules(claimed_by=ClaimedBy.AGENT, rings_first=RingsFirst.AGENT),
    DeliveryMode.NOTIFY: ModeRules(
        claimed_by=ClaimedBy.NOBODY,
        rings_first=RingsFirst.NOBODY,
        words=ModeWords(
            step=N_("Our team is told"), step_text=N_("They get in touch with you themselves.")
        ),
    ),
}


# Of queues in several modes: it holds in each that calls.
_MIXED = MODES[DeliveryMode.CUSTOMER_FIRST].words


def words_of(modes: Iterable[DeliveryMode]) -> ModeWords:
    """What a form for queues in these modes may say of their calls."""
    found = {mode.rules.words for mode in modes}
    return found.pop() if len(found) == 1 else _MIXED


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerFirstOptions:
    """What customer-first does with a customer who answered.

    confirm: they press 1 before they stand in the Asterisk queue. detect_machine: what an answering
    machine took gets the disposition `machine`; machine_message: sound file(s) played to it, none
    if empty. hold_for: how long they wait for an agent at most. priority: their place in the
    Asterisk queue (QUEUE_PRIO; live callers have 0). keep_free: so many free agents are left to
    live callers.
    """

    confirm: bool = False
    detect_machine: bool = False
    machine_message: str = ""
    hold_for: timedelta = timedelta(minutes=2)
    priority: int = 10
    keep_free: int = 0


class OfferPolicy(StrEnum):
    """Whose consoles ring: that of the agent who has waited longest, or those of all free ones."""

    ONE = "one"
    ALL = "all"


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviewOptions:
    """How a callback queue in preview mode offers. offer_for: how long a console rings before the
    next one's turn. work_for: how long an agent may keep what they took without calling. own_for:
    how long the agent's own phone rings at "Call back". wrap_up_for: how long after a call they are
    offered nothing new, members: the phones that may be rung as an agent's own (both are set for
    all queues at once, and stand here for whoever asks who can serve this one)."""

    offer_to: OfferPolicy = OfferPolicy.ONE
    offer_for: timedelta = timedelta(seconds=20)
    work_for: timedelta = timedelta(minutes=10)
    own_for: timedelta = timedelta(seconds=20)
    wrap_up_for: timedelta = timedelta(seconds=60)
    members: MemberRules = field(default_factory=MemberRules)
