"""What the reader of a status page can change, as a browser without scripts sends it."""

import re

import pytest
from werkzeug.test import TestResponse

from asterisk_callback.domain.disposition import Disposition
from tests.web.house import OTHER_NUMBER, House
from tests.web.page import Visitor, hidden, text_of, value_of


def change(visitor: Visitor, path: str, action: str, **typed: str) -> TestResponse:
    token = hidden(visitor.client.get(path), "csrf_token")
    return visitor.client.post(f"{path}/{action}", data={"csrf_token": token} | typed)


def done(visitor: Visitor, path: str, action: str, **typed: str) -> str:
    """The page after it."""
    answer = change(visitor, path, action, **typed)
    assert answer.status_code == 303 and answer.location == path, text_of(answer)
    return text_of(visitor.client.get(path))


def slots(visitor: Visitor, path: str) -> list[str]:
    return re.findall(r'name="slot" value="([^"]+)"', visitor.client.get(path).text)


def test_move(visitor: Visitor, house: House) -> None:
    house.at_work()
    path = visitor.book()
    free = [one for one in slots(visitor, path) if one.startswith("2026-11-24T10:15")]
    page = done(visitor, path, "move", slot=free[0], day="2026-11-24")
    assert "The call is moved." in page and "We call you tomorrow at 10:15" in page
    assert "The call is moved." not in text_of(visitor.client.get(path))
    assert "As soon as possible" in text_of(visitor.client.get(path))
    page = done(visitor, path, "move", slot="asap")
    assert "You’re next" in page


def test_move_without_a_time(visitor: Visitor) -> None:
    path = visitor.book()
    answer = change(visitor, path, "move", day="2026-11-24")
    assert answer.status_code == 422 and "Choose the time" in text_of(answer)
    assert "<title>Error: " in answer.text
    assert re.search(r'<details id="move" open>', answer.text)
    assert re.search(r'class="day-2"[^>]* value="2026-11-24" checked', answer.text)
    assert "http-equiv" not in answer.text


@pytest.mark.parametrize(
    "slot", ["x", "2026-13-99T10:15", "2026-11-20T10:15+00:00", "\0", "9" * 900]
)
def test_a_time_that_is_none(visitor: Visitor, slot: str) -> None:
    path = visitor.book()
    assert change(visitor, path, "move", slot=slot).status_code == 422


def test_another_number(visitor: Visitor, house: House) -> None:
    path = visitor.book()
    answer = change(visitor, path, "number", country="GB", phone="0909 879 0000")
    assert answer.status_code == 422 and value_of(answer, "phone") == "0909 879 0000"
    assert re.search(r'<details id="number" open>', answer.text)
    digits = {"country": "DE", "phone": "4915112345678"}
    asked = change(visitor, path, "number", **digits)
    assert asked.status_code == 422 and 'value="+49 491 5112345678"' in asked.text
    page = done(visitor, path, "number", reading="+49 1511 2345678", **digits)
    assert "We call the new number." in page and "678" in page
    page = done(visitor, path, "number", country="GB", phone=OTHER_NUMBER)
    assert "We call the new number." in page and "123" in page


def test_call_me_now(visitor: Visitor, house: House) -> None:
    path = visitor.book()
    assert "Call me now" not in text_of(visitor.client.get(path))
    house.ends(house.ringing(), Disposition.BUSY)
    assert "Call me now" in text_of(visitor.client.get(path))
    house.clock.pass_(minutes=2)
    page = done(visitor, path, "now")
    assert "We skip the pause" in page and "We ring again" not in page


@pytest.mark.parametrize("action", ["move", "number", "now"])
def test_too_late_is_said_with_the_page_as_it_is(
    visitor: Visitor, house: House, action: str
) -> None:
    path = visitor.book()
    house.ringing()
    typed = {"slot": "2026-11-24T10:15+00:00", "country": "GB", "phone": OTHER_NUMBER}
    answer = change(visitor, path, action, **typed)
    page = text_of(answer)
    assert answer.status_code == 409 and "We are calling you right now" in page
    assert "<title>Error: " in answer.text
    assert "Your phone is ringing" in page and "Move to another time" not in page


@pytest.mark.parametrize("action", ["move", "number", "now", "cancel"])
def test_needs_our_form_and_keeps_what_was_typed(visitor: Visitor, action: str) -> None:
    path = visitor.book()
    typed = {"slot": "2026-11-24T10:15+00:00", "phone": "12 34"}
    answer = visitor.client.post(f"{path}/{action}", data=typed)
    assert answer.status_code == 400 and "Nothing was changed yet" in text_of(answer)
    if action == "number":
        assert value_of(answer, "phone") == "12 34"
    assert visitor.client.post(f"/c/x/{action}", data=typed).status_code == 404


@pytest.mark.case("CASES 6: on a database that can't be written what was typed is kept")
@pytest.mark.parametrize("action", ["number", "cancel"])
def test_what_can_only_be_read(visitor: Visitor, house: House, action: str) -> None:
    path = visitor.book()
    with house.store.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")  # of the one connection that writes
    answer = change(visitor, path, action, phone=OTHER_NUMBER)
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "60"
    assert "Nothing was changed yet" in text_of(answer)
    if action == "number":
        assert value_of(answer, "phone") == OTHER_NUMBER
    assert visitor.client.get(path).status_code == 200


def test_the_calendar_file(visitor: Visitor, house: House) -> None:
    asap, booked = visitor.book(), house.submit("020 7946 0150", scheduled_for="2026-11-24T10:15")
    assert "callback.ics" not in visitor.client.get(asap).text
    page = visitor.client.get(f"/c/{booked.secret}").text
    assert "callback.ics" in page
    file = visitor.client.get(f"/c/{booked.secret}/callback.ics")
    assert file.status_code == 200 and file.headers["Cache-Control"] == "no-store"
    assert b"DTSTART:20261124T101500Z" in file.data


def test_after_the_end_nothing_can_be_changed(visitor: Visitor, house: House) -> None:
    path = visitor.book()
    house.ends(house.talking(), Disposition.ANSWERED)
    assert "Change your call" not in text_of(visitor.client.get(path))


def test_the_script_asks_for_the_times_only_once(visitor: Visitor) -> None:
    path = visitor.book()
    whole = visitor.client.get(f"{path}/fragment").text
    light = visitor.client.get(f"{path}/fragment?times").text
    assert 'name="slot"' in whole and 'name="slot"' not in light
    assert len(light) < 12_000
    assert re.findall("data-action=.([a-z]+)", whole) == re.findall("data-action=.([a-z]+)", light)
