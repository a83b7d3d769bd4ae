"""Every reason has its words on every page, in every mode, and one row that fails never takes a
page down. (That each sentence is there in every language, tests/unit/structure shows.)"""

from dataclasses import replace
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest

from asterisk_callback.domain.account import Grant, Role
from asterisk_callback.domain.languages import LANGUAGES
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.progress import CustomerAnswers
from asterisk_callback.domain.request import RequestState
from asterisk_callback.domain.trail import AuditEntry
from asterisk_callback.services.board import board
from asterisk_callback.services.calling.claim import claim
from asterisk_callback.services.calling.gate import Gate
from asterisk_callback.services.calling.progress import Progress
from asterisk_callback.services.status import status
from asterisk_callback.services.status.facts import RequestFacts
from asterisk_callback.services.status.serving import Stop
from asterisk_callback.services.status.why import SENTENCES, Reason, Why
from flask_app.inside.board import story, view
from flask_app.inside.board import why as why_words
from flask_app.shared.moments import ReaderClock
from tests.web.house import API_KEY, MONDAY, READY, SUPPORT, ZONE, House
from tests.web.insider import Insider
from tests.web.page import text_of


class Invented(StrEnum):
    """A reason that a later version has and these pages do not know."""

    SOLAR_FLARE = "solar_flare"


ALL = (*Reason, Invented.SOLAR_FLARE)


def supervisor(house: House) -> Insider:
    house.user("helen", Grant(Role.SUPERVISOR))
    insider = Insider(house.app().test_client())
    insider.sign_in("helen")
    return insider


def in_mode(house: House, mode: DeliveryMode) -> None:
    house.queues["support"] = replace(SUPPORT, mode=mode)  # type: ignore[index]


