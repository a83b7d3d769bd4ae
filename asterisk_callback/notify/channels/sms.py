"""Short messages (SMS): by a provider's HTTP API, or by a gateway of one's own with a spool folder.

Only the short text of an envelope goes out; no number and no text is logged, and none of what a
provider answers: it likes to repeat both.
"""

import json
import logging
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from asterisk_callback import __version__
from asterisk_callback.notify.channels.gsm7 import plain
from asterisk_callback.notify.channels.http_client import Answer, FarEnd
from asterisk_callback.notify.channels.public_address import Resolve, resolve
from asterisk_callback.notify.channels.retry_after import retry_after
from asterisk_callback.services.telling.channel import (
    Envelope,
    Never,
    Rejected,
    ServerAway,
    TransportError,
    TryLater,
    Unclear,
)

log = logging.getLogger(__name__)

NAME = "sms"
_PLACEHOLDER = re.compile(r"\{(number|digits|text|id|token)\}")
# Of the account, not of one message: unknown, out of credit, not allowed (RFC 9110, section 15.5).
_OF_THE_ACCOUNT = (401, 402, 403, 407)


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpSms:
    """A provider, as the configuration describes it. Placeholders in url, headers and body:
    {number} is +447400900123, {digits} is the same without its +, {text}, {id} (of this message to
    this number, the same at each try), {token}. sent_status: () is every 2xx. sent_answer,
    failed_answer: are looked for in the answer; None: it is not looked at. failed_status,
    failed_answer: this message is never taken.
    """

    url: str = field(repr=False)
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    body_as: str = "json"
    token: str = field(default="", repr=False)
    sent_status: Sequence[int] = ()
    sent_answer: re.Pattern[str] | None = None
    failed_status: Sequence[int] = ()
    failed_answer: re.Pattern[str] | None = None
    allow_hosts: tuple[str, ...] = ()
    look_up: Resolve = resolve
    name: str = NAME

    def send(self, envelope: Envelope) -> None:
        """Returns once the provider took it. Raises a TransportError."""
        _each(envelope, lambda number, text: self._send(_id(envelope, number), number, text))

    def knock(self) -> None:
        """Is the provider there? Nothing is sent. Raises ServerAway."""
        self._far_end(self.url).knock()

    def _send(self, name: str, number: str, text: str) -> None:
        values = {
            "number": number,
            "digits": number.lstrip("+"),
            "text": text,
            "id": name,
            "token": self.token,
        }
        url = _filled(self.url, {key: quote(value, safe="") for key, value in values.items()})
        headers = {key: _filled(value, values) for key, value in self.headers.items()}
        _by_default(headers, "User-Agent", f"asterisk-callback/{__version__}")
        body = self._body(values, headers)
        looks = self.sent_answer is not None or self.failed_answer is not None
        try:
            answer = self._far_end(url).ask(self.method, body, headers, with_text=looks)
        except TryLater as error:
            raise Unclear(error.sentence) from None
        self._judge(answer)

    def _far_end(self, url: str) -> FarEnd:
        return FarEnd(url=url, allow_hosts=self.allow_hosts, look_up=self.look_up)

    def _body(self, values: Mapping[str, str], headers: dict[str, str]) -> bytes | None:
        """None if there is none. Placeholders are filled in before it is encoded, so that no text
        can end a string of JSON or a field of a form."""
        if not self.body:
            return None
        filled = _filled_in(self.body, values)
        if self.body_as == "form":
            _by_default(headers, "Content-Type", "application/x-www-form-urlencoded")
            return urlencode(filled).encode()
        _by_default(headers, "Content-Type", "application/json")
        return json.dumps(filled).encode()

    def _judge(self, answer: Answer) -> None:
        said = f"it answered {answer.status}"
        wait = retry_after(answer.retry_after, datetime.now(UTC))
        if answer.status in _OF_THE_ACCOUNT and answer.status not in self.failed_status:
            raise ServerAway(said, wait)
        if answer.status in self.failed_status:
            raise Rejected(said)
        if self.failed_answer is not None and self.failed_answer.search(answer.text):
            raise Rejected(f"{said}, with what failed_answer describes")
        if not self._is_sent(answer.status):
            busy = answer.status in (429, 503)
            raise TryLater(said, wait, for_all=busy)
        if self.sent_answer is not None and not self.sent_answer.search(answer.text):
            raise Unclear(f"{said}, without what sent_answer describes")

    def _is_sent(self, status: int) -> bool:
        return status in self.sent_status if self.sent_status else 200 <= status < 300


