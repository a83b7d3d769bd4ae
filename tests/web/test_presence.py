"""The agent's phone in the bar, and its buttons; the dispatcher's part is played by the house."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from asterisk_callback.domain.account import Grant, Role
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.queue_member import Action, Device, Member, MemberOrder, OrderOutcome
from tests.web.house import SALES, SERVER, SUPPORT, House
from tests.web.insider import Insider
from tests.web.page import text_of

ANNA = Member(
    asterisk_queue="support", interface="PJSIP/anna", name="Anna", status=Device.NOT_IN_USE
)
KNOWN = QueueStatus(known=True)


def put(house: House, *members: Member, queue: str = "support") -> None:
    house.at_work()
    with house.store.writing() as tx:
        tx.servers.put_queue_facts(SERVER, queue, KNOWN)
        tx.queue_members.replace(SERVER, queue, members)


def anna(house: House, *queues: str, member: str = "PJSIP/anna") -> Insider:
    accounts = house.accounts
    house.accounts = replace(accounts, users=replace(accounts.users, queues=tuple(house.queues)))
    house.user("anna", *(Grant(Role.AGENT, one) for one in queues or ("",)), member=member)
    insider = Insider(house.app().test_client())
    insider.sign_in()
    return insider


def orders(house: House) -> Sequence[MemberOrder]:
    with house.store.reading() as tx:
        (user,) = tx.accounts.all()
        return tx.member_orders.recent(user.id, tx.now - timedelta(hours=1))


def carry_out(house: House, outcome: OrderOutcome = OrderOutcome.DONE, detail: str = "") -> None:
    """As the dispatcher does, with an Asterisk that does what it is told."""
    me = house.at_work()
    with house.store.writing() as tx:
        while order := tx.member_orders.claim(SERVER, me.name, me.epoch):
            tx.member_orders.finish(order, outcome, detail)
            if outcome is not OrderOutcome.DONE:
                continue
            tx.servers.put_queue_facts(SERVER, order.asterisk_queue, KNOWN)
            kept = list(tx.queue_members.of(SERVER, order.asterisk_queue))
            there = [one for one in kept if one.interface != order.interface]
            if order.action is not Action.REMOVE:
                paused = order.action is Action.PAUSE
                new = replace(ANNA, asterisk_queue=order.asterisk_queue, paused=paused)
                there.append(replace(new, paused_reason=order.reason))
            tx.queue_members.replace(SERVER, order.asterisk_queue, there)


def bar(one: Insider) -> str:
    """What stands there between the pages and the account's menu."""
    said = text_of(one.get("/account"))
    return said[: said.index("Anna, account")]


@pytest.mark.parametrize(
    ("member", "said"),
    [
        (ANNA, "Phone anna: ready Available Pause: short break Pause: lunch Log out"),
        (replace(ANNA, status=Device.IN_USE), "Phone anna: in a call In a call"),
        (replace(ANNA, status=Device.RINGING), "Phone anna: rings Ringing"),
        (replace(ANNA, status=Device.ON_HOLD), "Phone anna: on hold In a call"),
        (replace(ANNA, status=Device.UNAVAILABLE), "not connected Phone not connected"),
        (replace(ANNA, status=Device.INVALID), "not known to Asterisk Phone not connected"),
        (replace(ANNA, paused=True), "Phone anna: ready Paused Available Pause: short break"),
        (replace(ANNA, paused=True, paused_reason="Lunch"), "Paused: Lunch Available"),
        (replace(ANNA, interface="PJSIP/ben"), "not logged in Logged out Log in to my queues"),
    ],
)
def test_what_the_bar_says(house: House, member: Member, said: str) -> None:
    one = anna(house)
    put(house, member)
    assert said in bar(one)


def test_without_a_link_to_asterisk_nothing_is_claimed(house: House) -> None:
    one = anna(house)
    put(house, ANNA)
    house.clock.pass_(days=1000)
    one.sign_in()
    assert "Phone anna: not known No connection to Asterisk" in bar(one)
    refused = one.post("/agent/phone", do="pause", reason="Lunch")
    assert refused.status_code == 303
    assert "nothing was changed" in text_of(one.get("/account"))
    assert orders(house) == []


def test_who_has_no_phone_sees_none(house: House) -> None:
    one = anna(house, member="")
    put(house, ANNA)
    assert "Phone" not in bar(one)
    assert one.post("/agent/phone", do="pause").status_code == 303
    assert "Ask an administrator" in text_of(one.get("/account"))


def test_queues_in_which_no_call_is_made_are_none_of_theirs(house: House) -> None:
    house.queues.update({"support": replace(SUPPORT, mode=DeliveryMode.NOTIFY)})  # type: ignore[attr-defined]
    one = anna(house)
    put(house, ANNA)
    assert "Phone" not in bar(one)


