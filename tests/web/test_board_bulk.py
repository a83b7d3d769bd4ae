"""Many calls cancelled at once: chosen, confirmed, and those that could not be are named."""

import re
from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from asterisk_callback.domain.account import Grant, Role
from asterisk_callback.domain.request import RequestId, RequestState
from asterisk_callback.services.booking.booking import Origin, Submission
from tests.web.house import NUMBER, OTHER_NUMBER, SALES, House
from tests.web.insider import PAGE, Insider
from tests.web.page import hidden, text_of


@pytest.fixture
def helen(house: House) -> Insider:
    """A supervisor of Support, in a company that has Sales, too."""
    house.queues["sales"] = replace(SALES, asterisk_queue="sales")  # type: ignore[index]
    house.user("helen", Grant(Role.SUPERVISOR, "support"))
    insider = Insider(house.app().test_client())
    insider.sign_in("helen")
    return insider


def send(helen: Insider, path: str, **typed: object) -> TestResponse:
    """With as many `id` or `shown` as are given."""
    token = hidden(helen.get("/account"), "csrf_token")
    return helen.client.post(path, data={"csrf_token": token} | typed, headers=PAGE)


def state(house: House, request_id: int) -> RequestState:
    with house.store.reading() as tx:
        found = tx.requests.get(RequestId(request_id))
    assert found is not None
    return found.state


def test_chosen_confirmed_and_cancelled(house: House, helen: Insider) -> None:
    one = house.submit(name="Chloé Martin").request
    two = house.submit(OTHER_NUMBER, name="Ben Okafor").request
    page = send(helen, "/board/cancel", id=[one.id, two.id])
    said = text_of(page)
    assert "Cancel 2 calls?" in said and "Chloé Martin" in said and "Ben Okafor" in said
    assert NUMBER.replace(" ", "")[1:] not in page.text.replace(" ", "")
    assert state(house, one.id) is RequestState.QUEUED
    nothing = send(helen, "/board/cancel/confirmed", id=[one.id, two.id], reason="  ")
    assert nothing.status_code == 422 and "Say why" in text_of(nothing)
    assert len(re.findall(r'name="id" value="\d+"', nothing.text)) == 2
    done = send(
        helen, "/board/cancel/confirmed", id=[one.id, two.id], reason="Fire", queue="support"
    )
    assert (done.status_code, done.location) == (303, "/board?queue=support")
    assert "2 calls cancelled. Whoever asked is told." in text_of(helen.get(done.location))
    assert {state(house, one.id), state(house, two.id)} == {RequestState.CANCELLED}


def test_the_whole_page(house: House, helen: Insider) -> None:
    ids = [house.submit(f"020 7946 01{n}").request.id for n in range(30, 33)]
    page = helen.get("/board")
    assert re.findall(r'name="shown" value="(\d+)"', page.text) == [str(one) for one in ids]
    said = text_of(send(helen, "/board/cancel", all="1", shown=ids, id=ids[:1]))
    assert "Cancel 3 calls?" in said


def test_those_that_could_not_be_are_named(house: House, helen: Insider) -> None:
    house.submit(name="Dan Whitlock")
    talking = house.talking().request_id
    waits = house.submit(OTHER_NUMBER, name="Ben Okafor").request.id
    answer = send(helen, "/board/cancel/confirmed", id=[talking, waits], reason="Fire")
    said = text_of(answer)
    assert answer.status_code == 200 and "1 call cancelled, 1 not" in said
    assert "Dan Whitlock" in said and "They are talking right now." in said
    assert "Ben Okafor" not in said
    assert state(house, waits) is RequestState.CANCELLED


def test_one_that_has_ended_is_told_before(house: House, helen: Insider) -> None:
    gone = house.submit(name="Chloé Martin").request.id
    send(helen, "/board/cancel/confirmed", id=[gone], reason="Fire")
    said = text_of(send(helen, "/board/cancel", id=[gone]))
    assert "Not among them any more" in said and "It has ended: cancelled." in said


def test_nothing_ticked(house: House, helen: Insider) -> None:
    answer = send(helen, "/board/cancel")
    assert answer.status_code == 303
    assert "Tick the calls to cancel first." in text_of(helen.get(answer.location))
    assert send(helen, "/board/cancel/confirmed", reason="x").status_code == 303


def test_not_those_of_another_queue(house: House, helen: Insider) -> None:
    wish = Submission(phone=NUMBER, queue="sales")
    other = house.booking.submit(wish, Origin(scope="test", actor="test")).request.id
    mine = house.submit(OTHER_NUMBER).request.id
    for path in ("/board/cancel", "/board/cancel/confirmed"):
        assert send(helen, path, id=[mine, other], reason="x").status_code == 404
        assert send(helen, path, id=[10**12], reason="x").status_code == 404
        assert send(helen, path, id=list(range(1, 300)), reason="x").status_code == 404
    assert state(house, mine) is RequestState.QUEUED
