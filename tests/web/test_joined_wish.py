"""Who wishes for a number that has a request reads word for word what a fresh one would (P12).

Two houses live through the same: somebody has a request, then a stranger asks for a call. In the
one for the same number, in the other for a number that nobody asked for yet.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.hold import EVERYTHING, Hold
from asterisk_callback.domain.pacing import QueueStatus
from tests.web.house import API_KEY, NUMBER, House

FRESH = "020 7946 1100"  # masked, it reads like NUMBER
BUSY = QueueStatus(known=True, logged_in=3)
KEY = {"Authorization": f"Bearer {API_KEY}"}
LATER = "2026-11-23T16:00"


@pytest.fixture
def houses(tmp_path: Path) -> Iterator[tuple[House, House]]:
    both = []
    for name in ("joined", "fresh"):
        (tmp_path / name).mkdir()
        both.append(House(tmp_path / name))
    yield both[0], both[1]
    for house in both:
        house.close()


def queued(house: House) -> None:
    house.at_work(BUSY)
    house.submit()


def queued_first_of_three(house: House) -> None:
    queued(house)
    for last in (1, 2):
        house.clock.pass_(seconds=20)
        house.submit(phone=f"020 7946 015{last}")


def scheduled(house: House) -> None:
    house.at_work(BUSY)
    house.submit(scheduled_for=LATER)


def in_progress(house: House) -> None:
    house.submit()
    house.claimed()


def ringing(house: House) -> None:
    house.submit()
    house.ringing()


def talking(house: House) -> None:
    house.submit()
    house.talking()


def pause(house: House) -> None:
    house.submit()
    house.ends(house.ringing(), Disposition.BUSY)


def pause_is_over(house: House) -> None:
    pause(house)
    house.clock.pass_(minutes=6)
    house.released()


def no_agent_came(house: House) -> None:
    house.submit()
    house.ends(house.claimed(), Disposition.AGENT_NO_ANSWER, rung=False)


def held(house: House) -> None:
    queued(house)
    with house.store.writing() as tx:
        tx.holds.add(Hold(scope=EVERYTHING, since=tx.now, actor="operator", reason="a test"))


STATES = (
    queued,
    queued_first_of_three,
    scheduled,
    in_progress,
    ringing,
    talking,
    pause,
    pause_is_over,
    no_agent_came,
    held,
)


def asks(house: House, phone: str, **wish: str) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """A stranger asks through the API. Returns how they read the answer and the page."""
    client = house.app().test_client()
    body = {"phone": phone, "queue": "support"} | wish
    answer = client.post("/api/v1/callbacks", json=body, headers=KEY)
    assert answer.status_code == 201, answer.text
    own = answer.get_json()["id"], answer.get_json()["status_url"].rpartition("/")[2]

    def told() -> Any:
        return bare(client.get(f"/api/v1/callbacks/{own[0]}", headers=KEY).text, *own)

    def page() -> Any:
        path = f"/c/{own[1]}"
        shown = client.get(path), client.get(f"{path}/fragment")
        assert {one.status_code for one in shown} == {200}
        return [bare(one.text, *own) for one in shown]

    return told, page


def bare(text: str, *own: str) -> str:
    """Without what is the wish's own, whoever else asked."""
    for one in own:
        text = text.replace(one, "-")
    text = re.sub(r'(csrf_token" value=)"[^"]*"', r"\1", text)
    return re.sub(r'(data-version=|etag=)"[^"]*"', r"\1", text)


@pytest.mark.parametrize("wish", [{}, {"scheduled_for": LATER}], ids=["asap", "later"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_it_reads_like_a_fresh_one(
    houses: tuple[House, House], state: Callable[[House], None], wish: dict[str, str]
) -> None:
    readers = []
    for house, phone in zip(houses, (NUMBER, FRESH), strict=True):
        state(house)
        house.clock.pass_(seconds=10)
        readers.append(asks(house, phone, **wish))
    (told, page), (told_fresh, page_fresh) = readers

    def same() -> None:
        assert told() == told_fresh()
        assert page() == page_fresh()

    same()
    for house in houses:
        house.at_work(replace(BUSY, callers=2))
        house.clock.pass_(minutes=2)
    same()


@pytest.mark.parametrize("state", [queued_first_of_three, scheduled, held])
def test_nor_does_the_next_one_tell(
    houses: tuple[House, House], state: Callable[[House], None]
) -> None:
    """The stranger's second wish, for a number of their own, is told its place in line, too."""
    told = []
    for house, phone in zip(houses, (NUMBER, FRESH), strict=True):
        state(house)
        house.clock.pass_(seconds=10)
        asks(house, phone)
        house.clock.pass_(seconds=10)
        told.append(asks(house, "020 7946 2100")[0]())
    assert told[0] == told[1]


def test_who_was_there_first_does_not_learn_who_joined(houses: tuple[House, House]) -> None:
    read = []
    for house, phone in zip(houses, (NUMBER, FRESH), strict=True):
        house.at_work(BUSY)
        read.append(asks(house, NUMBER, scheduled_for=LATER))
        house.clock.pass_(seconds=10)
        asks(house, phone)
        for minutes in (1, 120):
            house.clock.pass_(minutes=minutes)
            house.released()
    assert read[0][0]() == read[1][0]() and read[0][1]() == read[1][1]()
