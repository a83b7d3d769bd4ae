"""The status page, in a real browser, and the way to it."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.pacing import QueueStatus
from tests.browser.axe import nothing_found
from tests.browser.conftest import Shoot
from tests.browser.steps import Contexts, ask, fits, renews_itself_no_more
from tests.marks import mainly
from tests.web.house import MASKED, NUMBER, House
from tests.web.test_form import KEPT, PROMISE

pytestmark = pytest.mark.browser


def test_as_soon_as_possible(page: Page, house: House, shoot: Shoot) -> None:
    house.at_work(QueueStatus(known=True, logged_in=6))
    for number in range(2):
        house.submit(phone=f"020 7946 015{number}")
        house.clock.pass_(seconds=50)
    page.goto("/")
    shoot(page, "form")
    ask(page)
    expect(page).to_have_url(re.compile(r"/c/[\w-]{20,}$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("We call you")
    expect(page.get_by_text(PROMISE)).to_be_visible()
    expect(page.get_by_text("You’re number 3 in line")).to_be_visible()
    expect(page.get_by_text(MASKED)).to_be_visible()
    shoot(page, "status-waiting")


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
    page.clock.install(time=house.clock.now)
    page.clock.pause_at(house.clock.now + timedelta(seconds=1))  # or it asks by itself
    ask(page)
    expect(page).to_have_url(re.compile("/c/"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    house.ends(house.talking(), Disposition.ANSWERED)
    page.clock.run_for(2000)
    expect(page.get_by_role("heading", level=1)).to_contain_text("We called you")
    page.clock.run_for(60_000)
    assert len([url for url in asked if "/fragment" in url]) == 1


def test_without_javascript(new_context: Contexts, house: House) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/")
    page.get_by_label("At a time I choose").check()
    page.get_by_role("button", name="Call me back").click()
    expect(page.get_by_role("alert")).to_contain_text("2 things to fix")
    page.get_by_label("As soon as possible").check()
    page.get_by_label("Phone number").fill(NUMBER)
    page.get_by_role("button", name="Call me back").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(KEPT)
    house.ringing()
    expect(page.get_by_role("heading", level=1)).to_contain_text("ringing")
    renews_itself_no_more(page)
    page.get_by_role("link", name="Stop reloading").click()
    page.get_by_text("Cancel this call", exact=True).click()
    page.get_by_role("button", name="Yes, cancel this call").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You cancelled this call")


@pytest.mark.parametrize("scheme", mainly(["light", "dark"], "light"))
@pytest.mark.parametrize("width", mainly([320, 768, 1280], 320))
def test_nothing_scrolls_sideways(
    new_context: Contexts, house: House, shoot: Shoot, scheme: str, width: int
) -> None:
    context = new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    house.at_work(QueueStatus(known=True, logged_in=6))
    page.goto("/nothing")
    fits(page, shoot, f"missing-{width}-{scheme}")
    ask(page, "12")
    page.get_by_label("At a time I choose").check()
    fits(page, shoot, f"form-{width}-{scheme}")
    nothing_found(page)
    ask(page)
    page.get_by_text("Cancel this call", exact=True).click()
    fits(page, shoot, f"status-{width}-{scheme}")
    nothing_found(page)


def test_targets_are_large_enough(new_context: Contexts) -> None:
    """At least 44 px each way (WCAG 2.2 SC 2.5.5 asks so of AAA; links in text excepted)."""
    page = new_context(viewport={"width": 320, "height": 900}).new_page()
    ask(page)
    for box in page.locator("a.brand, summary, .btn, .foot a").all():
        if box.is_visible():
            size = box.bounding_box()
            assert size is not None and min(size["height"], size["width"]) >= 44, box.inner_text()
