"""The agent's console: what it shows at each stage, whom it is for, and its fragment."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from asterisk_callback.domain.account import Grant, Role
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.services.console.view import Stage
from flask_app.inside.console import words
from tests.web.consoles import (
    EARLIER,
    NOW,
    REQUEST,
    SHOWN,
    WISH,
    HandMade,
    a_day,
    agent,
    attempt,
)
from tests.web.house import House
from tests.web.insider import PAGE, Insider
from tests.web.page import text_of, value_of

BARE = "7700900123"


@pytest.fixture
def console() -> HandMade:
    return HandMade()


@pytest.fixture
def priya(house: House, console: HandMade) -> Insider:
    return agent(house, console)


def seen(one: Insider) -> str:
    answer = one.get("/agent")
    assert answer.status_code == 200, answer.text
    return text_of(answer)


def test_nothing_in_hand(priya: Insider, console: HandMade) -> None:
    console.today = a_day()
    said = seen(priya)
    assert "Nothing in hand 3 people are in line. The next callback for you shows here." in said
    assert "14:30 Eva Lindqvist booked Support, A bill 15:00 A customer booked Support" in said
    assert "9 callbacks done today, all inside the promised time." in said
    assert "Your average talk is 6 minutes." in said
    console.put(None, in_line=0)
    assert "Nobody is in line." in seen(priya)


def test_an_offer(priya: Insider, console: HandMade) -> None:
    console.put(Stage.OFFERED)
    answer = priya.get("/agent")
    said = text_of(answer)
    assert "<title>(1) Callback: Amira Haddad</title>" in answer.text
    assert 'role="alertdialog"' in answer.text and 'aria-label="14 seconds left"' in answer.text
    assert "Support, Moving home" in said.replace(" ,", ",")
    assert "waiting 22 minutes second try" in said
    assert "asked 13:41 promised 14:05–14:12 now busy 13:54" in said
    assert "Take this callback Enter" in said and "Pass it on Esc" in said
    assert "13:54 Rung, the line was busy By Tom, try 1" in said
    assert "Offered to you" in said


def test_the_number_is_masked_until_it_is_taken(priya: Insider, console: HandMade) -> None:
    console.put(Stage.OFFERED)
    page = priya.get("/agent")
    assert BARE not in page.text.replace(" ", "") and "number ending in 123" in text_of(page)
    console.put(Stage.CHECKING)
    assert value_of(priya.get("/agent"), "phone") == SHOWN


def test_checking_the_number(priya: Insider, console: HandMade) -> None:
    console.put(Stage.CHECKING)
    said = seen(priya)
    assert "Taken , done Check the number Call Wrap up" in said
    assert "Waiting 22 minutes. Promised 14:05–14:12" in said
    assert "Prefix Customer’s number 9" in said and "It is yours until 14:13." in said
    assert "Already solved Asked twice Wrong department Not a real request" in said
    assert "Asked on The website larkmoor Language English Their time The same as ours" in said


def test_without_a_prefix(priya: Insider, console: HandMade) -> None:
    console.put(Stage.CHECKING, prefix="")
    assert "Prefix" not in seen(priya)


@pytest.mark.parametrize(
    ("stage", "heading", "legs"),
    [
        (Stage.CALLING, "Your phone rings", ("rings", "not rung yet")),
        (Stage.RINGING, "The customer’s phone is dialled", ("connected", "rings")),
        (Stage.TALKING, "Talking for 2:14", ("connected", "connected")),
    ],
)
def test_on_a_call(
    priya: Insider, console: HandMade, stage: Stage, heading: str, legs: tuple[str, str]
) -> None:
    console.put(stage)
    said = seen(priya).replace(" ,", ",")
    assert heading in said and "Drop call" in said
    assert f"Your phone, 1004 {legs[0]}" in said
    assert f"Amira Haddad, 9 {SHOWN} {legs[1]}" in said
    assert ("Fill it in while you talk. You have 60 seconds after the call." in said) == (
        stage is Stage.TALKING
    )


def test_the_wrap_up(priya: Insider, console: HandMade) -> None:
    console.put(Stage.WRAP_UP)
    said = seen(priya)
    assert "The call is over. You talked for 2:14." in said
    assert "60 seconds until the next one may come." in said
    assert "1 Solved 2 Order placed 3 Needs a follow-up" in said
    assert "Today, 15:00" in said and "Tomorrow, 14:15" in said
    assert "Never call this number again" in said and "Save and be ready for the next" in said


@pytest.mark.parametrize(
    ("disposition", "sentence"),
    [
        (Disposition.BUSY, "The line was busy."),
        (Disposition.AGENT_NO_ANSWER, "Your phone was not answered, so nobody was rung."),
    ],
)
def test_a_call_that_came_to_nothing(
    priya: Insider, console: HandMade, disposition: Disposition, sentence: str
) -> None:
    one = replace(attempt(Stage.RINGING), ended_at=NOW, disposition=disposition)
    console.put(Stage.WRAP_UP, attempt=one)
    assert sentence in seen(priya)


def test_every_disposition_has_words() -> None:
    said = {
        words.outcome(replace(EARLIER, answered_at=None, disposition=one))
        for one in Disposition
        if one is not Disposition.ANSWERED
    }
    assert "The call is over." not in said and len(said) == len(Disposition) - 1


def test_cancelled(priya: Insider, console: HandMade) -> None:
    console.put(Stage.CANCELLED)
    said = seen(priya)
    assert "Cancelled without a call" in said and "Drop call" in said
    assert "Call back" not in said


def test_through_the_asterisk_queue(priya: Insider, console: HandMade) -> None:
    """No console was asked, and no number is checked: the call is simply there."""
    console.put(Stage.TALKING, offer=None, mode=DeliveryMode.AGENT_FIRST)
    said = seen(priya)
    assert "Your phone , done Talking Wrap up" in said and "Check the number" not in said
    assert "Your phone, 1004 connected" in said


def test_what_nobody_said(priya: Insider, console: HandMade) -> None:
    """No name, no topic, no note, no promise, no wish that stands, and a queue that is gone."""
    for stage in Stage:
        console.put(stage, wish=None, queue=None, attempts=[])
        assert "A customer" in seen(priya)


def test_what_a_customer_wrote_is_text(priya: Insider, console: HandMade) -> None:
    markup = '<img src=x onerror="alert(1)">'
    wish = replace(WISH, name=markup, topic=markup, about=markup, scope=f"embed:{markup}")
    for stage in Stage:
        console.put(stage, wish=wish, news=markup, sentence=markup)
        for path in ("/agent", "/agent/fragment"):
            page = priya.get(path)
            assert page.status_code == 200 and "<img" not in page.text


def test_their_time_elsewhere(priya: Insider, console: HandMade) -> None:
    console.put(Stage.CHECKING, wish=replace(WISH, zone="Europe/Berlin", scope="api:shop"))
    said = seen(priya)
    assert "15:03 now, Berlin" in said and "shop, through the API" in said
    console.put(Stage.CHECKING, wish=replace(WISH, own_zone=False))
    assert "Their time Not known" in seen(priya)


def test_a_chosen_time(priya: Insider, console: HandMade) -> None:
    console.put(Stage.OFFERED, wish=replace(WISH, asap=False), request=replace(REQUEST, rings=0))
    said = seen(priya)
    assert "booked for 14:05–14:12" in said and "try" not in said.partition("Pass it on")[0]


def test_news_and_why_a_call_came_to_nothing(priya: Insider, console: HandMade) -> None:
    console.put(None, news="Tom Reed took it first.", news_id=7)
    assert "Tom Reed took it first." in seen(priya)
    console.put(Stage.CHECKING, sentence="Your phone was not answered.")
    assert "Your phone was not answered." in seen(priya)


def test_who_has_no_phone(house: House, console: HandMade) -> None:
    house.user("new")
    new = Insider(house.app(console=console, wrap_ups=console).test_client())
    new.sign_in("new")
    assert "You have no phone yet" in seen(new)


# ----------------------------------------------------------------------------------- for whom


def entries(house: House, console: HandMade, login: str) -> tuple[str, bool]:
    """The first page, and whether the bar has the console."""
    one = Insider(house.app(console=console, wrap_ups=console).test_client())
    one.sign_in(login)
    first = one.get("/account/first").location
    return first, '<a href="/agent"' in one.get("/account").text


def test_the_bar(house: House, console: HandMade) -> None:
    house.user("anna", Grant(Role.AGENT, "support"))
    house.user("helen", Grant(Role.SUPERVISOR))
    house.user("sue", Grant(Role.SUPERVISOR), member="PJSIP/sue")
    assert entries(house, console, "anna") == ("/agent", True)
    assert entries(house, console, "helen") == ("/board", False)
    assert entries(house, console, "sue") == ("/agent", True)


def test_a_house_without_consoles(house: House) -> None:
    house.user("anna")
    anna = Insider(house.app(console=None, wrap_ups=None).test_client())
    anna.sign_in("anna")
    assert anna.get("/agent").status_code == 404
    assert anna.get("/account/first").location == "/account"


def test_not_for_strangers(house: House, console: HandMade, client: FlaskClient) -> None:
    assert client.get("/agent", headers=PAGE).location == "/login?next=/agent"
    assert client.get("/agent/fragment").status_code == 401
    for verb in ("drop", "offers/7/take", "offers/7/call", "wrap-up/5"):
        assert client.post(f"/agent/{verb}").status_code == 401
    assert client.post("/agent/leave").status_code == 400
    assert console.calls == []


# -------------------------------------------------------------------------------- the fragment


@pytest.mark.case("CASES 8: the end of a session is said before it comes, used or not")
def test_the_end_of_the_session_is_said_in_time(house: House, priya: Insider) -> None:
    def said(path: str) -> str | None:
        return priya.get(path).headers.get("Session-Ends")

    assert said("/agent/fragment") is None
    house.clock.pass_(minutes=28, seconds=10)
    assert said("/agent/fragment") == said("/agent/awake") == "110 idle"
    assert said("/agent/fragment") is None, "it was used"
    for _ in range(27):
        house.clock.pass_(minutes=25)
        assert said("/agent/awake") is None
    house.clock.pass_(minutes=15)
    assert said("/agent/awake") == said("/agent/awake") == "110 longest"


def test_who_was_signed_out_reads_why(client: FlaskClient) -> None:
    for ended, why in (("idle", "nobody had used"), ("longest", "come to its end"), ("<", "out.")):
        page = client.get("/login", query_string={"next": "/agent", "ended": ended})
        assert why in text_of(page) and "until you sign in again" in text_of(page)
    assert "signed out" not in client.get("/login").text


def test_every_page_says_that_the_session_ended(house: House, priya: Insider) -> None:
    assert priya.post("/logout").status_code == 303
    assert "signed out" not in priya.get("/login").text
    priya.sign_in("priya")
    house.clock.pass_(hours=13)
    assert priya.get("/board").location == "/login?next=/board"
    assert "signed out meanwhile" in text_of(priya.get("/login?next=/board"))


@pytest.mark.case("CASES 8: a wrap-up that this browser has kept has its form again")
def test_a_late_wrap_up_has_its_form(priya: Insider, console: HandMade) -> None:
    console.put(Stage.OFFERED)
    late = priya.get("/agent?late=4")
    assert late.text.count('action="/agent/wrap-up/4"') == 1 and "not saved yet" in text_of(late)
    console.put(Stage.WRAP_UP)
    own = priya.get("/agent?late=5")
    assert own.text.count('action="/agent/wrap-up/5"') == 1 and "not saved" not in text_of(own)
    assert priya.get(f"/agent?late={10**30}").status_code in (200, 404)


def test_the_fragment_is_sent_only_when_something_changed(
    priya: Insider, console: HandMade
) -> None:
    console.put(Stage.OFFERED)
    tag = priya.get("/agent/fragment").headers["ETag"]

    def again() -> int:
        path, headers = "/agent/fragment", PAGE | {"If-None-Match": tag}
        return priya.client.get(path, headers=headers).status_code

    assert again() == 304
    console.put(Stage.OFFERED, now=NOW + timedelta(seconds=5))
    assert again() == 304, "the script counts the seconds"
    console.put(Stage.CHECKING)
    assert again() == 200


def test_the_page_has_the_version_of_its_fragment(priya: Insider, console: HandMade) -> None:
    for stage in (None, *Stage):
        console.put(stage)
        tag = priya.get("/agent/fragment").headers["ETag"].strip('"')
        assert f'data-version="{tag}"' in priya.get("/agent").text


def test_who_only_looks_is_signed_out_and_who_works_is_not(
    house: House, priya: Insider, console: HandMade
) -> None:
    for path in ("/agent/awake", "/agent/fragment"):
        for _ in range(3):
            house.clock.pass_(minutes=14)
            answer = priya.get(path)
        assert (answer.status_code == 200) == (path == "/agent/awake"), path
