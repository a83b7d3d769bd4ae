"""How an attempt ended: one table of what each ending means, what follows, and its words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from asterisk_callback.domain.languages import N_


class Disposition(StrEnum):
    """The system's verdict on an attempt that ended."""

    ANSWERED = "answered"  # agent and customer were bridged
    NO_AGENT = "no_agent"  # the Asterisk queue ended without anybody to ring
    AGENT_NO_ANSWER = "agent_no_answer"  # agents were rung, none answered
    AGENT_REJECTED = "agent_rejected"  # agents declined
    AGENT_GONE = "agent_gone"  # the agent hung up before the customer was dialled
    REFUSED = "refused"  # the gate said no
    BUSY = "busy"
    NO_ANSWER = "no_answer"  # it rang, nobody answered
    MACHINE = "machine"
    REJECTED = "rejected"  # the customer declined the call
    ABANDONED = "abandoned"  # the agent gave up while it rang; or they answered, and no agent came
    INVALID_NUMBER = "invalid_number"
    TRUNK_FAULT = "trunk_fault"  # the line's fault, not the customer's
    CONGESTION = "congestion"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"  # past the gate, and the outcome was lost: counts as a ring

    @property
    def rule(self) -> "DispositionRule":
        """Its row of TABLE."""
        return TABLE[self]


class RetryAction(StrEnum):
    """The kind of reaction."""

    COMPLETE = "complete"
    FAIL = "fail"
    CANCEL = "cancel"
    RETRY = "retry"  # the customer was rung: again after a pause, at a new place in line
    BACK = "back"  # the customer was not rung: back in line at the same place


@dataclass(frozen=True, kw_only=True, slots=True)
class Reaction:
    """after: the pause before the next claim. limit: rings in all, over every disposition.

    repeated: the pause from the second such attempt in a row on; grows: double the pause with each
    one in a row, up to `repeated`. keep_place: a retry that does not lose its place in line.
    """

    then: RetryAction
    after: timedelta = timedelta(0)
    limit: int | None = None
    repeated: timedelta | None = None
    grows: bool = False
    keep_place: bool = False


Reactions = Mapping[Disposition, Reaction]


RANG = N_("rang %(time)s")
MISSED = N_("We rang you at %(time)s, and could not talk to you.")


@dataclass(frozen=True, kw_only=True, slots=True)
class OutcomeWords:
    """What is said of an attempt. What a customer reads is translated where it is shown."""

    customer: str  # A line of the customer's story.
    agent: str  # To the agent whose attempt it was, once it is over. English.
    earlier: str  # Of an earlier attempt, in the stories of console and board. English.
    # Beside the attempt's point on the promise line, with the time: a word or two.
    short: str = RANG
    # To the customer, in the message that announces the next attempt. `time`: when it rang.
    message: str = MISSED
    # To the customer, if no further attempt follows.
    last: str = N_("We don’t ring again by ourselves.")


@dataclass(frozen=True, kw_only=True, slots=True)
class DispositionRule:
    """What a disposition means. A queue may override the reaction of the configurable ones."""

    words: OutcomeWords
    reaction: Reaction
    configurable: bool = True
    # It counts as a ring by itself: a busy line gives no sign of ringing.
    rings: bool = False
    # It speaks of the customer's phone, so it can't be what ended an attempt before its gate.
    needs_gate: bool = False
    # It speaks of a call that never had an agent, so it is no end of one that passed the gate.
    before_an_agent: bool = False
    # It says that nobody was rung; with evidence of ringing it means this instead.
    after_ringing: Disposition | None = None
    # The next attempt takes another trunk, where there is one.
    another_trunk: bool = False
    # Whoever runs the system should look at it: logged as a warning.
    warns: bool = False

    @property
    def is_miss(self) -> bool:
        """The customer's phone was tried, and nobody talked."""
        return self.needs_gate and self.reaction.then is not RetryAction.COMPLETE


def _again(minutes: int, *, limit: int = 3, keep_place: bool = False) -> Reaction:
    after = timedelta(minutes=minutes)
    return Reaction(then=RetryAction.RETRY, after=after, limit=limit, keep_place=keep_place)


def _back(seconds: int, *, repeated: int | None = None, grows: bool = False) -> Reaction:
    longest = None if repeated is None else timedelta(seconds=repeated)
    after = timedelta(seconds=seconds)
    return Reaction(then=RetryAction.BACK, after=after, repeated=longest, grows=grows)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ring(DispositionRule):
    """A ring of the customer's phone."""

    rings: bool = True
    needs_gate: bool = True


_NOBODY_FREE = N_("We tried, nobody was free after all")

