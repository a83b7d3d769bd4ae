"""Free text: one rule for what it may hide, and what a terminal shows of what is stored."""

import pytest

from asterisk_callback.domain import typed
from asterisk_callback.domain.errors import InvalidInput

HIDDEN = "\0\x1b\x7f\x9b\u202e\u2066\ud800"


@pytest.mark.case("CASES 7: control characters in typed text")
@pytest.mark.parametrize("letter", HIDDEN, ids=ascii)
def test_what_hides_something_is_refused_and_spelled_out(letter: str) -> None:
    with pytest.raises(InvalidInput, match="invisible"):
        typed.reason(f"line down{letter}")
    shown = typed.escaped(f"a{letter}b")
    assert shown.startswith("a\\") and shown.endswith("b") and shown.isprintable()


def test_a_reason_is_one_line() -> None:
    assert typed.reason(" two\r\nlines\tand\u2028more ") == "two lines and more"
    assert len(typed.reason("x" * 500)) == typed.LONGEST_REASON


def test_what_people_write_stays_as_it_is() -> None:
    for text in ("Müller & Söhne", "שלום\u200f", "می\u200cخواهم", "👩\u200d🔧", ""):
        assert typed.escaped(text) == text == typed.reason(text)


def test_no_stored_text_begins_a_line_of_its_own() -> None:
    assert typed.escaped("one\ntwo\u2028three") == "one\\ntwo\\u2028three"
