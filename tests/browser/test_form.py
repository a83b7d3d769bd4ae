"""The form, in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import nothing_found
from tests.browser.conftest import Shoot
from tests.browser.steps import ask
from tests.web.house import NUMBER, House
from tests.web.test_form import PROMISE

pytestmark = pytest.mark.browser


def test_a_mistake_keeps_what_was_typed_and_takes_the_focus(page: Page, shoot: Shoot) -> None:
    page.goto("/")
    page.get_by_label("Name").fill("Ada Lovelace")
    page.get_by_label("What is it about?").select_option("A bill")
    page.get_by_text("Add your e-mail").click()
    page.get_by_label("E-mail (optional)").fill("ada@example.org")
    page.get_by_label("Phone number").fill("0909 879 0000")
    page.get_by_role("button", name="Call me back").click()
    expect(page.get_by_role("alert")).to_be_focused()
    shoot(page, "form-error")
    expect(page.get_by_label("Name")).to_have_value("Ada Lovelace")
    expect(page.get_by_label("What is it about?")).to_have_value("A bill")
    expect(page.get_by_label("E-mail (optional)")).to_have_value("ada@example.org")
    page.get_by_role("alert").get_by_role("link").click()
    phone = page.get_by_label("Phone number")
    expect(phone).to_be_focused()
    expect(phone).to_have_attribute("aria-invalid", "true")
    phone.fill(NUMBER)
    phone.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(PROMISE)


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
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the form")).to_be_focused()
    for _ in range(2):  # the company's name, then the country
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type(NUMBER)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("At a time I choose")).to_be_checked()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(PROMISE)
