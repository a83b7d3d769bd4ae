"""Agents' phones on a real Asterisk: what is seen of them, and what they ask of their queues."""

from collections.abc import Callable, Iterator

import pytest

from asterisk_callback.bootstrap.web import phones
from asterisk_callback.bootstrap.web import users as users_of
from asterisk_callback.domain.account import Grant, Role, User
from asterisk_callback.domain.queue_member import Device, Presence
from asterisk_callback.services.console.phone import AgentPhone, Button
from tests.lab import behaviours, deployment_files
from tests.lab.calls import ask
from tests.lab.deployment import Deployment
from tests.lab.pbx import Queue
from tests.lab.waiting import PATIENCE, until
from tests.marks import mainly

pytestmark = pytest.mark.asterisk

FLOOR = {
    "title": "Floor",
    "asterisk_queue": "floor",
    "trunk": "main",
    **deployment_files.known("brief_talk", {"times": 0}),
}


class AgentPhones:
    """An agent with a phone: of a queue whose members are written in queues.conf (support), and of
    one to which agents log in (floor)."""

    def __init__(self, lab: Deployment) -> None:
        self.lab = lab
        self.phones = phones(lab.settings, lab.store)
        self.users = users_of(lab.settings, lab.store)

    def user(self, login: str, member: str) -> User:
        grants = (Grant(Role.AGENT, "support"), Grant(Role.AGENT, "floor"))
        with self.lab.store.reading() as tx:
            found = tx.accounts.user_by_login(login)
        return found or self.users.add(login, login, member=member, grants=grants, actor="test")

    def press(self, user: User, button: Button, reason: str = "") -> AgentPhone:
        self.phones.press(user, button, reason)
        phone = self.phones.wait(user, PATIENCE)
        assert phone is not None and phone.settled, phone
        return phone

    def wait(self, user: User, fits: Callable[[AgentPhone], bool], what: str) -> AgentPhone:
        def probe() -> AgentPhone | None:
            phone = self.phones.of(user)
            return phone if phone is not None and fits(phone) else None

        return until(probe, PATIENCE, what, 0.05)

    def shows(self, queue: str) -> str:
        return self.lab.bed.pbx.cli(f"queue show {queue}")


@pytest.fixture(scope="module", params=mainly(["22", "16"], "22"))
def product(request: pytest.FixtureRequest) -> Iterator[Deployment]:
    queues = (*deployment_files.ASTERISK_QUEUES, Queue("floor", ()))
    with Deployment(
        request.param, queues=queues, settings={"queues": {"floor": FLOOR}}, record_ami=True
    ) as lab:
        yield lab


@pytest.fixture
def agents(product: Deployment) -> Iterator[AgentPhones]:
    product.reset()
    agents = AgentPhones(product)
    yield agents
    pbx = product.bed.pbx
    for interface in ("PJSIP/1001", "Local/1002@callback-member/n"):
        for queue in ("floor", "support"):
            pbx.ami.action("QueueRemove", Queue=queue, Interface=interface)
        pbx.ami.action("QueuePause", Interface=interface, Paused="false")


def in_floor(phone: AgentPhone) -> AgentPhone:
    """Only what is seen there."""
    (place,) = [one for one in phone.places if one.asterisk_queue == "floor"]
    return AgentPhone(interface=phone.interface, known=True, places=(place,))


def test_in_out_and_pauses(agents: AgentPhones) -> None:
    anna = agents.user("anna", "PJSIP/1001")
    before = agents.phones.of(anna)
    assert before is not None and before.known and not before.everywhere
    assert not in_floor(before).logged_in

    there = agents.press(anna, Button.LOG_IN)
    assert there.everywhere and there.presence is Presence.FREE and there.trouble == ()
    assert "PJSIP/1001" in agents.shows("floor")

    lunch = agents.press(anna, Button.PAUSE, "Lunch")
    assert lunch.paused and lunch.reason == "Lunch" and lunch.presence is Presence.PAUSED
    assert "Lunch" in agents.shows("floor") and "Lunch" in agents.shows("support")
    other = agents.press(anna, Button.PAUSE, "Short break")
    assert other.reason == "Short break"

    back = agents.press(anna, Button.AVAILABLE)
    assert not back.paused_somewhere and back.presence is Presence.FREE

    gone = agents.press(anna, Button.LOG_OUT)
    assert not in_floor(gone).logged_in
    assert gone.trouble == (
        "PJSIP/1001 is a static member of support (queues.conf): it can be paused, but not logged "
        "out.",
    )
    assert "PJSIP/1001" not in agents.shows("floor")
    proxy = agents.lab.proxy
    assert proxy is not None
    sent = [*proxy.actions("QueueAdd"), *proxy.actions("QueuePause")]
    assert len(sent) == 1 + 2 + 2 + 2  # each order once, and nothing without one


