"""What a supervisor does: to one request, and to dialling; and not to other queues."""

import re
from dataclasses import replace

import pytest

from asterisk_callback.domain.account import Grant, Role
from asterisk_callback.services.booking import Booked, Origin, Submission
from tests.web.house import NUMBER, OTHER_NUMBER, SALES, House
from tests.web.insider import Insider
from tests.web.page import text_of


@pytest.fixture
def helen(house: House) -> Insider:
    """A supervisor of Support, in a company that has Sales, too."""
    house.queues["sales"] = replace(SALES, asterisk_queue="sales")  # type: ignore[index]
    house.user("helen", Grant(Role.SUPERVISOR, "support"))
    insider = Insider(house.app().test_client())
    insider.sign_in("helen")
    return insider


def path(booked: Booked) -> str:
    return f"/board/requests/{booked.request.id}"


def of_sales(house: House) -> Booked:
    wish = Submission(phone="020 7946 0155", queue="sales")
    return house.booking.submit(wish, Origin(scope="test", actor="test"))


def test_call_next(house: House, helen: Insider) -> None:
    house.submit()
    house.clock.pass_(minutes=1)
    second = house.submit(OTHER_NUMBER, name="Ben Okafor")
    assert helen.post(f"{path(second)}/next").status_code == 303
    said = text_of(helen.get(path(second)))
    assert "First in line now." in said and "called next by user:helen" in said
    house.at_work()
    assert house.claimed().request_id == second.request.id


def test_only_who_is_in_line_can_be_called_next(house: House, helen: Insider) -> None:
    booked = house.submit(scheduled_for="2026-11-23T15:00")
    answer = helen.post(f"{path(booked)}/next")
    assert answer.status_code == 409 and "It is not in line now" in text_of(answer)


def test_cancel_with_a_reason(house: House, helen: Insider) -> None:
    booked = house.submit(name="Chloé Martin")
    nothing = helen.post(f"{path(booked)}/cancel", reason="  ")
    assert nothing.status_code == 422 and "Say why" in text_of(nothing)
    assert helen.post(f"{path(booked)}/cancel", reason="Asked by 020 79460100").status_code == 303
    said = text_of(helen.get(path(booked)))
    assert "ended: cancelled" in said and "Cancelled by the company" in said
    assert "by user:helen" in said
    status = house.parts.statuses.by_secret(booked.secret)
    assert status.by_company
    late = helen.post(f"{path(booked)}/cancel", reason="again")
    assert late.status_code in (303, 409)


def test_the_story_masks_numbers(house: House, helen: Insider) -> None:
    booked = house.submit()
    page = helen.get(path(booked))
    assert "Asked for a call" in text_of(page)
    assert NUMBER.replace(" ", "")[1:] not in page.text.replace(" ", "")


def test_another_queue_is_not_there(house: House, helen: Insider) -> None:
    theirs = path(of_sales(house))
    assert helen.get(theirs).status_code == 404
    for action in ("next", "cancel"):
        assert helen.post(f"{theirs}/{action}", reason="mine").status_code == 404
    assert helen.get("/board/requests/999").status_code == 404
    for queue in ("sales", "", "nowhere"):
        answer = helen.post("/board/dialling", queue=queue, stop="1")
        assert answer.status_code == 404, queue
    with house.store.reading() as tx:
        assert not tx.holds()


def test_dialling_is_stopped_and_goes_on(house: House, helen: Insider) -> None:
    house.submit()
    house.at_work()
    page = helen.get("/board?queue=support")
    assert "calls go out: on" in text_of(page)
    done = helen.post("/board/dialling", queue="support", stop="1", reason="Fire drill")
    assert done.location == "/board?queue=support"
    said = text_of(helen.get(done.location))
    assert "Fire drill" in said and "user:helen" in said and "calls go out: stopped" in said
    assert "Dialling is stopped." in said
    helen.post("/board/dialling", queue="support")
    assert "calls go out: on" in text_of(helen.get("/board?queue=support"))
    with house.store.connect() as connection:
        rows = connection.exec_driver_sql("SELECT event, actor, reason FROM audit").fetchall()
    assert [tuple(one) for one in rows if one[0].startswith("dialling")] == [
        ("dialling stopped", "user:helen", "queue support: Fire drill"),
        ("dialling resumed", "user:helen", "queue support: Fire drill"),
    ]


def test_all_dialling_is_stopped_by_who_has_every_queue(house: House) -> None:
    house.user("helen", Grant(Role.SUPERVISOR))
    helen = Insider(house.app().test_client())
    helen.sign_in("helen")
    assert re.search(r'name="queue" value=""', helen.get("/board").text)
    helen.post("/board/dialling", queue="", stop="1", reason="Storm")
    said = text_of(helen.get("/board?queue=support"))
    assert "calls go out: stopped" in said and "Storm" in said
