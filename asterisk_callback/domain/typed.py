"""What somebody typed as free text: what it may not hide, and how a terminal shows what is stored.

One rule for everybody, customers and the company's own people: what is read on a page, in a log or
in a terminal is what is there.
"""

import re
import unicodedata

from asterisk_callback.domain.errors import InvalidInput

LONGEST_REASON = 200
_LINE_END = re.compile(r"\r\n?|[\n\t\u2028\u2029]")
# Cc: control characters. Cs: half a surrogate pair, which JSON can carry and no database can keep.
# Zl, Zp: line ends.
_INVISIBLE = ("Cc", "Cs", "Zl", "Zp")
# These turn the order of letters around (UAX 9): what an agent or an operator reads, on a page or
# in a terminal, would not be what is there. The marks beside them, which Arabic needs, do not.
_TURNING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


def on_one_line(text: str) -> str:
    """Each line end and tab is a space."""
    return _LINE_END.sub(" ", text)


def refuse_hidden(field: str, text: str) -> None:
    """Raises InvalidInput (field) for what can't be seen, or makes the rest seem something else."""
    if any(map(_hides, text)):
        raise InvalidInput(field, "This contains an invisible character. Type it in by hand.")


def reason(text: str) -> str:
    """Why somebody of the company did something, as the trail keeps it: one line, at most
    `LONGEST_REASON` characters of it. Raises InvalidInput (reason)."""
    line = on_one_line(text)
    refuse_hidden("reason", line)
    return " ".join(line.split())[:LONGEST_REASON]


def escaped(text: str, *, keep: str = "") -> str:
    """The text as a terminal may show it, on one line: what hides something is spelled out
    (`\\x1b`), and with it what was stored before it was refused. keep: what is not spelled out."""
    return "".join(
        letter.encode("unicode_escape").decode("ascii")
        if _hides(letter) and letter not in keep
        else letter
        for letter in text
    )


def _hides(letter: str) -> bool:
    return unicodedata.category(letter) in _INVISIBLE or _TURNING.match(letter) is not None
