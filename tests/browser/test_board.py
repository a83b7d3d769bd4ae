"""The supervisor's board in a real browser: axe, both schemes, both widths, and what is live."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from asterisk_callback.domain.account import Grant, Role
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.pacing import QueueStatus
from tests.browser import axe
from tests.browser.conftest import Shoot, patience
from tests.browser.steps import Contexts, fits
from tests.browser.test_inside import TWO_LOOKS, sign_in
from tests.web.house import SALES, House

NONE_FREE = QueueStatus(known=True, logged_in=6, free=0)


def a_day(house: House) -> None:
    """Some were called, one is late, one is on the line, two wait, two booked a time."""
    sales = replace(SALES, asterisk_queue="sales")
    house.queues["sales"] = sales  # type: ignore[index]
    house.user("helen", Grant(Role.SUPERVISOR))
    house.at_work()
    for n in range(3):
        house.submit(f"020 7946 01{30 + n}")
        house.ends(house.talking(), Disposition.ANSWERED)
        house.clock.pass_(minutes=2)
    house.submit("020 7946 0140", name="Amira Haddad", topic="Moving home")
    house.ends(house.ringing(), Disposition.BUSY)
    house.submit("020 7946 0141", name="Chloé Martin", topic="A bill")
    house.clock.pass_(minutes=9)
    house.submit("020 7946 0142", name="Ben Okafor", topic="No connection")
    where = f"https://larkmoor.example/help/{'moving-home-' * 9}"
    at = "2026-11-23T15:00"
    house.submit("020 7946 0143", name="Eva Lindqvist", scheduled_for=at, page=where)
    house.submit("020 7946 0144", name="Farid Rahimi", scheduled_for="2026-11-24T10:15")
    house.at_work(NONE_FREE)


@pytest.mark.parametrize(("width", "scheme"), TWO_LOOKS)
def test_the_board(
    house: House, new_context: Contexts, shoot: Shoot, width: int, scheme: str
) -> None:
    a_day(house)
    size = {"width": 1440 if width > 320 else 320, "height": 900}
    page = new_context(viewport=size, color_scheme=scheme).new_page()
    sign_in(page, "helen")
    expect(page.get_by_role("heading", name="Who is waiting, and why")).to_be_visible()
    expect(page.get_by_text("min late").first).to_be_visible()
    axe.nothing_found(page)
    fits(page, shoot, f"board-{size['width']}-{scheme}")
    page.get_by_text("Dial customers").click()
    axe.nothing_found(page)
    page.get_by_role("textbox", name="Why").fill("Fire drill")
    page.get_by_role("button", name="Stop dialling").click()
    expect(page.get_by_text("All dialling is stopped since")).to_be_visible()
    axe.nothing_found(page)
    fits(page, shoot, f"board-stopped-{size['width']}-{scheme}")
    page.get_by_role("link", name="Chloé Martin").click()
    expect(page.get_by_role("heading", name="The story")).to_be_visible()
    axe.nothing_found(page)
    fits(page, shoot, f"board-request-{size['width']}-{scheme}")


@pytest.mark.thorough
def test_it_is_live(house: House, page: Page) -> None:
    house.user("helen", Grant(Role.SUPERVISOR))
    sign_in(page, "helen")
    expect(page.get_by_text("Nobody is waiting")).to_be_visible()
    house.submit(name="Chloé Martin")
    expect(page.get_by_role("rowheader", name="Chloé Martin")).to_be_visible()
    expect(page.get_by_text("Live, 14:01")).to_be_visible()
    page.route("**/board/fragment*", lambda route: route.fulfill(status=410))
    expect(page.get_by_text("No connection, as of 14:01")).to_be_visible(timeout=patience())
    page.unroute("**/board/fragment*")
    expect(page.get_by_text("Live, 14:01")).to_be_visible(timeout=patience())


def test_without_script(house: House, new_context: Contexts) -> None:
    house.user("helen", Grant(Role.SUPERVISOR))
    house.submit(name="Chloé Martin")
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, "helen")
    expect(page.get_by_role("rowheader", name="Chloé Martin")).to_be_visible()
    expect(page.get_by_text("As of 14:01")).to_be_visible()
