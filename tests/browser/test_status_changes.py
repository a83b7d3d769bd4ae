"""Self-service on the status page, in a real browser: with its script and without."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from asterisk_callback.domain.disposition import Disposition
from tests.browser.axe import nothing_found
from tests.browser.conftest import Shoot
from tests.browser.steps import Contexts, renews_itself_no_more
from tests.web.house import House

pytestmark = pytest.mark.browser


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)


@pytest.mark.parametrize("script", [True, False])
def test_everything_in_turn(
    new_context: Contexts, house: House, shoot: Shoot, script: bool
) -> None:
    page = new_context(java_script_enabled=script).new_page()
    house.at_work()
    page.goto(f"/c/{house.submit().secret}?steady")

    page.locator("#number > summary").click()
    phone = page.get_by_label("New phone number")
    phone.fill("0909 879 0000")
    page.get_by_role("button", name="Use this number").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was changed yet")
    expect(phone).to_have_value("0909 879 0000")
    shoot(page, "status-number-error")
    if script:
        expect(page.get_by_role("alert")).to_be_focused()
        nothing_found(page)
    phone.fill("020 7946 0123")
    page.get_by_role("button", name="Use this number").click()
    expect(page.get_by_text("We call the new number.")).to_be_visible()

    page.locator("#move > summary").click()
    page.locator("label.pill", has_text="24 Nov").click()
    expect(page.get_by_text("Time tomorrow")).to_be_visible()
    page.locator(".slot-set:visible label.pill", has_text="10:15").click()
    shoot(page, "status-move")
    if script:
        nothing_found(page)
    page.get_by_role("button", name="Move the call").click()
    heading(page, "We call you tomorrow at")
    expect(page.get_by_text("The call is moved.")).to_be_visible()
    expect(page.get_by_role("link", name="Add to my calendar")).to_be_visible()
    shoot(page, "status-moved")

    page.locator("#cancel > summary").click()
    page.get_by_role("button", name="Yes, cancel this call").click()
    heading(page, "You cancelled this call")


def test_call_me_now(page: Page, house: House, shoot: Shoot) -> None:
    house.at_work()
    page.goto(f"/c/{house.submit().secret}")
    attempt = house.ringing()
    heading(page, "Your phone is ringing")
    expect(page.locator("#move")).to_have_count(0)
    house.ends(attempt, Disposition.BUSY)
    heading(page, "We ring again at")
    # The times came with the state that allows them.
    expect(page.locator("#move input[name=slot]").first).to_be_attached()
    house.clock.pass_(minutes=2)
    page.locator("#now > summary").click()
    shoot(page, "status-call-now")
    page.get_by_role("button", name="Call me now").click()
    expect(page.get_by_text("We skip the pause.")).to_be_visible()
    heading(page, "We call you by")


def test_an_update_takes_nothing_from_under_the_hands(page: Page, house: House) -> None:
    house.at_work()
    page.goto(f"/c/{house.submit().secret}")
    page.locator("#number > summary").click()
    phone = page.get_by_label("New phone number")
    phone.type("020 79")
    attempt = house.claimed()
    heading(page, "Any moment now")
    expect(phone).to_be_focused()
    expect(phone).to_have_value("020 79")
    house.ends(attempt, Disposition.AGENT_NO_ANSWER, rung=False)
    house.clock.pass_(seconds=6)
    house.ringing()
    heading(page, "Your phone is ringing")
    expect(phone).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_too_late_is_said_on_the_page_as_it_is(page: Page, house: House) -> None:
    page.clock.install(time=house.clock.now)
    page.clock.pause_at(house.clock.now + timedelta(seconds=1))  # its script has not heard of it
    house.at_work()
    page.goto(f"/c/{house.submit().secret}")
    page.locator("#number > summary").click()
    page.get_by_label("New phone number").fill("020 7946 0123")
    house.ringing()
    page.get_by_role("button", name="Use this number").click()
    expect(page.get_by_role("alert")).to_contain_text("We are calling you right now")
    page.clock.resume()  # axe-core needs one
    heading(page, "Your phone is ringing")
    nothing_found(page)


def test_without_javascript_a_form_stands_still(new_context: Contexts, house: House) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"/c/{house.submit().secret}")
    assert 'http-equiv="refresh"' in page.content()
    renews_itself_no_more(page)
    page.locator("#number > summary").click()
    page.get_by_role("link", name="Stop reloading while I fill this in").last.click()
    expect(page.get_by_label("New phone number")).to_be_visible()
    assert 'http-equiv="refresh"' not in page.content()