TABLE: Mapping[Disposition, DispositionRule] = {
    Disposition.ANSWERED: _Ring(
        words=OutcomeWords(
            customer=N_("You picked up, and we talked"),
            agent="You talked.",
            earlier="Rung, they talked",
        ),
        reaction=Reaction(then=RetryAction.COMPLETE),
        configurable=False,
    ),
    Disposition.NO_AGENT: DispositionRule(
        words=OutcomeWords(
            customer=_NOBODY_FREE,
            agent="Your phone could not be rung, so nobody was.",
            earlier="Not rung: no agent could be rung",
        ),
        reaction=_back(5),
        before_an_agent=True,
    ),
    Disposition.AGENT_NO_ANSWER: DispositionRule(
        words=OutcomeWords(
            customer=_NOBODY_FREE,
            agent="Your phone was not answered, so nobody was rung.",
            earlier="Not rung: no agent answered",
        ),
        reaction=_back(5),
        before_an_agent=True,
    ),
    Disposition.AGENT_REJECTED: DispositionRule(
        words=OutcomeWords(
            customer=_NOBODY_FREE,
            agent="Your phone declined, so nobody was rung.",
            earlier="Not rung: the agent declined",
        ),
        reaction=_back(5),
        before_an_agent=True,
    ),
    Disposition.AGENT_GONE: DispositionRule(
        words=OutcomeWords(
            customer=N_("We tried, our side was cut off before your phone rang"),
            agent="Your phone hung up before the customer’s rang.",
            earlier="Not rung: the agent hung up before",
        ),
        # Who hangs up has said no: the others are rung at once, but only once at once.
        reaction=_back(0, repeated=30),
        after_ringing=Disposition.ABANDONED,
    ),
    Disposition.REFUSED: DispositionRule(
        words=OutcomeWords(
            customer=N_("We tried, and put the call off"),
            agent="The call was not allowed to go out; nobody was rung.",
            earlier="Not rung: not allowed just then",
        ),
        reaction=_back(5, repeated=30),
        after_ringing=Disposition.ABANDONED,
    ),
    Disposition.BUSY: _Ring(
        words=OutcomeWords(
            customer=N_("We rang, your line was busy"),
            short=N_("busy %(time)s"),
            message=N_("We rang you at %(time)s, and your line was busy."),
            agent="The line was busy.",
            earlier="Rung, the line was busy",
        ),
        reaction=_again(5),
    ),
    Disposition.NO_ANSWER: _Ring(
        words=OutcomeWords(
            customer=N_("We rang, nobody picked up"),
            short=N_("no answer %(time)s"),
            message=N_("We rang you at %(time)s, and nobody answered."),
            agent="Nobody answered.",
            earlier="Rung, nobody answered",
        ),
        reaction=_again(15),
    ),
    Disposition.MACHINE: _Ring(
        words=OutcomeWords(
            customer=N_("We rang, an answering machine picked up"),
            short=N_("voicemail %(time)s"),
            message=N_("We rang you at %(time)s and reached an answering machine."),
            agent="A machine answered.",
            earlier="Rung, a machine answered",
        ),
        reaction=_again(60, limit=2),
    ),
    Disposition.REJECTED: _Ring(
        words=OutcomeWords(
            customer=N_("We rang, the call was declined"),
            short=N_("declined %(time)s"),
            last=N_("The call was declined, so we don’t ring again."),
            agent="They declined the call.",
            earlier="Rung, they declined",
        ),
        reaction=Reaction(then=RetryAction.FAIL),
    ),
    Disposition.ABANDONED: _Ring(
        words=OutcomeWords(
            customer=N_("We rang, but had to hang up before we could talk"),
            message=N_("We rang you at %(time)s, but none of us was ready to talk. We are sorry."),
            agent="The call ended before anybody answered.",
            earlier="Rung, and given up before anybody talked",
        ),
        reaction=_again(5, keep_place=True),
    ),
    Disposition.INVALID_NUMBER: DispositionRule(
        words=OutcomeWords(
            customer=N_("We tried, the telephone network does not know this number"),
            last=N_("The telephone network does not know this number. Check it, and ask again."),
            agent="There is no such number.",
            earlier="Not rung: no such number",
        ),
        reaction=Reaction(then=RetryAction.FAIL),
        needs_gate=True,
    ),
    Disposition.TRUNK_FAULT: DispositionRule(
        words=OutcomeWords(
            customer=N_("We tried, our telephone line had a fault"),
            agent="The line is at fault; the customer’s phone did not ring.",
            earlier="Not rung: the line was at fault",
        ),
        reaction=_back(30, repeated=600, grows=True),
        needs_gate=True,
        after_ringing=Disposition.NO_ANSWER,
        another_trunk=True,
        warns=True,
    ),
    Disposition.CONGESTION: DispositionRule(
        words=OutcomeWords(
            customer=N_("We tried, the telephone network was busy"),
            agent="The lines are full; the customer’s phone did not ring.",
            earlier="Not rung: the lines were full",
        ),
        reaction=_back(30, repeated=600, grows=True),
        needs_gate=True,
        after_ringing=Disposition.NO_ANSWER,
        another_trunk=True,
    ),
    Disposition.CANCELLED: DispositionRule(
        words=OutcomeWords(
            customer=N_("We stopped ringing, because the call was cancelled"),
            agent="It was cancelled.",
            earlier="Called off",
        ),
        reaction=Reaction(then=RetryAction.CANCEL),
        configurable=False,
    ),
    Disposition.UNKNOWN: _Ring(
        words=OutcomeWords(
            customer=N_("We may have rung; our notes of this try are lost"),
            agent="What became of the call is not known.",
            earlier="Rung, as far as is known",
        ),
        reaction=_again(15),
        warns=True,
    ),
}

# What follows, where a queue says nothing else.
DEFAULT: Reactions = {disposition: rule.reaction for disposition, rule in TABLE.items()}


def short_words(disposition: Disposition | None) -> str:
    """Beside a ring on the promise line, with `time` to be put in. None: the attempt goes on."""
    return disposition.rule.words.short if disposition is not None else RANG


def message_words(value: str) -> str:
    """Of the message about an attempt that ended so. value: of a Disposition, as it was stored."""
    known = {one.value: one.rule.words.message for one in Disposition}
    return known.get(value, MISSED)