def test_a_phone_that_rings_talks_and_goes(agents: AgentPhones) -> None:
    anna = agents.user("anna", "PJSIP/1001")
    agents.press(anna, Button.LOG_IN)
    customer = behaviours.answer(after=0.1)
    call = ask(agents.lab, customer, {"1001": behaviours.ring()}, queue="floor")
    # The phones of the test bed have device_state_busy_at=1: for 22 a ringing one is busy.
    rings = {"22": Presence.BUSY, "16": Presence.RINGING}[agents.lab.version]
    agents.wait(anna, lambda one: one.presence is rings, "the phone to ring")
    call.agent_answers("1001")
    talking = agents.wait(
        anna, lambda one: in_floor(one).members[0].in_call, "the phone to be in a call"
    )
    assert talking.presence is Presence.TALKING and talking.since is not None
    call.wait("talking")
    assert (call.attempt.agent, call.attempt.member) == ("PJSIP/1001", "PJSIP/1001")
    call.world.hang_up("1001")
    agents.wait(anna, lambda one: one.presence is Presence.FREE, "the phone to be free")
    agents.lab.bed.log_out("1001")
    agents.wait(anna, lambda one: one.device is Device.UNAVAILABLE, "the phone to be gone")
    agents.lab.bed.log_in("1001")
    agents.wait(anna, lambda one: one.presence is Presence.FREE, "the phone to be back")
    call.wait("completed")
    call.rings(1)


def test_who_confirms_by_a_key_is_seen_by_their_real_phone(agents: AgentPhones) -> None:
    ben = agents.user("ben", "Local/1002@callback-member/n")
    phone = agents.press(ben, Button.LOG_IN)
    assert in_floor(phone).presence is Presence.FREE
    agents.lab.bed.log_out("1002")
    agents.wait(ben, lambda one: in_floor(one).presence is Presence.GONE, "the real phone to go")
    agents.lab.bed.log_in("1002")
    agents.wait(ben, lambda one: in_floor(one).presence is Presence.FREE, "the real phone")


def test_nothing_is_known_while_asterisk_is_away(agents: AgentPhones) -> None:
    anna = agents.user("anna", "PJSIP/1001")
    agents.lab.bed.pbx.kill()
    agents.wait(anna, lambda one: not one.known and not one.members, "the link to be lost")
    agents.lab.bed.restart_pbx()
    agents.wait(anna, lambda one: one.known and one.logged_in, "the members to be known again")


def test_without_the_right_it_says_what_is_missing(agents: AgentPhones) -> None:
    anna = agents.user("anna", "PJSIP/1001")
    manager = agents.lab.folder / "manager_callback.conf"
    text = manager.read_text()

    def login(rights: str) -> None:
        manager.write_text(text.replace("originate,call,reporting,agent", rights))
        agents.lab.bed.pbx.cli("manager reload")
        assert agents.lab.proxy is not None
        agents.lab.proxy.cut()
        agents.wait(anna, lambda one: not one.known, "the link to be lost")
        agents.wait(anna, lambda one: one.known and one.logged_in, "the link to be back")

    login("originate,call,reporting")
    try:
        refused = agents.press(anna, Button.PAUSE, "Lunch")
        assert "write=agent" in refused.trouble[0] and not refused.paused_somewhere
    finally:
        login("originate,call,reporting,agent")
    assert agents.press(anna, Button.PAUSE, "Lunch").paused