def test_a_pause_and_its_end(house: House) -> None:
    one = anna(house)
    put(house, ANNA)
    house.asterisk = lambda: carry_out(house)
    answer = one.post("/agent/phone", do="pause", reason="Lunch", next="/account")
    assert answer.location == "/account"
    (order,) = orders(house)
    assert (order.action, order.reason, order.interface) == (Action.PAUSE, "Lunch", "PJSIP/anna")
    assert "Paused: Lunch" in bar(one)
    one.post("/agent/phone", do="available")
    assert "ready Available Pause" in bar(one)
    with house.store.reading() as tx:
        told = [(one.actor, one.detail) for one in tx.accounts.events() if one.event == "phone"]
    assert told == [
        ("user:anna", "unpause PJSIP/anna in support"),
        ("user:anna", "pause PJSIP/anna in support: Lunch"),
    ]


def test_in_and_out_of_the_queues_that_are_theirs(house: House) -> None:
    sales = replace(SALES, asterisk_queue="sales")
    house.queues.update({"support": SUPPORT, "sales": sales})  # type: ignore[attr-defined]
    one = anna(house)
    put(house)
    put(house, queue="sales")
    house.asterisk = lambda: carry_out(house)
    assert "Logged out Log in to my queues" in bar(one)
    one.post("/agent/phone", do="log-in")
    assert [(each.asterisk_queue, each.action) for each in orders(house)] == [
        ("support", Action.ADD), ("sales", Action.ADD),
    ]  # fmt: skip
    assert "ready Available Pause" in bar(one)
    put(house, replace(ANNA, asterisk_queue="sales", paused=True), queue="sales")
    assert "Paused in some queues Available Pause" in bar(one)
    put(house, queue="sales")
    assert "Available in some queues" in bar(one)
    one.post("/agent/phone", do="log-in")
    assert [each.asterisk_queue for each in orders(house)][2:] == ["sales"]
    one.post("/agent/phone", do="log-out")
    assert "Logged out" in bar(one)


@pytest.mark.parametrize("do", ["pause", "log-out"])
def test_who_is_logged_out_has_nothing_to_pause(house: House, do: str) -> None:
    one = anna(house)
    put(house)
    one.post("/agent/phone", do=do)
    assert "logged in to none of your queues" in text_of(one.get("/account"))
    assert orders(house) == []


def test_another_queue_is_none_of_theirs(house: House) -> None:
    sales = replace(SALES, asterisk_queue="sales")
    house.queues.update({"support": SUPPORT, "sales": sales})  # type: ignore[attr-defined]
    one = anna(house, "sales")
    put(house, ANNA)
    put(house, queue="sales")
    assert "Logged out" in bar(one)
    one.post("/agent/phone", do="log-in")
    assert [each.asterisk_queue for each in orders(house)] == ["sales"]


def test_what_was_refused_is_said(house: House) -> None:
    one = anna(house)
    put(house, ANNA)
    house.asterisk = lambda: carry_out(house, OrderOutcome.REFUSED, "It is a static member.")
    one.post("/agent/phone", do="log-out")
    assert "It is a static member." in text_of(one.get("/account"))


def test_an_asterisk_that_does_not_answer_is_waited_for_a_while(house: House) -> None:
    one = anna(house)
    put(house, ANNA)
    looks: list[int] = []
    house.asterisk = lambda: looks.append(1)
    assert one.post("/agent/phone", do="pause", reason="Lunch").status_code == 303
    assert len(looks) == 20
    assert "Available , asked Asterisk" in bar(one)
    house.clock.pass_(seconds=31)
    assert "asked Asterisk" not in bar(one)
    phones = house.parts.phones
    assert phones is not None
    with house.store.reading() as tx:
        (user,) = tx.accounts.all()
    phone = phones.of(user)
    assert phone is not None and "could not be asked in time" in phone.trouble[0]


@pytest.mark.parametrize(
    "typed",
    [
        {"do": "pause", "reason": "Lunch\r\nAction: Command"},
        {"do": "pause", "reason": "My own"},
        {"do": "available", "reason": "Lunch"},
        {"do": "log-in\r\nQueue: other"},
        {"do": ""},
    ],
)
def test_nothing_that_was_typed_is_sent(house: House, typed: dict[str, str]) -> None:
    """P14."""
    one = anna(house)
    put(house, ANNA)
    assert one.post("/agent/phone", **typed).status_code == 303
    assert orders(house) == []


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "https://evil.example", ""])
def test_it_leads_back_to_a_page_of_ours(house: House, path: str) -> None:
    one = anna(house)
    put(house, ANNA)
    house.asterisk = lambda: carry_out(house)
    assert one.post("/agent/phone", do="pause", reason="Lunch", next=path).location == (
        "/account/first"
    )


@pytest.mark.case("CASES 7: members are phones")
def test_who_has_no_phone_logs_in_nowhere(house: House) -> None:
    one = anna(house)
    with house.store.writing() as tx:  # from before
        tx.accounts.change(tx.accounts.all()[0].id, member="Local/09098791234@out/n")
    put(house)
    assert one.post("/agent/phone", do="log-in").status_code == 303
    assert "Calls may not go to Local/09098791234@out/n" in text_of(one.get("/account"))
    assert orders(house) == []
