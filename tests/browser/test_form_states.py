"""The form in each state of its department, on every screen, with and without its script."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Shoot
from tests.browser.departments import STATES, closed, company, full, paused, some_full
from tests.browser.steps import Contexts, heading, looks
from tests.marks import mainly
from tests.web.house import NUMBER, House

pytestmark = pytest.mark.browser


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = company(tmp_path)
    yield built
    built.close()


@pytest.mark.parametrize("state", mainly(STATES, "closed", "booked-out"))
def test_a_state(page: Page, house: House, shoot: Shoot, state: str) -> None:
    reach, words = STATES[state]
    page.goto(reach(house))
    expect(page.get_by_text(words).first).to_be_visible()
    looks(page, shoot, f"form-{state}")
    if state == "booked-out":
        expect(page.locator(".pill")).to_have_count(0)
        return
    page.locator("input.later").check()
    looks(page, shoot, f"form-{state}-times")


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize(
    ("reach", "promise"),
    [
        (closed, "We call you tomorrow at 08:00"),
        (full, "We call you today at 14:15"),
        (paused, "We call you today at 14:15"),
    ],
)
def test_the_next_free_time_is_one_press_away(
    new_context: Contexts, house: House, reach: object, promise: str, script: bool
) -> None:
    """It is chosen already; as soon as possible is not on offer."""
    page = new_context(java_script_enabled=script).new_page()
    page.goto(reach(house))  # type: ignore[operator]
    expect(page.get_by_label("As soon as possible")).to_have_count(0)
    page.get_by_label("Phone number").fill("020 7946 0199")
    page.get_by_role("button", name="Call me back").click()
    heading(page, promise)


@pytest.mark.parametrize("script", [True, False])
def test_a_full_time_cannot_be_chosen(
    new_context: Contexts, house: House, shoot: Shoot, script: bool
) -> None:
    page = new_context(java_script_enabled=script).new_page()
    page.goto(some_full(house))
    page.get_by_label("Another time").check()
    gone = page.get_by_label("Tue 24 Nov Full just now")
    expect(gone).to_be_disabled()
    times = page.get_by_role("radiogroup", name="Time on Wednesday 25 November")
    expect(times.get_by_label("09:15 Full just now")).to_be_disabled()
    struck = times.locator(".pill", has_text="09:15")
    look = struck.evaluate(
        "one => [getComputedStyle(one).borderTopStyle,"
        " getComputedStyle(one.querySelector('span')).textDecorationLine]"
    )
    assert look == ["dashed", "line-through"]
    struck.click(force=True)
    expect(times.locator(":checked")).to_have_count(0)
    times.get_by_label("09:00").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")  # there is no other to go to
    expect(times.get_by_label("09:00")).to_be_checked()
    page.get_by_label("Phone number").fill(NUMBER)
    page.get_by_role("button", name="Call me back").click()
    heading(page, "We call you on Wednesday 25 November at")


def test_a_department_by_script(page: Page, house: House) -> None:
    """What it offers and asks comes at once; what was typed and chosen stays."""
    closed(house)
    page.goto("/")
    page.get_by_label("Phone number").fill(NUMBER)
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("What is it about?").select_option("A bill")
    page.get_by_label("At a time I choose").check()
    page.locator("label.pill", has_text="24 Nov").click()
    page.locator(".slot-set:visible label.pill", has_text="10:15").click()
    page.get_by_label("Department").focus()
    page.get_by_label("Department").select_option("Office")
    expect(page.get_by_text("We open tomorrow at 08:00")).to_be_visible()
    expect(page.get_by_role("heading", name="When we’re here")).to_be_visible()
    expect(page.locator("#topic")).to_have_count(0)  # it has no topics
    expect(page.locator("body")).to_have_class(re.compile("ended"))
    expect(page.get_by_label("Name")).to_have_value("Ada")
    expect(page.get_by_label("Department")).to_be_focused()
    expect(page.get_by_label("Another time")).to_be_checked()
    expect(page.locator(".slot-set:visible :checked")).to_have_value("2026-11-24T10:15+00:00")
    page.get_by_role("button", name="Call me back").click()
    heading(page, "We call you tomorrow at 10:15")
    assert "'office'" in house.requests()[0]


def test_a_department_without_a_script(new_context: Contexts, house: House) -> None:
    closed(house)
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/")
    page.get_by_label("Phone number").fill(NUMBER)
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Department").select_option("Office")
    page.get_by_role("button", name="Show its times").click()
    expect(page.get_by_text("We open tomorrow at 08:00")).to_be_visible()
    expect(page.get_by_role("heading", name="When we’re here")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Ada")
    page.get_by_role("radio", name="08:15").first.check()
    page.get_by_role("button", name="Call me back").click()
    heading(page, "We call you tomorrow at 08:15")
    assert "'office'" in house.requests()[0]
