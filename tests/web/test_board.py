"""The supervisor's board: what it says, to whom, and that nobody else gets to it."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from asterisk_callback.domain.account import Grant, Role
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.progress import CustomerRings
from asterisk_callback.services.calling.claim import claim
from asterisk_callback.services.calling.gate import Gate
from asterisk_callback.services.calling.progress import Progress
from tests.web.house import NUMBER, OTHER_NUMBER, READY, SALES, SUPPORT, House
from tests.web.insider import PAGE, Insider
from tests.web.page import text_of

NONE_FREE = QueueStatus(known=True, logged_in=6, free=0)


@pytest.fixture
def two_queues(house: House) -> House:
    sales = replace(SALES, asterisk_queue="sales")
    house.queues.update({"support": SUPPORT, "sales": sales})  # type: ignore[attr-defined]
    return house


def supervisor(house: House, *queues: str) -> Insider:
    """Somebody who sees these queues; without any, all of them."""
    accounts = house.accounts
    users = replace(accounts.users, queues=tuple(house.queues))
    house.accounts = replace(accounts, users=users)
    house.user("helen", *(Grant(Role.SUPERVISOR, one) for one in queues or ("",)))
    insider = Insider(house.app().test_client())
    insider.sign_in("helen")
    return insider


def test_who_waits_and_why(house: House) -> None:
    house.submit(name="Chloé Martin", topic="A bill")
    house.submit(OTHER_NUMBER, name="Ben Okafor", scheduled_for="2026-11-23T15:00")
    house.at_work(NONE_FREE)
    helen = supervisor(house)
    assert helen.get("/account/first").location == "/board"
    page = helen.get("/board")
    said = text_of(page)
    assert "Monday 23 November" in said
    assert "Chloé Martin •••100 , Support, A bill" in said
    assert "All 6 are on calls. First in line." in said
    assert "15:00–15:15 Booked They chose 15:00." in said
    assert "Waiting now 1 Target: at most 10" in said
    assert "Agents free 0 of 6 None of them free" in said
    assert NUMBER.replace(" ", "")[1:] not in page.text.replace(" ", "")


@pytest.mark.case("CASES 8: a chart never contradicts the sentence beside it")
def test_no_time_is_drawn_of_which_nothing_was_said(house: House) -> None:
    house.submit()
    house.at_work(NONE_FREE)
    helen = supervisor(house)
    page = helen.get("/board")
    assert "nothing said" in text_of(page) and 'class="line-window"' not in page.text
    house.submit(OTHER_NUMBER)
    house.clock.pass_(seconds=10)
    assert 'class="line-window"' in helen.get("/board").text


def test_late_is_said_in_words(house: House) -> None:
    house.at_work()
    house.submit()
    house.at_work(NONE_FREE)
    house.clock.pass_(minutes=20)
    said = text_of(supervisor(house).get("/board"))
    assert "min late" in said and "Late now 1 Target: none" in said


@pytest.mark.case("CASES 8: the board names no agent on a line on which there is none")
@pytest.mark.parametrize(
    ("mode", "agent"), [(DeliveryMode.AGENT_FIRST, True), (DeliveryMode.CUSTOMER_FIRST, False)]
)
def test_who_is_on_the_line_first(house: House, mode: DeliveryMode, agent: bool) -> None:
    house.queues["support"] = replace(SUPPORT, mode=mode)  # type: ignore[index]
    house.submit(name="Chloé Martin")
    me = house.at_work()
    (claimed,) = claim(house.store, me, house.queues["support"], READY, house.guard)
    Gate(store=house.store, queues=house.queues, guard=house.guard).ask(claimed.attempt.token)
    token = claimed.attempt.token
    Progress(store=house.store, queues=house.queues).report(CustomerRings(token=token), me)
    said = text_of(supervisor(house).get("/board"))
    assert "The customer’s phone rings." in said
    assert ("An agent is on the line." in said) == agent


@pytest.mark.case("CASES 8: no agents of another time on the board while nothing hears of them")
def test_without_a_dispatcher_nobody_knows_the_agents(house: House) -> None:
    house.submit()
    house.at_work()
    house.clock.pass_(days=401)
    said = text_of(supervisor(house).get("/board"))
    assert "Agents free – Not known just now" in said and "Support not known just now" in said
    assert "1 of 6" not in said and "Nobody is at work" not in said


def test_only_their_own_queues(two_queues: House) -> None:
    house = two_queues
    house.submit(name="Chloé Martin")
    helen = supervisor(house, "sales")
    said = text_of(helen.get("/board"))
    assert "Chloé" not in said and "Sales" in said and "Support" not in said
    for path in ("/board?queue=support", "/board/fragment?queue=support", "/board?queue=nowhere"):
        assert helen.get(path).status_code == 404, path
    assert helen.get("/board?queue=sales").status_code == 200


def test_not_for_agents_nor_for_strangers(house: House, client: FlaskClient) -> None:
    house.user("anna")
    anna = Insider(client)
    assert anna.get("/board").location == "/login?next=/board"
    assert client.get("/board/fragment").status_code == 401
    anna.sign_in("anna")
    assert anna.get("/board").status_code == 403


def test_the_fragment_is_sent_only_when_something_changed(house: House) -> None:
    house.submit()
    helen = supervisor(house)
    first = helen.get("/board/fragment")
    tag = first.headers["ETag"]

    def again() -> int:
        answer = helen.client.get("/board/fragment", headers=PAGE | {"If-None-Match": tag})
        return answer.status_code

    assert first.status_code == 200 and again() == 304
    house.submit(OTHER_NUMBER)
    assert again() == 200


def test_an_empty_board(house: House) -> None:
    said = text_of(supervisor(house).get("/board"))
    assert "Nobody is waiting, and nothing is booked." in said
    assert "Promises kept today – No call yet" in said
