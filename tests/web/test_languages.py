"""Each page in each language: no English left in it, its direction right, numbers as dialled."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from babel.messages.pofile import read_po
from werkzeug.test import TestResponse

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.languages import TRANSLATIONS
from asterisk_callback.domain.pacing import QueueStatus
from flask_app.shared.languages import LANGUAGES
from tests.web.house import House
from tests.web.page import Visitor, text_of

FOLDER = TRANSLATIONS
OTHERS = [code for code in LANGUAGES if code != "en"]
SHORTEST = 13  # what is shorter may be part of a word of another language


def english(code: str) -> list[str]:
    """The English sentences that read otherwise in this language, without those with values."""
    with (FOLDER / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    pairs = [(one.id, one.string) for one in catalogue if isinstance(one.id, str) and one.id]
    return [
        said
        for said, read in pairs
        if said != read and len(said) >= SHORTEST and not re.search(r"%\(|\{", said)
    ]


def speaks(answer: TestResponse, code: str) -> None:
    """Asserts that this page is in that language, from its header to its last sentence."""
    assert answer.headers["Content-Language"] == code
    direction = LANGUAGES[code].dir
    assert f'<html lang="{code}" dir="{direction}"' in answer.text
    page = text_of(answer) + " ".join(map(unescape, re.findall(r'aria-label="(.*?)"', answer.text)))
    assert [one for one in english(code) if one in page] == []


def in_line(house: House) -> None:
    house.at_work(QueueStatus(known=True, logged_in=6))


def put_through(house: House) -> None:
    house.at_work()
    house.claimed()


def busy(house: House) -> None:
    house.ends(house.ringing(), Disposition.BUSY)


def declined(house: House) -> None:
    house.ends(house.ringing(), Disposition.REJECTED)


def talked(house: House) -> None:
    house.ends(house.talking(), Disposition.ANSWERED)


def too_late(house: House) -> None:
    house.clock.now += timedelta(hours=25)
    house.expired()


STATES: list[Callable[[House], object]] = [
    in_line,
    put_through,
    House.ringing,
    House.talking,
    busy,
    declined,
    talked,
    too_late,
]


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("reach", STATES, ids=lambda one: one.__name__)
def test_the_status_page(
    visitor: Visitor, house: House, code: str, reach: Callable[[House], object]
) -> None:
    secret = house.submit().secret
    reach(house)
    speaks(visitor.client.get(f"/c/{secret}?lang={code}"), code)


@pytest.mark.parametrize("code", OTHERS)
def test_the_status_page_of_a_chosen_time_and_of_cancelled_calls(
    visitor: Visitor, house: House, code: str
) -> None:
    planned = house.submit(scheduled_for="2026-11-24T10:15").secret
    speaks(visitor.client.get(f"/c/{planned}?lang={code}"), code)
    answer = visitor.client.post(f"/c/{planned}/cancel", data={})
    speaks(answer, code)
    visitor.cancel(f"/c/{planned}")
    speaks(visitor.client.get(f"/c/{planned}"), code)


@pytest.mark.parametrize("code", OTHERS)
def test_the_form_its_errors_and_pages_that_are_not_there(visitor: Visitor, code: str) -> None:
    speaks(visitor.client.get(f"/?lang={code}"), code)
    for typed in (
        {"phone": ""},
        {"phone": "12"},
        {"phone": "112"},
        {"phone": "0900 1234567", "country": "DE"},
        {"when": "later", "slot": "2026-11-20T10:15"},
        {"when": "later", "slot": "nonsense"},
        {"when": ""},
        {"email": "nobody", "name": "x" * 1000},
        {"queue": "nobody"},
        {"csrf_token": "old"},
    ):
        speaks(visitor.submit(**typed), code)
    speaks(visitor.client.get("/c/nobody"), code)
    speaks(visitor.client.get("/nothing"), code)


@pytest.mark.parametrize("code", OTHERS)
def test_numbers_stay_left_to_right(visitor: Visitor, house: House, code: str) -> None:
    """The number of the company, of the trunk, and the customer's, masked."""
    path = f"/c/{house.submit().secret}"
    for page in ("/", path):
        text = visitor.client.get(f"{page}?lang={code}").text
        number = r"\+?\d[\d ]{8,}\d|•{2,3} •{3,4} •?\d{3}"
        found = re.findall(rf"<(?!option|title)(\w+)([^>]*)>(?:{number})</\1>", text)
        assert found, page
        assert [one for one in found if 'dir="ltr"' not in one[1]] == []


def test_a_large_first_letter_makes_no_other_small(visitor: Visitor, house: House) -> None:
    house.at_work()
    page = text_of(visitor.client.get("/?lang=de"))
    assert "Minute" in page and "minute" not in page.replace("Minute", "")


def test_one_o_clock_is_singular_in_spanish(visitor: Visitor, house: House) -> None:
    house.clock.pass_(hours=11)
    path = visitor.book(phone="020 7946 0123")
    house.ends(house.ringing(), Disposition.BUSY)
    page = text_of(visitor.client.get(f"{path}?lang=es"))
    assert "Volvemos a llamar a la 1:06" in page and "las 1:" not in page
    typed = visitor.fill("/?lang=es", phone="1", about="a las 1:05")
    assert "a las 1:05</textarea>" in visitor.send(typed).text


@pytest.mark.parametrize(("least", "said"), [(2, "دقائق"), (9, "دقيقة")])
def test_arabic_counts_minutes_as_arabs_do(
    visitor: Visitor, house: House, least: int, said: str
) -> None:
    """Three to ten are دقائق, more are دقيقة."""
    house.at_work(QueueStatus(known=True, logged_in=6))
    for number in range(least * 3):
        house.submit(phone=f"07400 {100 + number}456")
    page = text_of(visitor.client.get("/?lang=ar"))
    found = re.search(r"خلال \d+ إلى (\d+) (\S+) تقريبًا", page)
    assert found is not None, page[:300]
    assert (int(found[1]) <= 10) == (found[2] == "دقائق") and found[2] == said, found[0]
