"""The customer's way through form and status page, in a real browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from asterisk_callback.domain.attempt import Disposition
from asterisk_callback.domain.pacing import QueueFacts
from tests.browser.conftest import Shoot
from tests.web.house import MASKED, NUMBER, House
from tests.web.test_form import PROMISE

pytestmark = pytest.mark.browser
Contexts = Callable[..., BrowserContext]


def ask(page: Page, number: str = NUMBER) -> None:
    page.goto("/")
    page.get_by_label("Phone number").fill(number)
    page.get_by_role("button", name="Call me back").click()


def test_as_soon_as_possible(page: Page, house: House, shoot: Shoot) -> None:
    house.at_work(QueueFacts(known=True, logged_in=6))
    for number in range(2):
        house.submit(phone=f"020 7946 015{number}")
        house.clock.pass_(seconds=50)
    page.goto("/")
    shoot(page, "form")
    ask(page)
    expect(page).to_have_url(re.compile(r"/c/[\w-]{20,}$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(PROMISE)
    expect(page.get_by_text("2 people are before you in line")).to_be_visible()
    expect(page.get_by_text(MASKED)).to_be_visible()
    shoot(page, "status-waiting")


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
    expect(page.get_by_label("Day")).to_be_hidden()
    page.get_by_label("At a time I choose").check()
    page.get_by_label("Day").fill("2026-11-24")
    page.get_by_label("Time", exact=True).fill("10:15")
    page.get_by_label("Phone number").fill(NUMBER)
    shoot(page, "form-time")
    page.get_by_role("button", name="Call me back").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile(r"We call you tomorrow at\s+10:15")
    )
    shoot(page, "status-scheduled")


def test_cancel(page: Page, house: House, shoot: Shoot) -> None:
    ask(page)
    page.get_by_text("Cancel this call", exact=True).click()
    shoot(page, "status-cancel-open")
    page.get_by_role("button", name="Yes, cancel this call").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You cancelled this call")
    shoot(page, "status-cancelled")


def test_the_page_updates_itself(page: Page, house: House, shoot: Shoot) -> None:
    house.at_work()
    ask(page)
    page.evaluate("window.sameDocument = true")
    cancel = page.get_by_text("Cancel this call", exact=True)
    cancel.click()
    attempt = house.ringing()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Your phone is ringing")
    expect(page.get_by_role("status")).to_have_text("Your phone is ringing")
    expect(page).to_have_title("Your phone is ringing · Larkmoor Broadband")
    expect(page.get_by_role("button", name="Yes, cancel this call")).to_be_visible()
    house.ends(attempt, Disposition.BUSY)
    expect(page.get_by_text("We rang, your line was busy")).to_be_visible()
    shoot(page, "status-busy")
    house.clock.pass_(minutes=6)
    house.released()
    attempt = house.talking()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You’re talking with us")
    expect(cancel).to_have_count(0)
    shoot(page, "status-talking")
    house.ends(attempt, Disposition.ANSWERED)
    expect(page.get_by_role("heading", level=1)).to_contain_text("We called you at 14:07")
    shoot(page, "status-done")
    assert page.evaluate("window.sameDocument")


def test_asking_stops_when_it_is_over(page: Page, house: House) -> None:
    page.clock.install()
    ask(page)
    expect(page).to_have_url(re.compile("/c/"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    house.ends(house.talking(), Disposition.ANSWERED)
    page.clock.run_for(2000)
    expect(page.get_by_role("heading", level=1)).to_contain_text("We called you")
    page.clock.run_for(60_000)
    assert len([url for url in asked if url.endswith("/fragment")]) == 1


def test_without_javascript(new_context: Contexts, house: House) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/")
    page.get_by_label("At a time I choose").check()
    page.get_by_label("Day").fill("2026-11-24")
    page.get_by_role("button", name="Call me back").click()
    expect(page.get_by_role("alert")).to_contain_text("2 things to fix")
    page.get_by_label("As soon as possible").check()
    page.get_by_label("Phone number").fill(NUMBER)
    page.get_by_role("button", name="Call me back").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(PROMISE)
    house.ringing()
    expect(page.get_by_role("heading", level=1)).to_contain_text("ringing", timeout=20_000)
    page.get_by_role("link", name="Stop reloading").click()
    page.get_by_text("Cancel this call", exact=True).click()
    page.get_by_role("button", name="Yes, cancel this call").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You cancelled this call")


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_scrolls_sideways(
    new_context: Contexts, house: House, shoot: Shoot, scheme: str, width: int
) -> None:
    context = new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    house.at_work(QueueFacts(known=True, logged_in=6))
    page.goto("/nothing")
    _fits(page, shoot, f"missing-{width}-{scheme}")
    ask(page, "12")
    page.get_by_label("At a time I choose").check()
    _fits(page, shoot, f"form-{width}-{scheme}")
    ask(page)
    page.get_by_text("Cancel this call", exact=True).click()
    _fits(page, shoot, f"status-{width}-{scheme}")


def _fits(page: Page, shoot: Shoot, name: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    shoot(page, name)
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), f"{name} scrolls sideways"


def test_targets_are_large_enough(new_context: Contexts) -> None:
    """At least 44 px each way (WCAG 2.2 SC 2.5.5 asks so of AAA; links in text excepted)."""
    page = new_context(viewport={"width": 320, "height": 900}).new_page()
    ask(page)
    for box in page.locator("a.brand, summary, .btn, .foot a").all():
        if box.is_visible():
            size = box.bounding_box()
            assert size is not None and size["height"] >= 44, box.inner_text()
