"""Notify mode on the web: the customer reads the truth, the team marks it done."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.services.booking.booking import BookingResult
from asterisk_callback.services.booking.withdraw import withdraw
from asterisk_callback.services.telling.team import News, TeamTelling
from tests.web.house import SUPPORT, House

NOTIFY = replace(SUPPORT, mode=DeliveryMode.NOTIFY, tells=("webhook",))


class Team:
    """A company whose one department is told, and what it was told."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder, queues={"support": NOTIFY})
        self.client = self.house.app().test_client()
        self.told: list[News] = []

    def tell(self) -> str:
        """The secret of the last page that the team was told of."""
        telling = TeamTelling(
            store=self.house.store,
            queues=self.house.queues,
            secret_key="key",
            channels={("support", "webhook"): self.told.append},
        )
        while telling.work_off():
            pass
        return self.told[-1].secret

    def reads(self, booked: BookingResult) -> str:
        return words(self.client, f"/c/{booked.secret}")


def words(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    text = re.sub(r"<(script|style|template)\b.*?</\1>|<[^>]+>", " ", answer.text, flags=re.S)
    return " ".join(text.split())


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    made = Team(tmp_path)
    yield made
    made.house.close()


def status(team: Team, booked: BookingResult) -> str:
    return team.house.parts.statuses.by_secret(booked.secret).public.value


def mark(team: Team, secret: str) -> int:
    page = team.client.get(f"/done/{secret}").text
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    token = found[1] if found else ""
    return team.client.post(f"/done/{secret}", data={"csrf_token": token}).status_code


def test_the_customer_is_promised_no_call(team: Team) -> None:
    booked = team.house.submit()
    page = team.reads(booked)
    assert "We have your wish" in page
    assert "We are telling our team" in page
    team.tell()
    page = team.reads(booked)
    assert "Our team knows of it" in page
    for promise in ("We call you", "calling you back", "Keep this line free", "asked before you"):
        assert promise.lower() not in page.lower(), page[:900]


def test_the_form_of_such_a_department_promises_none(team: Team) -> None:
    page = words(team.client, "/")
    assert "They get in touch with you themselves." in page
    assert "You never wait on hold" not in page


def test_get_shows_and_post_does(team: Team) -> None:
    booked = team.house.submit(name="Zoë", topic="A bill", about="after lunch")
    secret = team.tell()
    page = words(team.client, f"/done/{secret}")
    for said in ("Zoë", "A bill", "after lunch", "Mark as done"):
        assert said in page
    assert booked.request.e164 not in team.client.get(f"/done/{secret}").text
    assert status(team, booked) == "waiting"
    assert team.client.head(f"/done/{secret}").status_code == 200
    assert mark(team, secret) == 303
    assert "This wish is done" in words(team.client, f"/done/{secret}")
    assert "Our team has dealt with your wish" in team.reads(booked)


def test_without_its_token_the_form_does_nothing(team: Team) -> None:
    booked = team.house.submit()
    secret = team.tell()
    assert team.client.post(f"/done/{secret}").status_code == 400
    assert status(team, booked) == "waiting"


def test_what_was_withdrawn_can_not_be_marked(team: Team) -> None:
    booked = team.house.submit()
    secret = team.tell()
    page = team.client.get(f"/done/{secret}").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    withdraw(team.house.store, booked.wish)
    answer = team.client.post(f"/done/{secret}", data={"csrf_token": token[1]})
    assert answer.status_code == 409
    assert "has ended otherwise" in answer.text


def test_a_wrong_secret_is_not_found(team: Team) -> None:
    assert team.client.get("/done/nobodys").status_code == 404


def test_nobody_keeps_a_copy_of_the_page(team: Team) -> None:
    team.house.submit()
    answer = team.client.get(f"/done/{team.tell()}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
