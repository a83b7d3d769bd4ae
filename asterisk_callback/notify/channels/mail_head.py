"""The head of a mail, written to the byte (RFC 5322; encoded words by RFC 2047).

Not by Python's email package: that decodes the encoded words in what it is given, and Pythons
without the fix of cpython#121650 then write the line ends that were hidden in one. A customer's
name is part of a subject. Here nothing is decoded, and what could be taken for an encoded word is
itself encoded, so that it is read as it was typed.
"""

import base64
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parseaddr

from asterisk_callback.domain.email_address import on_envelope

# RFC 2047, section 2: of an encoded word, and of a line that has one.
WORD, LINE = 75, 76
_FOLD = "\r\n "
# What may stand for itself in an encoded word wherever that stands (RFC 2047, section 5 (3)).
_PLAIN_BYTES = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_Q, _B = "=?utf-8?q?", "=?utf-8?b?"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PHRASE = re.compile(rf"{_ATOM}(?: {_ATOM})*")
_DOT_ATOM = re.compile(r"[^\s.\"()<>@,;:\\\[\]]+(?:\.[^\s.\"()<>@,;:\\\[\]]+)*")
# Line ends in every writing, control characters, halves of a letter.
_NEVER = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """sender, to, reply_to: "Name <address>" or an address. subject: may be what somebody typed.
    date: aware. id: the same at every try, without its domain. answers: the id of the mail below
    which this one is shown. language: of the text, such as "de"."""

    sender: str
    to: Sequence[str]
    subject: str
    date: datetime
    id: str
    reply_to: str = ""
    answers: str = ""
    language: str = ""

    def written(self) -> bytes:
        """Its lines, each with its end. Raises ValueError for an address that is none."""
        return "".join(f"{line}\r\n" for line in self._lines()).encode()

    def _lines(self) -> Iterator[str]:
        yield mailboxes("From", [self.sender])
        yield mailboxes("To", self.to)
        if self.reply_to:
            yield mailboxes("Reply-To", [self.reply_to])
        yield text("Subject", self.subject)
        yield f"Date: {format_datetime(self.date)}"
        yield f"Message-ID: {self._whole(self.id)}"
        if self.answers:
            yield f"In-Reply-To: {self._whole(self.answers)}"
            yield f"References: {self._whole(self.answers)}"
        if self.language:
            yield f"Content-Language: {self.language}"
        # So that no answering machine answers (RFC 3834, and Exchange's own word for it).
        yield "Auto-Submitted: auto-generated"
        yield "X-Auto-Response-Suppress: All"

    def _whole(self, name: str) -> str:
        return f"<{name}@{address(self.sender).rpartition('@')[2]}>"


def address(mailbox: str) -> str:
    """The address alone, as it stands on the envelope. Raises ValueError if there is none."""
    return on_envelope(_parts(mailbox)[1])


def _parts(mailbox: str) -> tuple[str, str]:
    return parseaddr(mailbox) if mailbox.endswith(">") else ("", mailbox)


def text(name: str, value: str) -> str:
    """A line of free text. A reader sees the value, with white space for what ends lines."""
    shown = _shown(value)
    words = shown.split(" ")
    column = len(name) + 2
    if shown.isascii() and "=?" not in shown and max(map(len, words)) < LINE - column:
        return f"{name}: {_folded(words, column)}"
    return f"{name}: {_FOLD.join(_encoded(shown, column))}"


def mailboxes(name: str, given: Sequence[str]) -> str:
    """A line of addresses, with or without names. Raises ValueError for an address that is none."""
    written = [_mailbox(one, len(name) + 2 if not n else 1) for n, one in enumerate(given)]
    return f"{name}: {f',{_FOLD}'.join(written)}"


def _mailbox(given: str, column: int) -> str:
    local, _, domain = address(given).rpartition("@")
    where = f"{local}@{domain}" if _DOT_ATOM.fullmatch(local) else f'"{local}"@{domain}'
    called = _shown(_parts(given)[0])
    if not called:
        return where
    if not called.isascii() or "=?" in called or len(called) > LINE - column - 2:
        called = _FOLD.join(_encoded(called, column))
    elif not _PHRASE.fullmatch(called):
        called = '"' + re.sub(r'(["\\])', r"\\\1", called) + '"'
    last = called.rpartition(_FOLD)[2]
    between = " " if column + len(last) + len(where) + 3 < LINE else _FOLD
    return f"{called}{between}<{where}>"


def _shown(value: str) -> str:
    """In one line, whatever is in it."""
    plain = "".join(" " if unicodedata.category(sign) in _NEVER else sign for sign in value)
    return " ".join(plain.split())


def _folded(words: Sequence[str], column: int) -> str:
    lines = [""]
    for word in words:
        room = LINE - 1 - (column if len(lines) == 1 else 1)
        if lines[-1] and len(lines[-1]) + 1 + len(word) > room:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return _FOLD.join(lines)


def _encoded(value: str, column: int) -> list[str]:
    """Encoded words, the first of which begins at this column; no letter is cut in two."""
    plain = sum(byte in _PLAIN_BYTES for byte in value.encode())
    write = _q if plain * 2 > len(value.encode()) else _b
    words, now = [""], ""
    for sign in value:
        room = min(WORD, LINE - column) if len(words) == 1 else WORD
        if now and len(write(now + sign)) > room:
            words[-1] = write(now)
            words.append("")
            now = ""
        now += sign
    words[-1] = write(now)
    return words


def _q(value: str) -> str:
    written = "".join(
        "_" if byte == 0x20 else chr(byte) if byte in _PLAIN_BYTES else f"={byte:02X}"
        for byte in value.encode()
    )
    return f"{_Q}{written}?="


def _b(value: str) -> str:
    return f"{_B}{base64.b64encode(value.encode()).decode()}?="
