"""Each ending of an attempt has its words in each language, and is a miss everywhere or nowhere."""

from dataclasses import asdict, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.trail import AuditEntry
from flask_app.customer import story
from flask_app.inside.board import story as board_story
from flask_app.inside.console import words as console_words
from flask_app.shared.moments import ReaderClock
from tests.web.consoles import EARLIER, NOW
from tests.web.house import MONDAY, SUPPORT, ZONE, House
from tests.web.page import Visitor
from tests.web.test_languages import FOLDER, OTHERS

D = Disposition
MISSES = {D.BUSY, D.NO_ANSWER, D.MACHINE, D.REJECTED, D.ABANDONED, D.UNKNOWN}
MISSES |= {D.INVALID_NUMBER, D.TRUNK_FAULT, D.CONGESTION}
MISS = ("is-miss", "is-miss", "miss")


@pytest.mark.parametrize("code", OTHERS)
def test_each_disposition_has_each_word_in_each_language(code: str) -> None:
    with (FOLDER / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        known = {one.id: one.string for one in read_po(file, locale=code) if one.string}
    for one in Disposition:
        words = one.rule.words
        assert {words.customer, words.short, words.message, words.last} <= set(known), one
        assert "%(time)s" in known[words.short] and "%(time)s" in known[words.message]


@pytest.mark.parametrize("code", OTHERS)
def test_each_mode_has_each_word_in_each_language(code: str) -> None:
    with (FOLDER / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        known = {one.id for one in read_po(file, locale=code) if one.string}
    for mode in DeliveryMode:
        assert set(asdict(mode.rules.words).values()) <= known, mode


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        (DeliveryMode.PREVIEW, "Your phone rings only once one of us is ready to talk."),
        (
            DeliveryMode.CUSTOMER_FIRST,
            "One of us comes on the line when you pick up, or a moment later.",
        ),
    ],
)
def test_the_form_says_how_the_call_goes(tmp_path: Path, mode: DeliveryMode, said: str) -> None:
    house = House(tmp_path, queues={"support": replace(SUPPORT, mode=mode)})
    page = house.app().test_client().get("/").text
    house.close()
    assert said in page and "Our team is told" not in page


def test_each_disposition_has_each_word_for_agents() -> None:
    for one in Disposition:
        assert one.rule.words.agent.endswith("."), one
        assert one.rule.words.earlier[0].isupper() and not one.rule.words.earlier.endswith(".")


def test_a_miss_is_one_everywhere(house: House) -> None:
    """Board, console and status page ask the same table: an invalid number is a miss on each."""
    with house.app().test_request_context():
        reader = ReaderClock(ZoneInfo(ZONE), MONDAY)
        found = {one: said(one, reader) for one in D if one is not D.ANSWERED}
        under_way = EARLIER.evolve(disposition=None, ended_at=None)
        step = story.tried(under_way, 1, reader)
    assert {one for one, marks in found.items() if marks == MISS} == MISSES
    assert all(marks in (MISS, ("", "", "")) for marks in found.values())
    assert (step.kind, step.mark, step.words) == ("ringing", "", "")


def said(disposition: Disposition, reader: ReaderClock) -> tuple[str, str, str]:
    """How board, console and status page mark an attempt that ended so; the titles are equal."""
    one = EARLIER.evolve(disposition=disposition)
    entry = AuditEntry(
        at=NOW, actor="system", event="attempt", old=None, new=disposition.value, reason=""
    )
    [line] = board_story.story([entry], reader)
    tried = console_words.story(None, MONDAY, [one], reader)[-1]
    assert line.title == tried.title == disposition.rule.words.earlier
    return line.mark, tried.mark, story.tried(one, 1, reader).mark


@pytest.mark.parametrize(
    ("disposition", "label", "later"),
    [(D.MACHINE, "voicemail", 40), (D.NO_ANSWER, "no answer", 8), (D.ABANDONED, "rang", 4)],
)
def test_the_promise_line_says_what_came_of_the_try(
    visitor: Visitor, house: House, disposition: Disposition, label: str, later: int
) -> None:
    path = visitor.book()
    house.clock.pass_(minutes=4)
    house.ends(house.ringing(), disposition)
    house.clock.pass_(minutes=later)
    assert f">{label} 14:05</text>" in visitor.client.get(path).text
