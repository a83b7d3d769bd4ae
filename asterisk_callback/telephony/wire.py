"""What may be written to, and what is cut out of, the bytes of an AMI connection. Pure: no socket
here.

Outgoing: one bad byte in an AMI header is a second header, and a second header is a command. So
every action passes `safe_action` at the socket itself. Incoming: `MessageSplitter` cuts the stream
into messages.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

FieldValue = str | int | Sequence[str]

MAX_MESSAGE: Final = 64 * 1024
"""Bytes of one incoming message (a real one has under 4 KiB); more means that the framing is
lost."""

# Asterisk refuses an action with a line of more than about 1,020 bytes (measured on 16 and 22).
_MAX_LINE: Final = 1000
_MAX_LINES: Final = 100  # Asterisk ignores what comes after 128 headers

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,39}")
# '&' joins the sound files of a whisper. A comma would set a second variable, '$' and quotes are
# evaluated.
_VARIABLE_VALUE = re.compile(r"[A-Za-z0-9_./:@+*#&-]{0,255}")
# Where a call goes: no '&' (forks a Dial), no ',' (adds arguments), and no '/' in front: Hangup
# takes that for a pattern over every channel of the PBX.
_TARGET = re.compile(r"[A-Za-z0-9_+*#][A-Za-z0-9_/@:.;=+*#-]{0,199}")
_TARGET_FIELDS: Final = frozenset(
    {"channel", "exten", "context", "priority", "channelid", "otherchannelid"}
)
_RUNS_CODE: Final = frozenset(
    {"application", "data", "command"}
)  # nothing of ours has a use for these

_BANNER: Final = b"Asterisk Call Manager/"
_MAX_BANNER: Final = 128


class UnsafeField(ValueError):
    """A field that must not reach AMI. Names the field and the rule, never the value (it may be a
    secret)."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"AMI field {_shown(field)}: {rule}")
        self.field = _shown(field)


class BrokenStream(Exception):
    """The bytes received are not AMI, or its framing was lost: the connection has to go."""


def safe_action(
    fields: Mapping[str, FieldValue], variables: frozenset[str]
) -> dict[str, str | list[str]]:
    """Check the fields of one action, `Action` included, and return them as text.

    `variables`: the channel variables that may be set (the contract with the dialplan); each also
    with one or two leading underscores, which make it inherited. A list stands for a repeated
    header. Raises UnsafeField. Each rule stands against a way in which Asterisk ran what
    it was sent: CR/LF, commas, functions as names.
    """
    checked: dict[str, str | list[str]] = {}
    seen: set[str] = set()
    lines = 0
    for name, value in fields.items():
        key = _field_name(name, seen)
        values = [value] if isinstance(value, str | int) else list(value)
        texts = [_text(name, key, item, variables) for item in values]
        lines += len(texts)
        checked[name] = texts[0] if isinstance(value, str | int) else texts
    if lines > _MAX_LINES:
        raise UnsafeField("Variable", f"an action has at most {_MAX_LINES} lines")
    return checked


def _field_name(name: object, seen: set[str]) -> str:
    if not isinstance(name, str) or not _FIELD_NAME.fullmatch(name):
        raise UnsafeField(str(name), "a field's name is ASCII letters and digits")
    key = name.lower()
    if key in seen:
        raise UnsafeField(name, "stands there twice")
    if key in _RUNS_CODE:
        raise UnsafeField(
            name, "would run a program or an application; we only ever name a context"
        )
    seen.add(key)
    return key


def _text(name: str, key: str, value: object, variables: frozenset[str]) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise UnsafeField(name, "a value is text or a whole number")
    text = str(value)
    if _UNPRINTABLE.search(text):
        raise UnsafeField(name, "contains a control character or a line end")
    if len(name) + 2 + len(text.encode()) > _MAX_LINE:
        raise UnsafeField(name, f"is longer than {_MAX_LINE} bytes")
    if key == "variable":
        _check_variable(name, text, variables)
    elif key in _TARGET_FIELDS and not _TARGET.fullmatch(text):
        raise UnsafeField(name, "contains a character that has no place in a call's target")
    return text


# Asking whether a module is loaded is the one function that we ever name.
_ASKED = re.compile(r"IFMODULE\([a-z0-9_]{1,40}\.so\)")


def _check_variable(field: str, text: str, variables: frozenset[str]) -> None:
    if _ASKED.fullmatch(text):
        return
    name, equals, value = text.partition("=")
    plain = name[2:] if name.startswith("__") else name.removeprefix("_")
    if not equals or (name not in variables and plain not in variables):
        raise UnsafeField(field, "sets a variable that is not in the contract with the dialplan")
    if not _VARIABLE_VALUE.fullmatch(value):
        raise UnsafeField(
            f"{field} {name}", "its value contains a character that the dialplan might evaluate"
        )


def _shown(field: str) -> str:
    return re.sub(r"[^A-Za-z0-9_ -]", "?", field)[:60]


class MessageSplitter:
    """Cuts received bytes into whole messages. Bytes are joined before they are decoded, so a
    character split over two reads survives; what was cut off by the end of the connection is simply
    never whole. keeps: whether a message is to be given out; None: all are."""

    def __init__(self, keeps: Callable[[bytes], bool] | None = None) -> None:
        self._keeps = keeps
        self._rest = b""
        self.version: str | None = None
        """AMI's own version once the banner was seen, for example `9.0.0`."""

    def feed(self, data: bytes) -> list[str]:
        """The messages completed by `data` that are to be given out, without their blank line.
        Raises BrokenStream."""
        self._rest += data
        if self.version is None and not self._cut_banner():
            return []
        *whole, self._rest = self._rest.split(b"\r\n\r\n")
        if max(map(len, (*whole, self._rest))) > MAX_MESSAGE:
            raise BrokenStream(f"a message of more than {MAX_MESSAGE // 1024} KiB")
        kept = whole if self._keeps is None else filter(self._keeps, whole)
        texts = (message.decode("utf-8", "replace").strip("\r\n") for message in kept)
        return [text for text in texts if text]

    def _cut_banner(self) -> bool:
        if self._rest[: len(_BANNER)] != _BANNER[: len(self._rest)]:
            raise BrokenStream("no AMI banner: some other service listens on this port")
        banner, end, rest = self._rest.partition(b"\r\n")
        if len(banner) > _MAX_BANNER:
            raise BrokenStream("an endless banner")
        if not end:
            return False
        self.version, self._rest = banner[len(_BANNER) :].decode("ascii", "replace"), rest
        return True
