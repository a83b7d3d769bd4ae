"""What a supervisor does on the board, in a real browser: switches, a row's menu, many at once."""

import pytest
from playwright.sync_api import Page, expect

from asterisk_callback.domain.hold import HoldKind
from tests.browser import axe
from tests.browser.conftest import Shoot
from tests.browser.steps import Contexts, fits
from tests.browser.test_board import a_day
from tests.browser.test_inside import ONE_LOOK, sign_in
from tests.web.house import House


def open_board(house: House, contexts: Contexts, width: int, scheme: str) -> tuple[Page, str]:
    """A supervisor's board, and how its pictures are named."""
    a_day(house)
    size = {"width": 1440 if width > 320 else 320, "height": 900}
    page = contexts(viewport=size, color_scheme=scheme).new_page()
    sign_in(page, "helen")
    expect(page.get_by_role("rowheader", name="Chloé Martin")).to_be_visible()
    return page, f"{size['width']}-{scheme}"


@pytest.mark.thorough
@pytest.mark.parametrize(("width", "scheme"), ONE_LOOK)
def test_the_switches(
    house: House, new_context: Contexts, shoot: Shoot, width: int, scheme: str
) -> None:
    page, name = open_board(house, new_context, width, scheme)
    page.get_by_text("Offer callbacks").click()
    page.get_by_role("textbox", name="Why").fill("Storm")
    shoot(page, f"board-switch-{name}")
    axe.nothing_found(page)
    page.get_by_role("button", name="Stop offering").click()
    expect(page.get_by_text("No callbacks are offered in any queue since")).to_be_visible()
    expect(page.get_by_text("calls go out: on")).to_be_visible()
    axe.nothing_found(page)
    fits(page, shoot, f"board-unoffered-{name}")
    with house.store.reading() as tx:
        assert [one.reason for one in tx.holds.active(HoldKind.INTAKE)] == [
            "Storm"
        ] and not tx.holds.active()
    page.get_by_role("switch", name="Offer callbacks").click()
    expect(page.get_by_text("on the website: on")).to_be_visible()


@pytest.mark.thorough
@pytest.mark.parametrize(("width", "scheme"), ONE_LOOK)
def test_a_rows_menu(
    house: House, new_context: Contexts, shoot: Shoot, width: int, scheme: str
) -> None:
    page, name = open_board(house, new_context, width, scheme)
    menu = page.get_by_label("Actions for Ben Okafor")
    menu.click()
    axe.nothing_found(page)
    shoot(page, f"board-menu-{name}")
    page.get_by_role("button", name="Call next").click()
    expect(page.get_by_text("First in line now.")).to_be_visible()
    page.get_by_label("Actions for Chloé Martin").click()
    page.get_by_role("link", name="Show the story").click()
    expect(page.get_by_role("heading", name="Chloé Martin’s story")).to_be_visible()
    axe.nothing_found(page)
    fits(page, shoot, f"board-picked-{name}")
    page.get_by_label("Actions for Eva Lindqvist").click()
    page.get_by_role("table").first.get_by_role("link", name="Move").click()
    expect(page.get_by_role("heading", name="Give to another queue")).to_be_visible()
    expect(page.get_by_role("link", name="larkmoor.example/help")).to_be_visible()
    axe.nothing_found(page)
    fits(page, shoot, f"board-actions-{name}")
    page.get_by_label("Time").select_option(label="15:30")
    page.get_by_role("button", name="Move the call").click()
    expect(page.get_by_text("Moved. Whoever asked is told.")).to_be_visible()
    page.get_by_role("button", name="Give it away").click()
    expect(page.get_by_text("Choose the queue that is to have it.")).to_be_visible()
    page.get_by_label("Queue", exact=True).select_option("Sales")
    page.get_by_role("button", name="Give it away").click()
    expect(page.get_by_text("Given to Sales.")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), ONE_LOOK)
def test_many_are_cancelled(
    house: House, new_context: Contexts, shoot: Shoot, width: int, scheme: str
) -> None:
    page, name = open_board(house, new_context, width, scheme)
    for who in ("Chloé Martin", "Ben Okafor"):
        page.get_by_label(f"Choose {who}").check()
    page.get_by_role("button", name="Cancel those chosen").click()
    expect(page.get_by_role("heading", name="Cancel 2 calls?")).to_be_visible()
    expect(page.get_by_text("Ben Okafor")).to_be_visible()
    axe.nothing_found(page)
    fits(page, shoot, f"board-cancel-{name}")
    page.get_by_role("button", name="Cancel 2 calls").click()
    expect(page.get_by_text("Say why: it stands in the story of each.")).to_be_visible()
    axe.nothing_found(page)
    page.get_by_label("Why they are cancelled").fill("Fire drill")
    page.get_by_role("button", name="Cancel 2 calls").click()
    expect(page.get_by_text("2 calls cancelled.")).to_be_visible()
    expect(page.get_by_role("rowheader", name="Ben Okafor")).to_have_count(0)


def test_the_charts_and_their_table(house: House, new_context: Contexts) -> None:
    page, _ = open_board(house, new_context, 1440, "light")
    chart = page.get_by_role("img", name="Callbacks by half hour")
    expect(chart).to_be_visible()
    page.get_by_text("Show as a table").click()
    table = page.get_by_role("table").last
    expect(table.get_by_role("rowheader").first).to_have_text("14:00")
    expect(page.get_by_role("img", name="Each dot is one of today’s")).to_be_visible()
    axe.nothing_found(page)


@pytest.mark.thorough
def test_what_is_ticked_stays(house: House, page: Page) -> None:
    """The board renews itself, but not what somebody is at work in."""
    a_day(house)
    sign_in(page, "helen")
    page.get_by_label("Choose Ben Okafor").check()
    house.submit("020 7946 0150", name="Grace Lee")
    expect(page.locator(".figure", has_text="Waiting now").locator(".figure-value")).to_have_text(
        "3"
    )
    expect(page.get_by_label("Choose Ben Okafor")).to_be_checked()
    page.get_by_label("Choose Ben Okafor").uncheck()
    page.get_by_role("heading", level=1).click()
    expect(page.get_by_role("rowheader", name="Grace Lee")).to_be_visible()


def test_without_script(house: House, new_context: Contexts) -> None:
    """Menus, switches and ticks are plain HTML."""
    a_day(house)
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, "helen")
    page.get_by_label("Actions for Ben Okafor").click()
    page.get_by_role("button", name="Call next").click()
    expect(page.get_by_text("First in line now.")).to_be_visible()
    page.get_by_text("Dial customers").click()
    page.get_by_role("button", name="Stop dialling").click()
    expect(page.get_by_text("All dialling is stopped since")).to_be_visible()
    page.get_by_role("switch", name="Dial customers").click()
    expect(page.get_by_text("calls go out: on")).to_be_visible()
    page.get_by_role("button", name="Cancel all on this page").click()
    expect(page.get_by_role("heading", name="Cancel 5 calls?")).to_be_visible()
