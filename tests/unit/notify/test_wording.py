"""Every language says everything, and says the same facts; times are those of the reader."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment, meta

from asterisk_callback.domain.customer_message import MessageKind
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.languages import LANGUAGES
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.notify.channels.gsm7 import is_gsm7, parts, plain
from asterisk_callback.notify.customer import TEMPLATES, CustomerWords, letter
from tests.factories import NOW, callback_queue
from tests.unit.notify.conftest import CHOSEN, COMPANY, MakeDispatch

RANG = {"rang": NOW.isoformat(), "next": (NOW + timedelta(minutes=5)).isoformat()}
# Everything that can be said, by name: kind and what it depends on.
SAID: list[tuple[MessageKind, dict[str, Any]]] = [
    *(
        (kind, time)
        for kind in (MessageKind.CONFIRMATION, MessageKind.MOVED)
        for time in ({}, CHOSEN)
    ),
    (MessageKind.REMINDER, CHOSEN),
    *(
        (MessageKind.MISSED, {"facts": RANG | {"reason": reason}})
        # A later version may have written one that this one does not know.
        for reason in (*Disposition, "of a later version", "")
    ),
    *(
        (MessageKind.CANCELLED, {"facts": {"by": by}} | time)
        for by in ("customer", "company")
        for time in ({}, CHOSEN)
    ),
    *((MessageKind.COULD_NOT, {"request": {"rings": rings}}) for rings in (0, 3)),
]


def names_in(language: str, file: str) -> set[str]:
    source = (TEMPLATES / language / file).read_text()
    undeclared = meta.find_undeclared_variables(Environment(autoescape=True).parse(source))
    return undeclared | set(re.findall(r"(\w+\.(?:day|time|place))", source))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_each_template_and_no_other(language: str) -> None:
    wanted = {f"{kind.value}.txt" for kind in MessageKind} | {"_foot.txt", "calendar.txt"}
    assert {file.name for file in (TEMPLATES / language).iterdir()} == wanted


@pytest.mark.parametrize("language", LANGUAGES[1:])
@pytest.mark.parametrize("file", sorted(one.name for one in (TEMPLATES / "en").iterdir()))
def test_each_language_says_the_same_facts(language: str, file: str) -> None:
    assert names_in(language, file) == names_in("en", file)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "given"), SAID)
def test_everything_can_be_said(
    dispatch: MakeDispatch, language: str, kind: MessageKind, given: dict[str, Any]
) -> None:
    words = letter(dispatch(kind, locale=language, **given), COMPANY)
    assert words.language == language
    assert "\n" not in words.subject
    assert 10 < len(words.subject) < 100
    assert "https://call.example.org/c/the-secret" in words.text
    assert 'href="https://call.example.org/c/the-secret"' in words.html
    assert "Larkmoor & Sons" in words.text
    assert "Larkmoor &amp; Sons" in words.html
    for left_over in ("{", "}", "None", "  "):
        assert left_over not in words.text
    assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in words.html


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "We rang you at 10:00, and your line was busy. We try"),
        ("de", "Wir haben Sie um 10:00 Uhr angerufen, und es war besetzt. Wir versuchen"),
        ("es", "Le llamamos a las 10:00 y su línea estaba ocupada. Volvemos a intentar"),
        ("ar", "وكان خطك مشغولًا. نحاول الاتصال"),
    ],
)
def test_what_came_of_the_try(dispatch: MakeDispatch, language: str, said: str) -> None:
    one = dispatch(MessageKind.MISSED, facts=RANG | {"reason": "busy"}, locale=language)
    assert said in letter(one, COMPANY).text


@pytest.mark.parametrize("mode", DeliveryMode)
def test_who_is_rung_by_an_agent_never_waits_on_hold(
    dispatch: MakeDispatch, mode: DeliveryMode
) -> None:
    """Also where an agent calls from the console: they are on the line first, too."""
    one = dispatch(MessageKind.CONFIRMATION, asap=True)
    said = letter(replace(one, queue=callback_queue("support", mode=mode)), COMPANY)
    agent_first = mode in (DeliveryMode.AGENT_FIRST, DeliveryMode.PREVIEW)
    assert ("You never wait on hold." in said.text) == agent_first


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_was_typed_is_in_it(dispatch: MakeDispatch, language: str) -> None:
    """The reader may be a stranger to whom somebody wants to say something."""
    typed = {"name": "BUY NOW", "topic": "https://spam.example", "note": "PILLS"}
    for kind, given in SAID:
        request = given.get("request", {}) | typed
        words = letter(dispatch(kind, locale=language, **(given | {"request": request})), COMPANY)
        for text in (words.subject, words.text, words.html, words.title):
            assert not any(spam in text for spam in typed.values())
            assert "7400000123" not in text  # the number in full


@pytest.mark.parametrize(
    ("locale", "time"),
    [
        ("en", "Tuesday 24 November 2026 at 10:00"),
        ("en-US", "Tuesday, November 24, 2026 at 10:00 AM"),
        ("de", "am Dienstag, 24. November 2026 um 10:00 Uhr"),
        ("de-AT", "am Dienstag, 24. November 2026 um 10:00 Uhr"),
        ("es", "el martes, 24 de noviembre de 2026 a las 10:00"),
        ("fr", "Tuesday 24 November 2026 at 10:00"),
        ("../../etc", "Tuesday 24 November 2026 at 10:00"),
        ("", "Tuesday 24 November 2026 at 10:00"),
    ],
)
def test_times_in_the_reader_s_own_way(dispatch: MakeDispatch, locale: str, time: str) -> None:
    words = letter(dispatch(MessageKind.CONFIRMATION, locale=locale, **CHOSEN), COMPANY)
    assert time in words.text.replace("Tuesday, 24", "Tuesday 24")


def test_times_in_the_reader_s_own_zone(dispatch: MakeDispatch) -> None:
    there = CHOSEN | {"zone": "America/New_York"}
    words = letter(dispatch(MessageKind.CONFIRMATION, **there), COMPANY)
    assert "05:00 (New York time)" in words.text


def test_a_time_that_comes_twice_says_which_one(dispatch: MakeDispatch) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    times = set()
    for fold in (0, 1):
        due_at = datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=fold)
        wish = CHOSEN | {"zone": "Europe/Berlin", "due_at": due_at}
        times.add(letter(dispatch(MessageKind.CONFIRMATION, locale="de", **wish), COMPANY).subject)
    assert len(times) == 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "given"), SAID)
def test_the_short_form_costs_two_messages_at_most(
    dispatch: MakeDispatch, language: str, kind: MessageKind, given: dict[str, Any]
) -> None:
    """By SMS; Arabic has no room for more than 70 letters in each, and needs one more."""
    secret = "x" * 24  # as long as they are
    made = replace(dispatch(kind, locale=language, **({"email": ""} | given)), secret=secret)
    short = plain(CustomerWords(company=COMPANY)(made).short)
    assert short.endswith(f". https://call.example.org/c/{secret}")
    assert is_gsm7(short) is (language != "ar")
    assert parts(short) <= (3 if language == "ar" else 2)
