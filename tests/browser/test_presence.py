"""The agent's phone in the bar, and the agents on the board, in a real browser."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from asterisk_callback.domain.account import Grant, Role
from asterisk_callback.domain.queue_member import Device
from tests.browser import axe
from tests.browser.conftest import Shoot
from tests.browser.steps import Contexts, fits, renews_itself_no_more
from tests.browser.test_inside import ONE_LOOK, sign_in
from tests.web.house import House
from tests.web.test_presence import ANNA, carry_out, put


@pytest.mark.parametrize(("width", "scheme"), ONE_LOOK)
def test_the_bar_without_script(
    house: House, new_context: Contexts, shoot: Shoot, width: int, scheme: str
) -> None:
    house.user("anna", member="PJSIP/anna")
    put(house, ANNA)
    house.asterisk = lambda: carry_out(house)
    size = {"width": width, "height": 700}
    page = new_context(viewport=size, color_scheme=scheme, java_script_enabled=False).new_page()
    sign_in(page)
    expect(page.get_by_text("Phone anna: ready")).to_be_visible()
    renews_itself_no_more(page)
    page.locator(".presence > summary").click()
    expect(page.get_by_role("button", name="Pause: lunch")).to_be_visible()
    fits(page, shoot, f"presence-{width}-{scheme}")
    page.get_by_role("button", name="Pause: lunch").click()
    expect(page.locator(".presence > summary")).to_have_text("Paused: Lunch")
    fits(page, shoot, f"presence-paused-{width}-{scheme}")


@pytest.mark.parametrize(("width", "scheme"), ONE_LOOK)
def test_bar_and_board(
    house: House, new_context: Contexts, shoot: Shoot, width: int, scheme: str
) -> None:
    house.user("anna", Grant(Role.SUPERVISOR), member="PJSIP/anna")
    others = [
        replace(ANNA, interface="PJSIP/ben", name="Ben Okafor", status=Device.IN_USE),
        replace(ANNA, interface="PJSIP/cleo", name="Cleo", paused=True, paused_reason="Lunch"),
        replace(ANNA, interface="PJSIP/dan", name="Dan", status=Device.RINGING),
        replace(ANNA, interface="PJSIP/eve", name="Eve", status=Device.UNAVAILABLE),
    ]
    put(house, ANNA, *others)
    size = {"width": 1440 if width > 320 else 320, "height": 900}
    page = new_context(viewport=size, color_scheme=scheme).new_page()
    sign_in(page)
    page.get_by_role("link", name="Board").click()
    card = page.get_by_role("region", name="Agents")
    expect(card.get_by_text("Ben Okafor")).to_be_visible()
    expect(card.get_by_text("lunch")).to_be_visible()
    axe.nothing_found(page)
    page.locator(".presence > summary").click()
    expect(page.get_by_role("button", name="Log out of my queues")).to_be_visible()
    axe.nothing_found(page)
    fits(page, shoot, f"board-agents-{size['width']}-{scheme}")
