"""The form, in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from asterisk_callback.domain.hold import Hold
from asterisk_callback.domain.pacing import QueueStatus
from tests.browser.axe import nothing_found
from tests.browser.conftest import Shoot
from tests.browser.steps import Contexts, ask, fits, painted
from tests.web.house import NUMBER, OFFICE, SUPPORT, House
from tests.web.test_form import KEPT

pytestmark = pytest.mark.browser
DESK = {"width": 1280, "height": 900}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Support is always open, the office by day."""
    built = House(tmp_path, queues={"support": SUPPORT, "office": OFFICE})
    yield built
    built.close()


def test_a_mistake_keeps_what_was_typed_and_takes_the_focus(page: Page, shoot: Shoot) -> None:
    page.goto("/")
    page.get_by_label("Name").fill("Ada Lovelace")
    page.get_by_label("What is it about?").select_option("A bill")
    page.get_by_text("Add a note or your e-mail").click()
    page.get_by_label("Note for the person who calls").fill("\nThe light is red.\nSince Monday.")
    page.get_by_label("E-mail (optional)").fill("ada@example.org")
    page.get_by_label("Phone number").fill("0909 879 0000")
    page.get_by_role("button", name="Call me back").click()
    expect(page.get_by_role("alert")).to_be_focused()
    shoot(page, "form-error")
    expect(page.get_by_label("Name")).to_have_value("Ada Lovelace")
    expect(page.get_by_label("What is it about?")).to_have_value("A bill")
    expect(page.get_by_label("E-mail (optional)")).to_have_value("ada@example.org")
    about = page.get_by_label("Note for the person who calls")
    expect(about).to_have_value("\nThe light is red.\nSince Monday.")
    page.get_by_role("alert").get_by_role("link").click()
    phone = page.get_by_label("Phone number")
    expect(phone).to_be_focused()
    expect(phone).to_have_attribute("aria-invalid", "true")
    phone.fill(NUMBER)
    phone.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(KEPT)


def test_a_chosen_time(page: Page, shoot: Shoot) -> None:
    page.goto("/")
    expect(page.get_by_role("group", name="Day")).to_be_hidden()
    page.get_by_label("At a time I choose").check()
    page.get_by_label("Tue 24 Nov").check()
    page.get_by_role("radiogroup", name="Time tomorrow").get_by_label("10:15").check()
    nothing_found(page)
    page.get_by_label("Phone number").fill(NUMBER)
    shoot(page, "form-time")
    page.get_by_role("button", name="Call me back").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile(r"We call you tomorrow at\s+10:15")
    )
    shoot(page, "status-scheduled")


def test_going_back_and_sending_again_is_one_wish(page: Page, house: House) -> None:
    ask(page)
    expect(page).to_have_url(re.compile("/c/"))
    first = page.url
    page.go_back()
    expect(page.get_by_label("Phone number")).to_have_value(NUMBER)
    page.get_by_role("button", name="Call me back").click()
    expect(page).to_have_url(first)
    assert len(house.requests()) == 1


def test_by_keyboard_alone(page: Page) -> None:
    page.goto("/")
    painted(page)
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the form")).to_be_focused()
    for _ in range(3):  # the company's name, the department, the country
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type(NUMBER)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("At a time I choose")).to_be_checked()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(KEPT)


def test_the_visitors_own_zone(new_context: Contexts, house: House, shoot: Shoot) -> None:
    page = new_context(timezone_id="Asia/Kolkata", viewport=DESK).new_page()
    page.goto("/")
    page.get_by_label("At a time I choose").check()
    expect(
        page.get_by_text("Times are for Kolkata, with those of our office in London")
    ).to_be_visible()
    page.get_by_label("Tue 24 Nov").check()
    times = page.get_by_role("radiogroup", name="Time tomorrow")
    times.get_by_label("15:45 10:15 in London").check()
    page.get_by_label("Phone number").fill(NUMBER)
    shoot(page, "form-other-zone")
    nothing_found(page)
    page.get_by_text("Change time zone").click()
    page.get_by_label("Your time zone").select_option("Europe/Berlin")
    expect(times.get_by_label("11:15 10:15 in London")).to_be_checked()
    page.get_by_role("button", name="Call me back").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("11:15")


def test_closed(new_context: Contexts, house: House, shoot: Shoot) -> None:
    """Tuesday, seven in the evening."""
    house.clock.pass_(days=1, hours=5)
    for width in (320, 1280):
        page = new_context(viewport={"width": width, "height": 900}).new_page()
        page.goto("/q/office")
        expect(page.get_by_text("We open tomorrow at 08:00")).to_be_visible()
        expect(page.get_by_label("As soon as possible")).to_have_count(0)
        fits(page, shoot, f"form-closed-{width}")
        nothing_found(page)
    page.get_by_label("Phone number").fill(NUMBER)
    page.get_by_role("button", name="Call me back").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("We call you tomorrow at 08:00")


def test_paused(page: Page, house: House, shoot: Shoot) -> None:
    with house.store.writing() as tx:
        tx.holds.add(Hold(scope="", since=house.clock(), actor="tests"))
    page.goto("/")
    expect(page.get_by_text("Paused", exact=True)).to_be_visible()
    shoot(page, "form-paused")
    nothing_found(page)


def test_right_to_left(new_context: Contexts, house: House, shoot: Shoot) -> None:
    house.at_work(QueueStatus(known=True, logged_in=6))
    page = new_context(viewport={"width": 320, "height": 900}).new_page()
    page.goto("/?lang=ar")
    page.locator("input.later").check()
    fits(page, shoot, "form-ar-320")
    nothing_found(page)


def test_times_without_javascript(new_context: Contexts, house: House) -> None:
    """Another zone and later days by button, and everything that was typed stays."""
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/")
    page.get_by_label("Phone number").fill(NUMBER)
    page.get_by_label("At a time I choose").check()
    page.get_by_text("Change time zone").click()
    page.get_by_label("Your time zone").select_option("Asia/Kolkata")
    page.get_by_role("button", name="Show times").click()
    page.get_by_role("button", name="Later days").click()
    page.get_by_label("Wed 25 Nov").check()
    times = page.get_by_role("radiogroup", name="Time on Wednesday 25 November")
    times.get_by_label("15:45 10:15 in London").check()
    expect(page.get_by_label("Phone number")).to_have_value(NUMBER)
    page.get_by_role("button", name="Call me back").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("15:45")
