"""Who can serve now, and when the next call comes: form, API, status page, board and `why` say the
same, and none promises what nobody can keep."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from asterisk_callback.domain.account import Grant, Role, User
from asterisk_callback.domain.alarm import AlarmCondition, AlarmName
from asterisk_callback.domain.console import OfferOutcome
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.opening_hours import Hours, OpeningSpan
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.queue_member import Device, Member, MemberRules
from asterisk_callback.domain.request import RequestState
from asterisk_callback.services.calling import holds
from asterisk_callback.services.status.facts import read_facts
from asterisk_callback.services.status.why import Reason, explain
from tests.web.conftest import Api
from tests.web.house import ASTERISK_QUEUE, SERVER, SUPPORT, House
from tests.web.insider import Insider
from tests.web.page import Visitor, text_of
from tests.web.test_form import KEPT, PROMISE

PHONE = "PJSIP/anna"


@dataclass
class Said:
    """What each place says: the form, the API of the queue and of a wish, its status page, the
    board; and the reason that `why` finds."""

    form: str
    queue: dict[str, object]
    wish: dict[str, object]
    page: str
    board: str
    reason: Reason


@dataclass
class Everywhere:
    """A house with one wish in line, read in all places at once."""

    house: House
    visitor: Visitor
    api: Api
    helen: Insider
    path: str

    def read(self) -> Said:
        self.house.clock.pass_(seconds=5)  # or a board of before is shown
        client = self.visitor.client
        with self.house.store.reading() as tx:
            request = tx.requests.get(self.house.parts.statuses.by_secret(self.path[3:]).request.id)
            assert request is not None
            why = explain(read_facts(tx, request, self.house.queues["support"], self.house.guard))
            wish = tx.wishes.of(request.id)[0]
        headers = {"Authorization": "Bearer key-of-the-shop-system"}
        queue = client.get("/api/v1/queues/support/availability", headers=headers)
        status = self.house.parts.statuses.by_public_id(wish.public_id, "web")
        return Said(
            form=text_of(client.get("/")),
            queue=queue.json or {},
            wish={"expected": status.expected, "reason": status.why.reason},
            page=text_of(client.get(self.path)),
            board=text_of(self.helen.get("/board")),
            reason=why.reason,
        )


@pytest.fixture
def everywhere(house: House, visitor: Visitor, api: Api) -> Everywhere:
    house.user("helen", Grant(Role.SUPERVISOR))
    helen = Insider(house.client())
    helen.sign_in("helen")
    house.at_work()
    return Everywhere(house, visitor, api, helen, visitor.book())


def in_mode(house: House, mode: DeliveryMode) -> None:
    house.queues["support"] = replace(SUPPORT, mode=mode)  # type: ignore[index]


def phone(house: House, status: Device = Device.NOT_IN_USE, *, paused: bool = False) -> None:
    member = Member(
        asterisk_queue=ASTERISK_QUEUE, interface=PHONE, name="Anna", status=status, paused=paused
    )
    with house.store.writing() as tx:
        tx.queue_members.replace(SERVER, ASTERISK_QUEUE, (member,))


def look(house: House, user: User) -> None:
    """Her console is open."""
    assert house.parts.console is not None
    house.parts.console.see(user)


def no_time_is_said(said: Said, reason: Reason) -> None:
    assert said.reason is said.wish["reason"] is reason
    assert "we call between" not in said.form, said.form
    assert said.queue["expected_from"] is said.queue["expected_to"] is None
    assert said.wish["expected"] is None
    for promise in (PROMISE, "We call you by", "We call you between"):
        assert promise not in said.page, said.page


@pytest.mark.case("CASES 8: in preview open consoles can serve, and nobody else")
def test_in_preview_those_at_open_consoles_can_serve(everywhere: Everywhere, house: House) -> None:
    in_mode(house, DeliveryMode.PREVIEW)
    anna = house.user("anna", Grant(Role.AGENT), member=PHONE)
    phone(house)

    said = everywhere.read()  # six agents are logged in, one of them is free: no console is open
    no_time_is_said(said, Reason.NO_AGENT)
    assert said.queue["why_waiting"] == "no_agent" and said.queue["state"] == "open"
    assert "Nobody is at work in this department right now" in said.form
    assert "Nobody is at work in this department right now" in said.page
    assert "No agent has the console open" in said.board
    assert "no agent at an open console" in said.board and "Agents free 0 of 0" in said.board

    look(house, anna)
    said = everywhere.read()
    assert said.reason is Reason.NEXT and said.wish["expected"] is not None
    assert "we call between" in said.form and said.queue["expected_to"] is not None
    assert said.queue["why_waiting"] is None
    assert "We call you by" in said.page and PROMISE in said.page
    assert "Agents free 1 of 1" in said.board and "1 of 1 free" in said.board

    look(house, anna)
    phone(house, Device.IN_USE)
    said = everywhere.read()
    assert said.reason is Reason.ALL_BUSY and "Agents free 0 of 1" in said.board
    assert "The only one of us at work in Support is on a call." in said.page

    for status, paused in ((Device.UNAVAILABLE, False), (Device.NOT_IN_USE, True)):
        look(house, anna)
        phone(house, status, paused=paused)
        no_time_is_said(everywhere.read(), Reason.NO_AGENT)


@pytest.mark.case("CASES 8: who is offered nothing serves nobody")
def test_who_may_not_be_rung_serves_nobody(everywhere: Everywhere, house: House) -> None:
    in_mode(house, DeliveryMode.PREVIEW)
    anna = house.user("anna", Grant(Role.AGENT), member=PHONE)
    phone(house)
    for members, reason in (("PJSIP/2*", Reason.NO_AGENT), ("PJSIP/*", Reason.NEXT)):
        queue = house.queues["support"]
        preview = replace(queue.preview, members=MemberRules((members,)))
        house.queues["support"] = replace(queue, preview=preview)  # type: ignore[index]
        look(house, anna)
        assert everywhere.read().reason is reason


@pytest.mark.case("CASES 8: who has something in hand is not free")
def test_in_preview_who_has_something_in_hand_is_not_free(
    everywhere: Everywhere, house: House
) -> None:
    in_mode(house, DeliveryMode.PREVIEW)
    anna = house.user("anna", Grant(Role.AGENT), member=PHONE)
    phone(house)
    other = house.submit("020 7946 0123")
    with house.store.writing() as tx:
        request = tx.requests.get(other.request.id)
        assert request is not None
        offered = request.evolve(state=RequestState.OFFERED)
        tx.requests.change(request, offered, actor="test", reason="offered")
        made = tx.offers.add(
            request_id=request.id,
            user_id=anna.id,
            member=PHONE,
            offered_at=tx.now,
            answer_by=tx.now + timedelta(minutes=1),
        )
    look(house, anna)
    said = everywhere.read()
    assert said.reason is Reason.ALL_BUSY and "Agents free 0 of 1" in said.board
    page = text_of(everywhere.visitor.client.get(f"/c/{other.secret}"))
    assert "One of us is looking at your request" in page and PROMISE in page
    with house.store.writing() as tx:
        tx.offers.change(made, made.evolve(ended_at=tx.now, outcome=OfferOutcome.PASSED_ON))
    look(house, anna)
    assert everywhere.read().reason is Reason.NEXT


def no_dispatcher(house: House) -> None:
    with house.store.writing() as tx:
        me = house.at_work_name()
        tx.servers.unregister(me.name, me.epoch)


def asterisk_down(house: House) -> None:
    me = house.at_work_name()
    with house.store.writing() as tx:
        tx.servers.renew_lease(me.name, me.epoch, timedelta(days=1), False, "no link")


def gate_unreachable(house: House) -> None:
    asterisk_down(house)
    with house.store.writing() as tx:
        tx.alarms.raise_alarm(
            AlarmCondition(name=AlarmName.GATE, server=tx.servers.all()[0].server)
        )


def held(house: House) -> None:
    with house.store.writing() as tx:
        holds.stop(tx, actor="helen")


STOPS: dict[str, tuple[Callable[[House], None], Reason]] = {
    "no-dispatcher": (no_dispatcher, Reason.NO_DISPATCHER),
    "asterisk-down": (asterisk_down, Reason.ASTERISK_DOWN),
    "gate-unreachable": (gate_unreachable, Reason.SYSTEM_FAULT),
    "held": (held, Reason.HELD),
}


@pytest.mark.case("CASES 8: no place promises a time while the service is down")
@pytest.mark.parametrize("on_its_way", [False, True])
@pytest.mark.parametrize("stop", STOPS)
def test_while_calls_are_stopped_no_place_says_a_time(
    everywhere: Everywhere, house: House, stop: str, on_its_way: bool
) -> None:
    """Also of a call for which an agent's phone rang already: it comes no further."""
    if on_its_way:
        house.claimed()
        assert "Any moment now" in everywhere.read().page
    bring_about, reason = STOPS[stop]
    bring_about(house)
    said = everywhere.read()
    no_time_is_said(said, reason)
    assert "Your place is kept" in said.page and KEPT in said.page
    if reason is not Reason.HELD:
        assert "as soon as we can" in said.form and said.queue["why_waiting"] == reason.value
    later = everywhere.visitor.book(phone="020 7946 0123")
    assert house.parts.statuses.by_secret(later[3:]).wish.promised_to is None