# Older files that nobody took mean that the gateway does not run.
TAKEN_WITHIN = timedelta(minutes=10)
_OURS = "callback-"


@dataclass(frozen=True, kw_only=True, slots=True)
class SpooledSms:
    """A gateway that sends each file of a folder, in the format of smstools' smsd (its docs,
    "SMS file format"; it must be 3.1.16 or newer for Alphabet: UTF-8).
    """

    folder: Path
    name: str = NAME

    def send(self, envelope: Envelope) -> None:
        """Returns once the file is in the folder. Raises a TransportError."""
        self.knock()
        _each(envelope, lambda number, text: self._put(envelope.id, number, text))

    def knock(self) -> None:
        """Raises ServerAway if no file can be put there, or nobody takes those that are there."""
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise ServerAway("its spool folder is not there, or we may not write into it")
        oldest = min((one for one in map(_written_at, self._waiting()) if one), default=None)
        if oldest is not None and datetime.now(UTC) - oldest > TAKEN_WITHIN:
            raise ServerAway("its gateway takes no message out of the spool folder")

    def _waiting(self) -> Sequence[Path]:
        try:
            return [one for one in self.folder.iterdir() if one.name.startswith(_OURS)]
        except OSError:
            return ()  # a folder that others may only write into

    def _put(self, name: str, number: str, text: str) -> None:
        """The same name at each try: a file that still waits is put there anew, not twice. smsd
        leaves alone what ends in .LOCK, so it never reads half a file; FILE.LOCK is its own."""
        letters = sha256(f"{name}:{number}".encode()).hexdigest()[:32]
        file = self.folder / f"{_OURS}{letters}"
        content = f"To: {number.lstrip('+')}\nAlphabet: UTF-8\n\n{text}"
        unfinished = self.folder / f"unfinished-{letters}.LOCK"
        try:
            descriptor = os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o660)
            with os.fdopen(descriptor, "wb") as opened:
                os.fchmod(descriptor, 0o660)  # the gateway's group reads it, whatever our umask
                opened.write(content.encode())
                opened.flush()
                os.fsync(descriptor)
            unfinished.replace(file)
        except OSError as error:
            with suppress(OSError):
                unfinished.unlink()
            raise ServerAway(f"its spool folder: {error.strerror}") from None


def channel(
    *, spool: Path | None = None, http: Mapping[str, Any] | None = None
) -> HttpSms | SpooledSms:
    """The channel, as its section of the configuration has it; one of the two is given."""
    if spool is not None:
        return SpooledSms(folder=spool)
    return HttpSms(**(http or {}))


def _each(envelope: Envelope, send: Callable[[str, str], None]) -> None:
    """To each number; returns if at least one was taken. Raises what the first of them met."""
    if not envelope.short or not envelope.numbers:
        raise Never("there is no number or no short text for it")
    text, errors, taken = plain(envelope.short), list[TransportError](), 0
    for number in envelope.numbers:
        try:
            send(number, text)
            taken += 1
        except TransportError as error:
            errors.append(error)
            if isinstance(error, ServerAway) or error.for_all:
                break  # the others would meet the same, and each takes its time
    if not taken:
        raise errors[0]
    if errors:
        left = len(envelope.numbers) - taken
        log.warning("%s: %d numbers were not taken: %s", envelope.id, left, errors[0])


def _id(envelope: Envelope, number: str) -> str:
    """A provider that drops what comes twice must not drop the second of several numbers."""
    if len(envelope.numbers) == 1:
        return envelope.id
    return f"{envelope.id}-{sha256(number.encode()).hexdigest()[:8]}"


def _by_default(headers: dict[str, str], name: str, value: str) -> None:
    """Names of headers are the same in capitals and without (RFC 9110, section 5.1)."""
    if name.lower() not in {one.lower() for one in headers}:
        headers[name] = value


def _filled(template: str, values: Mapping[str, str]) -> str:
    """In one pass: a text that holds {token} gets no secret."""
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)


def _filled_in(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _filled(value, values)
    if isinstance(value, Mapping):
        return {key: _filled_in(one, values) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_filled_in(one, values) for one in value]
    return value


def _written_at(file: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        return None  # taken just now
