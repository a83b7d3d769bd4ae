"""Two of them at once: a double click, the way back, and somebody else who was quicker."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from asterisk_callback.domain.slots import SlotRules
from tests.browser.axe import nothing_found
from tests.browser.conftest import Shoot
from tests.browser.steps import Contexts, heading
from tests.web.house import NUMBER, OFFICE, House

pytestmark = pytest.mark.browser
TEN = "2026-11-24T10:00"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """The office, one place in each quarter of an hour."""
    office = replace(OFFICE, name="support", slots=SlotRules(capacity=1, days_ahead=12))
    built = House(tmp_path, queues={"support": office})
    yield built
    built.close()


@pytest.mark.parametrize("script", [True, False])
def test_a_double_click_is_one_request(new_context: Contexts, house: House, script: bool) -> None:
    page = new_context(java_script_enabled=script).new_page()
    pages = []
    page.on("response", lambda answer: pages.append(answer.headers.get("location")))
    page.goto("/")
    page.get_by_label("Phone number").fill(NUMBER)
    page.get_by_role("button", name="Call me back").dblclick()
    expect(page).to_have_url(re.compile("/c/"))
    heading(page, "Your place is kept")
    assert len(house.requests()) == 1
    # However often it was sent, it leads to the one page.
    assert {one for one in pages if one} == {page.url[page.url.index("/c/") :]}


def test_a_double_click_on_a_change(page: Page, house: House) -> None:
    page.goto(f"/c/{house.submit().secret}")
    page.locator("#cancel > summary").click()
    page.get_by_role("button", name="Yes, cancel this call").dblclick()
    heading(page, "You cancelled this call")
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("script", [True, False])
def test_back_for_another_number(new_context: Contexts, house: House, script: bool) -> None:
    """Another number from the same form is another wish, and asked for as such."""
    page = new_context(java_script_enabled=script).new_page()
    page.goto("/")
    page.get_by_label("Phone number").fill(NUMBER)
    page.get_by_role("button", name="Call me back").click()
    expect(page).to_have_url(re.compile("/c/"))
    first = page.url
    page.go_back()
    page.go_forward()
    expect(page).to_have_url(first)
    page.go_back()
    expect(page.get_by_label("Phone number")).to_have_value(NUMBER)
    page.get_by_label("Phone number").fill("020 7946 0123")
    page.get_by_role("button", name="Call me back").click()
    expect(page.get_by_role("alert")).to_contain_text("This form was sent before")
    first_call = page.get_by_role("link", name="See the call that was asked for then, or cancel it")
    expect(first_call).to_have_attribute("href", first[first.index("/c/") :])
    page.get_by_role("button", name="Call me back").click()
    expect(page).to_have_url(re.compile("/c/"))
    assert page.url != first and len(house.requests()) == 2


@pytest.mark.parametrize("script", [True, False])
def test_taken_while_the_form_was_filled_in(
    new_context: Contexts, house: House, shoot: Shoot, script: bool
) -> None:
    page = new_context(java_script_enabled=script).new_page()
    page.goto("/")
    page.get_by_label("Phone number").fill(NUMBER)
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("At a time I choose").check()
    page.locator("label.pill", has_text="24 Nov").click()
    page.locator(".slot-set:visible label.pill", has_text="10:00").click()
    house.submit("020 7946 0123", scheduled_for=TEN)
    page.get_by_role("button", name="Call me back").click()
    words = "10:00 has just been taken. The nearest free times are 09:30, 09:45 and 10:15."
    expect(page.get_by_role("alert")).to_contain_text(words)
    if script:
        expect(page.get_by_role("alert")).to_be_focused()
        nothing_found(page)
    shoot(page, "form-taken")
    expect(page.get_by_label("Name")).to_have_value("Ada")
    expect(page.get_by_label("10:00 Full just now")).to_be_disabled()
    page.get_by_label("10:15 tomorrow").check()
    page.get_by_role("button", name="Call me back").click()
    heading(page, "We call you tomorrow at 10:15")


@pytest.mark.parametrize("script", [True, False])
def test_taken_while_the_call_was_moved(
    new_context: Contexts, house: House, shoot: Shoot, script: bool
) -> None:
    page = new_context(java_script_enabled=script).new_page()
    page.goto(f"/c/{house.submit(scheduled_for='2026-11-25T12:00').secret}?steady")
    page.locator("#move > summary").click()
    page.locator("label.pill", has_text="24 Nov").click()
    page.locator(".slot-set:visible label.pill", has_text="10:00").click()
    house.submit("020 7946 0123", scheduled_for=TEN)
    page.get_by_role("button", name="Move the call").click()
    expect(page.get_by_role("alert")).to_contain_text("This time has just been taken.")
    heading(page, "We call you on Wednesday 25 November at 12:00")
    shoot(page, "status-move-taken")
    near = page.get_by_role("group", name="Free times near it")
    near.get_by_label("10:15 tomorrow").check()
    page.get_by_role("button", name="Move the call").click()
    heading(page, "We call you tomorrow at 10:15")
