"""What is thrown away before it is parsed would have told nobody anything."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from asterisk_callback.telephony import contract
from asterisk_callback.telephony.event_filter import EventFilter, together
from asterisk_callback.telephony.gate_word import GateWord
from asterisk_callback.telephony.queue_members import QueueMembers
from asterisk_callback.telephony.server import NEEDED
from asterisk_callback.telephony.translate import Context, picked_up, translate
from asterisk_callback.telephony.wire import MessageSplitter
from tests.unit.telephony.test_translate import each_stream, stream

Event = Mapping[str, str]
BANNER = b"Asterisk Call Manager/9.0.0\r\n"
QUEUE = {"Event": "QueueParams", "Queue": "agents", "Calls": "0"}


def message(event: Event) -> bytes:
    """As Asterisk writes it: its name first."""
    event = {"Event": event["Event"], **event}
    return "".join(f"{key}: {value}\r\n" for key, value in event.items()).encode() + b"\r\n"


def kept(event: Event) -> bool:
    return EventFilter(NEEDED).keeps(message(event).removesuffix(b"\r\n\r\n"))


class Listener:
    """All that a connection's events are handed to, with what each of them made of it."""

    def __init__(self, queues: Sequence[str]) -> None:
        self._gate, self._members, self._context = GateWord(), QueueMembers(), Context()
        self._members.replace([{**QUEUE, "Queue": name} for name in queues])

    def take(self, event: Event) -> object:
        """Falsy if it made nothing of it."""
        told = (
            self._gate.take(event),
            self._members.take(event),
            picked_up(event),
            translate(event, self._context),
        )
        return told if any(told) else None


def heard(events: Sequence[Event]) -> list[object]:
    listener = Listener(sorted({one["Queue"] for one in events if "Queue" in one}))
    return [told for told in map(listener.take, events) if told]


@each_stream
def test_of_a_real_call_all_is_heard_that_says_something(version: str, name: str) -> None:
    events = stream(version, name)
    some = [event for event in events if kept(event)]
    assert heard(some) == heard(events)
    assert len(some) < len(events)


def test_most_of_a_real_call_is_thrown_away() -> None:
    """Of what Asterisk sends with all rights; the recorded streams hold less."""
    noise = ["Newchannel", "Newexten", "VarSet", "RTCPSent", "NewConnectedLine", "LocalBridge"]
    ours = {"Uniqueid": "cb-" + "1" * 27 + "-a", "Linkedid": "cb-" + "1" * 27 + "-a"}
    assert not any(kept({"Event": name, **ours}) for name in noise)


_NAMES = [*NEEDED, "FullyBooted", "Newexten", "VarSet", "Hang", "HangupRequest", "DialEnd2", ""]
_IDS = ["cb-" + "1" * 27 + "-a", "cb-" + "2" * 27 + "-c", "1700000000.12", "cb-", ""]
_TEXTS = st.one_of(
    st.sampled_from([*_IDS, "agents", "ANSWER", "RINGING", "Local/x@callback-customer-0001;1"]),
    st.sampled_from([contract.EVENT_LEG, contract.EVENT_DOCTOR, contract.EVENT_FACTS, "PARK"]),
    st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=8),
)
_FIELDS = [
    "Uniqueid", "Linkedid", "TransfereeUniqueid", "TargetLinkedid", "DestUniqueid", "Channel",
    "DestChannel", "DialStatus", "UserEvent", "Queue", "Interface", "Count", "Token", "Leg", "Word",
    "ActionID", "Context",
]  # fmt: skip
_EVENTS = st.builds(
    # Only a UserEvent has a header of that name.
    lambda name, fields: {
        "Event": name,
        **{key: text for key, text in fields.items() if key != "UserEvent" or name == key},
    },
    st.sampled_from(_NAMES),
    st.dictionaries(st.sampled_from(_FIELDS), _TEXTS, max_size=8),
)


@given(st.lists(_EVENTS, max_size=12))
@example([{"Event": "Hangup", "Uniqueid": "1.2", "Linkedid": "cb-" + "1" * 27 + "-a"}])
def test_what_is_thrown_away_says_nothing(events: list[dict[str, str]]) -> None:
    assert heard([one for one in events if kept(one)]) == heard(events)


@given(st.lists(_EVENTS, max_size=6), st.lists(st.integers(1, 400), max_size=12))
def test_it_does_not_depend_on_how_the_stream_is_cut(
    events: list[dict[str, str]], cuts: list[int]
) -> None:
    data = BANNER + b"".join(map(message, events))
    places = [0, *sorted({cut for cut in cuts if cut < len(data)}), len(data)]
    splitter = MessageSplitter(EventFilter(NEEDED).keeps)
    got = []
    for begin, end in pairwise(places):
        got += splitter.feed(data[begin:end])
    assert got == [message(one).decode().strip("\r\n") for one in events if kept(one)]


@pytest.mark.parametrize(
    "text",
    [
        "Response: Success\r\nActionID: 1\r\nMessage: Newexten",
        "Response: Follows\r\nActionID: 1\r\nEvent: Newexten",
        "Event: Newexten\r\nActionID: 1",  # an item of a list that was asked for
        "Event: OriginateResponse\r\nActionID: " + "1" * 27,
        "Event",
        "event: newexten",  # not as Asterisk writes it
        "",
    ],
)
def test_answers_and_what_is_not_understood_are_kept(text: str) -> None:
    assert EventFilter(NEEDED).keeps(text.encode())


@pytest.mark.parametrize(
    "text", ["Event: Hang", "Event: HangupRequest\r\nUniqueid: cb-1", "Event: "]
)
def test_a_name_counts_as_a_whole(text: str) -> None:
    assert not EventFilter(NEEDED).keeps(text.encode())


def test_two_marks_of_one_event_keep_all_of_it() -> None:
    assert together({"A": "x", "B": ""}, {"A": "y", "B": "z"}, {"C": "x"}, {"C": "x"}) == {
        "A": "", "B": "", "C": "x",
    }  # fmt: skip


def test_our_own_events_have_their_mark() -> None:
    for name in (contract.EVENT_LEG, contract.EVENT_DOCTOR, contract.EVENT_FACTS):
        assert contract.USER_EVENT_OF_OURS in f"UserEvent: {name}"