@pytest.mark.case("CASES 8: a form of notify mode promises no call")
def test_where_no_calls_are_made_the_form_promises_none(
    everywhere: Everywhere, house: House
) -> None:
    in_mode(house, DeliveryMode.NOTIFY)
    said = everywhere.read()
    no_time_is_said(said, Reason.NOTED)
    assert "Our team is told They get in touch with you themselves." in said.form
    assert "Your phone rings when" not in said.form and "We ring from" not in said.form
    assert "We ring from" not in said.page


@pytest.mark.case("CASES 8: one expected time")
def test_nobody_is_promised_a_time_after_closing(everywhere: Everywhere, house: House) -> None:
    """Half an hour of calls stand before a wish, and it is open for ten more minutes."""
    hours = Hours(zone="Europe/London", week=((OpeningSpan(480, 14 * 60 + 12),),) * 7)
    house.queues["support"] = replace(SUPPORT, hours=hours)  # type: ignore[index]
    house.at_work(QueueStatus(known=True, logged_in=1, callers=9))
    said = everywhere.read()
    assert said.queue["state"] == "full" and said.wish["expected"] is None
    assert "We call you between" not in said.page and KEPT in said.page
    house.at_work(QueueStatus(known=True, logged_in=1, callers=1))
    closing = house.clock.now.replace(minute=12, second=0)
    expected = house.parts.statuses.by_secret(everywhere.path[3:]).expected
    assert expected is not None and expected.latest == closing


@pytest.mark.case("CASES 8: a chart never contradicts the sentence beside it")
def test_the_picture_shows_the_time_that_the_heading_says(
    everywhere: Everywhere, house: House
) -> None:
    """What was promised and can't be kept stays in words; once it is over, in the picture, too."""
    house.at_work(QueueStatus(known=True, logged_in=1, callers=9))
    said = everywhere.read().page
    assert "We call you between" in said and "We said between 14:01 and 14:02 ." in said
    assert "It takes longer than we thought" in said and "our promise" not in said
    no_dispatcher(house)
    page = everywhere.visitor.client.get(everywhere.path)
    assert 'class="line"' not in page.text, "no time can be said, and none is drawn"
    assert "We said between 14:01 and 14:02 , and can’t be sure of that now." in text_of(page)
    house.clock.pass_(minutes=5)
    page = everywhere.visitor.client.get(everywhere.path)
    assert "4 minutes late" in text_of(page) and "line-late" in page.text