@pytest.mark.case("CASES 8: every reason has its words on the board")
def test_the_board_has_words_for_every_reason(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.submit(name="Chloé Martin")
    house.at_work()
    helen = supervisor(house)
    for mode in DeliveryMode:
        in_mode(house, mode)
        for reason in ALL:
            why = Why(reason=reason)
            monkeypatch.setattr(board, "explain", lambda *_, why=why, **__: why)
            house.clock.pass_(seconds=10)  # or a board of before is shown
            page = helen.get("/board")
            assert page.status_code == 200, (mode, reason)
            assert "Chloé Martin" in text_of(page), (mode, reason)
        assert "Waiting." in text_of(page), "an invented reason has general words"


@pytest.mark.case("CASES 8: every reason has its words on status page and API")
def test_the_customers_pages_have_words_for_every_reason(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked = house.submit()
    house.at_work()
    for mode, language in zip(DeliveryMode, LANGUAGES, strict=True):
        in_mode(house, mode)
        client = house.client()
        for reason in ALL:
            why = Why(reason=reason)
            monkeypatch.setattr(status, "explain", lambda *_, why=why, **__: why)
            page = client.get(f"/c/{booked.secret}", headers={"Accept-Language": language})
            assert page.status_code == 200, (mode, reason, language)


def test_the_api_sends_no_reason_that_it_does_not_describe(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, key = house.client(), {"Authorization": f"Bearer {API_KEY}"}
    made = client.post(
        "/api/v1/callbacks", headers=key, json={"phone": "020 7946 0100", "queue": "support"}
    )
    for reason in ALL:
        why = Why(reason=reason)
        monkeypatch.setattr(status, "explain", lambda *_, why=why, **__: why)
        answer = client.get(f"/api/v1/callbacks/{made.get_json()['id']}", headers=key)
        assert answer.status_code == 200, reason


def test_no_table_of_words_lacks_a_reason() -> None:
    with_numbers = {Reason.RETRY, Reason.PUT_OFF, Reason.OUTSIDE_HOURS, Reason.HELD}
    with_numbers |= {Reason.LINE_DOWN, Reason.ALL_BUSY}
    assert set(why_words.WORDS) | with_numbers == set(Reason)
    assert set(SENTENCES) == set(Reason)
    assert {one.value for one in Stop} <= {one.value for one in Reason}


@pytest.mark.case("CASES 8: the board in each stage of each mode")
def test_the_board_in_the_stages_that_took_it_down(house: House) -> None:
    helen = supervisor(house)
    booked = house.submit(name="Chloé Martin")
    me = house.at_work()

    in_mode(house, DeliveryMode.NOTIFY)
    house.clock.pass_(seconds=10)
    assert "The team is being told." in text_of(helen.get("/board"))

    in_mode(house, DeliveryMode.PREVIEW)
    with house.store.writing() as tx:
        request = tx.requests.get(tx.wishes.get(booked.wish.id).request_id)  # type: ignore[union-attr]
        assert request is not None
        offered = request.evolve(state=RequestState.OFFERED)
        offered = tx.requests.change(request, offered, actor="test", reason="offered")
    house.clock.pass_(seconds=10)
    assert "Offered to an agent" in text_of(helen.get("/board"))

    in_mode(house, DeliveryMode.CUSTOMER_FIRST)
    with house.store.writing() as tx:
        back = offered.evolve(state=RequestState.QUEUED)
        tx.requests.change(offered, back, actor="test", reason="passed on")
    (claimed,) = claim(house.store, me, house.queues["support"], READY, house.guard)
    token = claimed.attempt.token
    Gate(store=house.store, queues=house.queues, guard=house.guard).ask(token)
    progress = Progress(store=house.store, queues=house.queues)
    progress.report(CustomerAnswers(token=token), me)
    house.clock.pass_(seconds=10)
    assert "waits for an agent" in text_of(helen.get("/board"))


def to_state(house: House, state: RequestState) -> None:
    """As the row says it, however it came about."""
    ended = "NULL" if state.is_open else "created_at"
    with house.store.connect() as connection, connection.begin():
        values = f"state = '{state}', ended_at = {ended}"
        connection.exec_driver_sql(f"UPDATE callback_request SET {values}")


@pytest.mark.case("CASES 8: board, request page and console answer in each mode in each stage")
def test_the_inside_in_each_mode_and_state(house: House) -> None:
    """Also a state of another mode: a queue's mode may change while requests are open."""
    helen = supervisor(house)
    booked = house.submit(name="Chloé Martin")
    house.user("anna", Grant(Role.AGENT), member="PJSIP/anna")
    anna = Insider(house.client())
    anna.sign_in("anna")
    house.at_work()
    customer = house.client()
    for mode in DeliveryMode:
        in_mode(house, mode)
        for state in RequestState:
            to_state(house, state)
            house.clock.pass_(seconds=10)
            where = (mode, state)
            for path in ("/board", "/board?picked=1", "/board/fragment", "/board/requests/1"):
                assert helen.get(path).status_code == 200, (path, *where)
            for path in ("/agent", "/agent/fragment"):
                assert anna.get(path).status_code == 200, (path, *where)
            for path in (f"/c/{booked.secret}", f"/c/{booked.secret}/fragment"):
                assert customer.get(path).status_code == 200, (path, *where)
    assert "Chloé Martin" in text_of(helen.get("/board/requests/1"))


def test_page_and_api_agree_on_what_an_agent_has_when_its_queue_is_set_to_notify(
    house: House,
) -> None:
    """The page said that our team was being told, the API that it was offered to an agent."""
    key = {"Authorization": f"Bearer {API_KEY}"}
    body = {"phone": "020 7946 0100", "queue": "support"}
    client = house.client()
    made = client.post("/api/v1/callbacks", headers=key, json=body).get_json()
    house.at_work()
    page = made["status_url"].partition("/c/")[2]
    in_mode(house, DeliveryMode.NOTIFY)
    for state, reason, words in (
        (RequestState.OFFERED, "offered", "One of us is looking at your request."),
        (RequestState.QUEUED, "noted", "We are telling our team"),
    ):
        to_state(house, state)
        answer = client.get(f"/api/v1/callbacks/{made['id']}", headers=key)
        assert answer.get_json()["why_waiting"] == reason
        shown = text_of(client.get(f"/c/{page}"))
        assert words in shown
        assert ("telling our team" in shown) == (reason == "noted")


@pytest.mark.case("CASES 8: an unknown state takes no page down")
def test_a_state_of_a_later_version_stands_in_the_story(house: House) -> None:
    entry = AuditEntry(
        at=MONDAY, actor="later", event="request", old="queued", new="set_aside", reason="later"
    )
    with house.app().test_request_context():
        [line] = story.story([entry], ReaderClock(ZoneInfo(ZONE), MONDAY))
    assert line.title == "Set aside"


@pytest.mark.case("CASES 8: a row that fails does not take the page down")
@pytest.mark.parametrize("where", ["reason", "drawing"])
def test_a_row_that_fails_leaves_the_page(
    house: House, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    house.submit(name="Chloé Martin")
    house.submit("020 7946 0123", name="Ben Okafor")
    house.at_work()
    broken = 1

    def explain(facts: RequestFacts) -> Why:
        if facts.request.id == broken:
            raise LookupError("a fault of ours")
        return Why(reason=Reason.NEXT)

    def promised(row: board.BoardRow, *_: object) -> str:
        if row.request.id == broken:
            raise LookupError("a fault of ours")
        return "soon"

    if where == "reason":
        monkeypatch.setattr(board, "explain", explain)
    else:
        monkeypatch.setattr(view, "promised", promised)
    said = text_of(supervisor(house).get("/board"))
    assert "Ben Okafor" in said and (where == "drawing" or "Called next." in said)
    assert ("Chloé Martin" if where == "reason" else "Request 1") in said
