"""What a supervisor does: to one request, and to dialling; and not to other queues."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import update

from asterisk_callback.domain.account import Grant, Role
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.services.booking.booking import BookingResult, Origin, Submission
from asterisk_callback.services.booking.withdraw import withdraw
from asterisk_callback.store.tables.calls import attempts
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


def path(booked: BookingResult) -> str:
    return f"/board/requests/{booked.request.id}"


def of_sales(house: House) -> BookingResult:
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


def test_where_they_asked(house: House, helen: Insider) -> None:
    """Each place once, as a link to the page if it is known."""

    def ask(scope: str, page: str = "") -> BookingResult:
        wish = Submission(phone=NUMBER, queue="support", page=page)
        return house.booking.submit(wish, Origin(scope=scope, actor="customer"))

    withdrawn = ask("api:crm")
    assert "Asked on crm, through the API" in text_of(helen.get(path(withdrawn)))
    for scope, page in (("web", ""), ("site:shop", "https://shop.example/moving"), ("web", "")):
        booked = ask(scope, page)
    withdraw(house.store, withdrawn.wish)
    answer = helen.get(path(booked))
    assert "Asked on Our own form, shop.example/moving (in a new tab) " in text_of(answer)
    link = (
        '<a href="https://shop.example/moving" target="_blank" rel="noopener noreferrer nofollow">'
    )
    assert link in answer.text and "crm" not in text_of(answer)


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
        assert not tx.holds.active()


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


def test_callbacks_are_not_offered_and_offered_again(house: House, helen: Insider) -> None:
    house.submit()
    done = helen.post("/board/intake", queue="support", stop="1", reason="Storm 020 79460100")
    said = text_of(helen.get(done.location))
    assert "Callbacks are not offered since 14:01 by user:helen: Storm" in said
    assert "79460100" not in said
    assert "on the website: stopped" in said and "calls go out: on" in said
    # Over all queues it is not theirs to see as stopped, nor to switch.
    assert helen.post("/board/intake", queue="", stop="1").status_code == 404
    helen.post("/board/intake", queue="support")
    assert "on the website: on" in text_of(helen.get("/board?queue=support"))


@pytest.fixture
def both(house: House) -> Insider:
    """A supervisor of Support and Sales."""
    house.queues["sales"] = replace(SALES, asterisk_queue="sales")  # type: ignore[index]
    house.user("helen", Grant(Role.SUPERVISOR, "support"), Grant(Role.SUPERVISOR, "sales"))
    insider = Insider(house.app().test_client())
    insider.sign_in("helen")
    return insider


def test_given_to_another_queue(house: House, both: Insider) -> None:
    booked = house.submit(name="Chloé Martin")
    assert both.post(f"{path(booked)}/give").status_code == 422
    assert both.post(f"{path(booked)}/give", to="nowhere").status_code == 404
    assert both.post(f"{path(booked)}/give", to="sales").status_code == 303
    said = text_of(both.get(path(booked)))
    assert "Given to Sales. It keeps its place in line." in said
    assert "Given to another queue given to sales from support by user:helen" in said


def test_only_to_a_queue_of_theirs(house: House, helen: Insider) -> None:
    booked = house.submit()
    assert helen.post(f"{path(booked)}/give", to="sales").status_code == 404
    assert "Give to another queue" not in text_of(helen.get(path(booked)))


def test_why_it_can_not_be_given(house: House, both: Insider) -> None:
    booked = house.submit()
    house.submit(queue="sales")
    answer = both.post(f"{path(booked)}/give", to="sales")
    assert answer.status_code == 409
    assert "This number has an open call in Sales already" in text_of(answer)
    assert '<option value="sales" selected>' in answer.text


def test_moved_to_a_time_on_offer(house: House, helen: Insider) -> None:
    booked = house.submit(email="ada@example.org")
    page = helen.get(f"{path(booked)}?day=2026-11-24")
    assert "Tuesday 24 November" in text_of(page)
    times = re.findall(r'<option value="(2026-11-24T[^"]+)">', page.text)
    assert times[0].startswith("2026-11-24T00:00")
    nothing = helen.post(f"{path(booked)}/move")
    assert nothing.status_code == 422 and "Choose the time" in text_of(nothing)
    assert helen.post(f"{path(booked)}/move", slot=times[40]).status_code == 303
    assert "Moved. Whoever asked is told." in text_of(helen.get(path(booked)))
    status = house.parts.statuses.by_secret(booked.secret)
    assert status.wish.due_at.isoformat() == "2026-11-24T10:00:00+00:00"
    past = helen.post(f"{path(booked)}/move", slot="2026-11-20T10:00+00:00")
    assert past.status_code == 422


def test_tried_again_and_asked_again(house: House, helen: Insider) -> None:
    house.at_work()
    booked = house.submit()
    house.ends(house.ringing(), Disposition.BUSY)
    assert "Try again now" in text_of(helen.get("/board"))
    done = helen.post(f"{path(booked)}/again", back="board", queue="support")
    assert done.location == "/board?queue=support"
    assert "Tried again as soon as" in text_of(helen.get(done.location))
    helen.post(f"{path(booked)}/cancel", reason="x")
    assert "Ask again" in text_of(helen.get(path(booked)))
    new = helen.post(f"{path(booked)}/again")
    assert new.status_code == 303 and new.location != path(booked)
    assert "Asked again: this is the new request." in text_of(helen.get(new.location))
    refused = helen.post(f"{path(booked)}/again")
    assert refused.status_code in (303, 429)


def test_the_story_beside_the_board(house: House, helen: Insider) -> None:
    booked = house.submit(name="Chloé Martin")
    said = text_of(helen.get(f"/board?picked={booked.request.id}"))
    assert "Chloé Martin’s story" in said and "Called when its turn comes" in said
    other = of_sales(house)
    for nobody in (other.request.id, 999, -1, 10**12):
        page = helen.get(f"/board?picked={nobody}")
        assert page.status_code == 200 and "’s story" not in text_of(page)


def test_what_agents_said_of_a_call_is_on_its_page(house: House, helen: Insider) -> None:
    booked = house.submit()
    anna = house.user("anna", Grant(Role.AGENT, "support"), member="PJSIP/anna")
    house.at_work()
    attempt = house.talking()
    house.ends(attempt, Disposition.ANSWERED)
    with house.store.writing() as tx:
        mine = attempts.c.id == attempt.id
        tx.connection.execute(
            update(attempts).where(mine).values(member="PJSIP/anna", agent_at=attempt.claimed_at)
        )
    wrap_ups = house.parts.wrap_ups
    assert wrap_ups is not None
    note = "Line moves on 1 December, ring 02079460100"
    wrap_ups.save(anna, attempt.id, code="Solved", note=note, again=None, never=False)
    said = text_of(helen.get(path(booked)))
    assert "Solved" in said and "Line moves on 1 December" in said and "By " in said
    assert "9460100" not in said
