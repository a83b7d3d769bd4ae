"""The agents on the board: each by name, those of the queues shown, many of them summed up."""

from dataclasses import replace

from asterisk_callback.domain.account import Grant, Role
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.queue_member import Device, Member, Presence
from asterisk_callback.services.board.roster import Agent
from flask_app.inside.board.agents import MOST, views
from tests.web.house import MONDAY, SALES, SERVER, SUPPORT, House
from tests.web.insider import Insider
from tests.web.page import text_of

ANNA = Member(
    asterisk_queue="support", interface="PJSIP/anna", name="Agent 1", status=Device.NOT_IN_USE
)
BEN = replace(ANNA, interface="PJSIP/ben", name="Ben", status=Device.IN_USE, in_call=True)
CLEO = replace(ANNA, interface="PJSIP/cleo", name="Cleo", paused=True, paused_reason="Lunch")
DAN = replace(ANNA, interface="PJSIP/dan", name="Dan", status=Device.RINGING)
EVE = replace(ANNA, interface="PJSIP/eve", name="Eve", status=Device.UNAVAILABLE)


def put(house: House, *members: Member, queue: str = "support") -> None:
    house.at_work()
    with house.store.writing() as tx:
        tx.servers.put_queue_facts(SERVER, queue, QueueStatus(known=True, logged_in=5, free=1))
        tx.queue_members.replace(
            SERVER, queue, [replace(one, asterisk_queue=queue) for one in members]
        )


def supervisor(house: House, *queues: str) -> Insider:
    accounts = house.accounts
    house.accounts = replace(accounts, users=replace(accounts.users, queues=tuple(house.queues)))
    house.user("helen", *(Grant(Role.SUPERVISOR, one) for one in queues or ("",)))
    insider = Insider(house.app().test_client())
    insider.sign_in("helen")
    return insider


def card(page: Insider, path: str = "/board") -> str:
    answer = page.get(path)
    return text_of(answer).partition("Asterisk queue Agents ")[2] or text_of(answer)


def test_what_each_of_them_does(house: House) -> None:
    house.user("anna", member="PJSIP/anna")
    helen = supervisor(house)
    put(house, BEN, EVE, CLEO, ANNA, DAN)
    house.clock.pass_(minutes=4)
    said = card(helen)
    assert (
        "Anna free, 4 min Dan ringing, 4 min Ben talking, 4 min Cleo lunch, 4 min "
        "Eve phone not connected, 4 min"
    ) in said
    assert "Agent 1" not in said  # the account's name, where there is one


def test_the_board_changes_with_them(house: House) -> None:
    helen = supervisor(house)
    put(house, ANNA)
    first = helen.get("/board/fragment").headers["ETag"]
    assert helen.get("/board/fragment").headers["ETag"] == first
    put(house, replace(ANNA, paused=True))
    assert helen.get("/board/fragment").headers["ETag"] != first


def test_only_those_of_the_queues_shown_and_each_once(house: House) -> None:
    sales = replace(SALES, asterisk_queue="sales")
    house.queues.update({"support": SUPPORT, "sales": sales})  # type: ignore[attr-defined]
    helen = supervisor(house, "sales")
    put(house, ANNA, BEN)
    put(house, replace(ANNA, paused=True), CLEO, queue="sales")
    said = card(helen)
    assert "Agent 1 paused" in said and "Cleo lunch" in said and "Ben" not in said
    house.user("sue", Grant(Role.SUPERVISOR))
    sue = Insider(house.app().test_client())
    sue.sign_in("sue")
    said = card(sue)
    assert "Agent 1 free" in said and "Agent 1 paused" not in said and "Ben talking" in said


def many(presence: Presence, count: int) -> list[Agent]:
    return [
        Agent(name=f"{nth}", interface=f"PJSIP/{nth}", presence=presence) for nth in range(count)
    ]


def test_many_are_summed_up() -> None:
    twelve = many(Presence.FREE, 5) + many(Presence.TALKING, 7)
    assert len(views(twelve, MONDAY)) == MOST
    shown = views(
        many(Presence.FREE, 3) + many(Presence.TALKING, 40) + many(Presence.PAUSED, 6), MONDAY
    )
    assert len(shown) <= MOST
    assert [one.name for one in shown if "more" in one.name] == ["37 more", "3 more"]
    assert sum(1 for one in shown if one.state == "free") == 3
    everybody = [one for presence in Presence for one in many(presence, 200)]
    assert len(views(everybody, MONDAY)) <= MOST
