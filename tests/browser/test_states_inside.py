"""Board and console in every mode and state: a picture of each, nothing cut off, and axe finds
nothing."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from asterisk_callback.domain.account import Grant, Role
from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.hold import Hold
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.progress import AgentRings, CustomerAnswers, CustomerRings
from asterisk_callback.domain.queue_member import Device
from asterisk_callback.services.calling.claim import claim
from asterisk_callback.services.calling.gate import Gate
from asterisk_callback.services.calling.progress import Progress
from asterisk_callback.services.console.offering import OfferService
from asterisk_callback.services.console.view import Stage
from tests.browser import axe
from tests.browser.conftest import Shoot
from tests.browser.steps import fits
from tests.browser.test_inside import sign_in
from tests.web.consoles import HandMade
from tests.web.house import SALES, SERVER, SUPPORT, House
from tests.web.test_presence import ANNA

pytestmark = pytest.mark.browser
MANY = QueueStatus(known=True, logged_in=6, free=6)


def attempt(house: House, mode: DeliveryMode) -> Attempt:
    queue = replace(SUPPORT, mode=mode)
    (claimed,) = claim(house.store, house.at_work(MANY), queue, MANY, house.guard)
    return claimed.attempt


def a_company(house: House, mode: DeliveryMode) -> None:
    """Support in this mode, with a callback in each state that there is."""
    house.queues["sales"] = replace(SALES, asterisk_queue="sales")  # type: ignore[index]
    house.queues["support"] = replace(SUPPORT, mode=mode)  # type: ignore[index]
    calling = (
        mode
        if mode in (DeliveryMode.AGENT_FIRST, DeliveryMode.CUSTOMER_FIRST)
        else DeliveryMode.AGENT_FIRST
    )
    gate = Gate(store=house.store, queues=house.queues, guard=house.guard)
    progress = Progress(store=house.store, queues=house.queues)
    for n, (name, steps) in enumerate(
        {
            "Wanda Busy": (Disposition.BUSY,),
            "Theo Done": (CustomerAnswers, Disposition.ANSWERED),
            "Lina Fault": (Disposition.TRUNK_FAULT,),
            "Tamar Talks": (CustomerAnswers,),
            "Rika Rings": (CustomerRings,),
            "Ada Claimed": (),
        }.items()
    ):
        house.submit(f"0161 496 013{n}", name=name, topic="Moving home")
        one = attempt(house, calling)
        if steps and calling is DeliveryMode.AGENT_FIRST:
            progress.report(AgentRings(token=one.token, agent="Priya"), house.at_work(MANY))
        if steps:
            gate.ask(one.token)
            progress.report(CustomerRings(token=one.token), house.at_work(MANY))
        for step in steps:
            if isinstance(step, Disposition):
                house.ends(one, step, rung=step is not Disposition.TRUNK_FAULT)
            else:
                progress.report(step(token=one.token), house.at_work(MANY))
        house.clock.pass_(minutes=1)
    for n, name in enumerate(("Olga Offered", "Vera Taken", "Carl Asked", "First Inline", "")):
        house.submit(f"020 7946 014{n}", name=name, topic="A bill")
        house.clock.pass_(seconds=20)
    house.submit("0121 496 0150", "sales", name="Sally Sales")
    house.submit("0121 496 0151", name="Eva Later", scheduled_for="2026-11-23T16:00")
    house.submit("0121 496 0152", name="Farid Tomorrow", scheduled_for="2026-11-24T10:15")
    if mode is DeliveryMode.PREVIEW:
        on_consoles(house)


def on_consoles(house: House) -> None:
    """One offered, one taken, one asked for."""
    console = house.parts.console
    assert console is not None
    offering = OfferService(store=house.store, queues=house.queues, guard=house.guard)
    for n, login in enumerate(("otto", "vito", "caro")):
        user = house.user(login, Grant(Role.AGENT), member=f"PJSIP/{login}")
        console.see(user)
        support = house.queues["support"]
        assert offering.offer(house.at_work(MANY), support, {f"PJSIP/{login}"})
        hand = console.see(user).in_hand
        assert hand is not None and hand.offer is not None
        if n:
            console.take(user, hand.offer.id)
        if n == 2:
            console.call_back(user, hand.offer.id, "020 7946 0142")


def members(house: House) -> None:
    put = [
        replace(
            ANNA, interface=f"PJSIP/{device}", name=f"{device.name.title()} Person", status=device
        )
        for device in Device
    ]
    with house.store.writing() as tx:
        tx.queue_members.replace(SERVER, "support", put)


def shown(page: Page, shoot: Shoot, name: str) -> None:
    for width, scheme in ((1280, "light"), (320, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(reduced_motion="reduce", color_scheme=scheme)  # type: ignore[arg-type]
        fits(page, shoot, f"{name}-{width}-{scheme}")
        axe.nothing_found(page)


@pytest.mark.thorough
@pytest.mark.case("CASES 8: the board in every mode and state")
@pytest.mark.parametrize("mode", DeliveryMode)
def test_the_board(house: House, page: Page, shoot: Shoot, mode: DeliveryMode) -> None:
    house.user("helen", Grant(Role.SUPERVISOR))
    a_company(house, mode)
    members(house)
    sign_in(page, "helen")
    expect(page.get_by_role("heading", name="Who is waiting, and why")).to_be_visible()
    shown(page, shoot, f"board-{mode}")
    for name in page.locator(".who a").all_inner_texts():
        page.get_by_role("link", name=name, exact=True).first.click()
        expect(page.get_by_role("heading", name="The story")).to_be_visible()
        shown(page, shoot, f"request-{mode}-{name.replace(' ', '-')}")
        page.goto("/board")


def nobody_there(house: House) -> None:
    house.at_work(QueueStatus(known=True))


def no_dispatcher(house: House) -> None:
    house.clock.pass_(days=500)


def stopped(house: House) -> None:
    with house.store.writing() as tx:
        for scope in ("", "support"):
            tx.holds.add(Hold(scope=scope, since=house.clock(), actor="tests", reason="Fire drill"))


STATES = {"nobody-there": nobody_there, "no-dispatcher": no_dispatcher, "stopped": stopped}


@pytest.mark.thorough
@pytest.mark.parametrize("state", STATES)
def test_the_board_in_trouble(house: House, page: Page, shoot: Shoot, state: str) -> None:
    house.user("helen", Grant(Role.SUPERVISOR))
    for n in range(3):
        house.submit(f"020 7946 014{n}", name=f"Caller {n}")
    house.clock.pass_(minutes=40)
    house.at_work(MANY)
    STATES[state](house)
    sign_in(page, "helen")
    expect(page.get_by_role("heading", name="Who is waiting, and why")).to_be_visible()
    shown(page, shoot, f"board-{state}")


@pytest.mark.thorough
@pytest.mark.case("CASES 8: the console in every mode and state")
@pytest.mark.parametrize("mode", [DeliveryMode.AGENT_FIRST, DeliveryMode.CUSTOMER_FIRST])
def test_the_console(console: HandMade, priya: Page, shoot: Shoot, mode: DeliveryMode) -> None:
    """Preview, with its stages of its own, is test_console_pages'."""
    for stage in (Stage.CALLING, Stage.RINGING, Stage.TALKING, Stage.WRAP_UP):
        console.put(stage, mode=mode, offer=None, attempts=[])
        priya.goto("/agent")
        expect(priya.locator(f'#live[data-stage="{stage}"]')).to_be_attached()
        shown(priya, shoot, f"console-{mode}-{stage}")
