"""What may reach AMI, and how the incoming bytes are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_callback.telephony.wire import (
    MAX_MESSAGE,
    BrokenStream,
    FieldValue,
    MessageSplitter,
    UnsafeField,
    safe_action,
)

TOKEN = "4" * 27
ALLOWED = frozenset({"CALLBACK_ID", "CALLBACK_WHISPER"})
ORIGINATE: dict[str, FieldValue] = {
    "Action": "Originate",
    "ActionID": TOKEN,
    "Channel": f"Local/{TOKEN}@callback-agent/n",
    "Context": "callback-customer",
    "Exten": TOKEN,
    "Priority": 1,
    "Timeout": 615000,
    "Async": "true",
    "CallerID": '"Müller & Söhne" <5550000>',
    "ChannelId": f"cb-{TOKEN}-a",
    "OtherChannelId": f"cb-{TOKEN}-b",
    "Variable": [f"__CALLBACK_ID={TOKEN}", "CALLBACK_WHISPER=callback/support&digits/5"],
}
CONTROLS = [*map(chr, range(0x20)), "\x7f", "\x85", "\x9b", "\u2028", "\u2029", "\ud800"]


def test_our_own_originate_passes() -> None:
    checked = safe_action(ORIGINATE, ALLOWED)
    assert checked["Priority"] == "1"
    assert checked["Variable"] == ORIGINATE["Variable"]


@pytest.mark.parametrize("control", CONTROLS, ids=lambda c: f"U+{ord(c):04X}")
def test_control_characters_are_refused_everywhere(control: str) -> None:
    for field in ("Channel", "CallerID", "Account", "ActionID", "Secret"):
        with pytest.raises(UnsafeField) as refused:
            safe_action({"Action": "Originate", field: f"hunter2{control}X: y"}, ALLOWED)
        assert refused.value.field == field
        assert "hunter2" not in str(refused.value)
    for fields in ({f"A{control}b": "x"}, {"Variable": [f"CALLBACK_ID=1{control}"]}):
        with pytest.raises(UnsafeField) as refused:
            safe_action(fields, ALLOWED)
        assert control not in str(refused.value)


@pytest.mark.parametrize(
    "entry",
    [
        "CALLBACK_ID=1,DB(x/y)=evil",
        "CALLBACK_ID=${SHELL(id)}",
        'CALLBACK_ID="',
        "CALLBACK_ID=a'b",
        "CALLBACK_ID=a\\b",
        "CALLBACK_ID=a b",
        "CALLBACK_ID=" + "1" * 256,
        "CALLBACK_ID",
        "___CALLBACK_ID=1",
        "OTHER=1",
        "callback_id=1",
        "FILE(/tmp/x)=1",
        "DB(x/y)=1",
        "=1",
        "",
    ],
)
def test_a_variable_outside_the_contract_is_refused(entry: str) -> None:
    for name in ("Variable", "variable", "VARIABLE"):
        with pytest.raises(UnsafeField):
            safe_action({"Action": "Originate", name: [entry]}, ALLOWED)
        with pytest.raises(UnsafeField):
            safe_action({"Action": "Originate", name: entry}, ALLOWED)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Exten", "5551234&PJSIP/agent2"),
        ("Exten", "5551234,1"),
        ("Exten", "${X}"),
        ("Exten", ""),
        ("Channel", "/.*/"),  # Hangup would take it for a pattern
        ("Channel", "PJSIP/1 PJSIP/2"),
        ("channel", "PJSIP/a&PJSIP/b"),
        ("ChannelId", 'x"y'),
        ("Application", "System"),
        ("Data", "id"),
        ("command", "core stop now"),
        ("Bad Name", "x"),
        ("Bad:Name", "x"),
        ("Variable(chan)", "CALLBACK_ID=1"),
        ("", "x"),
        ("Async", True),
        ("Async", 1.5),
        ("Async", None),
    ],
)
def test_fields_that_could_do_something_else_are_refused(field: str, value: object) -> None:
    with pytest.raises((UnsafeField, TypeError)):
        safe_action({"Action": "Originate", field: value}, ALLOWED)  # type: ignore[dict-item]


def test_a_header_given_twice_in_two_spellings_is_refused() -> None:
    with pytest.raises(UnsafeField):
        safe_action({"Action": "Ping", "ACTION": "Originate"}, ALLOWED)


def test_a_line_longer_than_asterisks_buffer_is_refused() -> None:
    safe_action({"Action": "x", "Account": "ä" * 490}, ALLOWED)
    with pytest.raises(UnsafeField):
        safe_action({"Action": "x", "Account": "ä" * 500}, ALLOWED)
    with pytest.raises(UnsafeField):
        safe_action({"Action": "x", "Variable": ["CALLBACK_ID=1"] * 101}, ALLOWED)


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=40), max_size=5))
def test_whatever_passes_is_one_line_per_value(fields: dict[str, str]) -> None:
    try:
        checked = safe_action(fields, ALLOWED)
    except UnsafeField:
        return
    for name, value in checked.items():
        assert len(f"{name}: {value}".splitlines()) == 1


STREAM = (
    "Asterisk Call Manager/9.0.0\r\nEvent: A\r\nName: Jörg 𝄞\r\n\r\n"
    "\r\nResponse: Success\r\nMessage: ok\r\n\r\nEvent: cut off"
).encode()
MESSAGES = ["Event: A\r\nName: Jörg 𝄞", "Response: Success\r\nMessage: ok"]


@given(st.lists(st.integers(0, len(STREAM)), max_size=8).map(sorted))
def test_messages_do_not_depend_on_how_the_stream_is_cut(cuts: list[int]) -> None:
    frames, got = MessageSplitter(), []
    for start, end in zip([0, *cuts], [*cuts, len(STREAM)], strict=True):
        got += frames.feed(STREAM[start:end])
    assert got == MESSAGES
    assert frames.version == "9.0.0"


@pytest.mark.parametrize(
    "stream",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"SSH-2.0-x\r\n",
        b"\x16\x03\x01",
        b"Asterisk Call Manager/" + b"9" * 200,
        b"Asterisk Call Manager/9\r\n" + b"x" * (MAX_MESSAGE + 1),
        b"Asterisk Call Manager/9\r\n" + b"x" * (MAX_MESSAGE + 1) + b"\r\n\r\n",
    ],
)
def test_what_is_no_ami_stream_is_broken(stream: bytes) -> None:
    with pytest.raises(BrokenStream):
        MessageSplitter().feed(stream)
