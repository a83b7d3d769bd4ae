"""The reports' page in a real browser: axe, both schemes, both widths."""

import pytest
from playwright.sync_api import expect

from asterisk_callback.domain.account import Grant, Role
from tests.browser import axe
from tests.browser.conftest import Shoot
from tests.browser.steps import Contexts, fits
from tests.browser.test_inside import LOOKS, sign_in
from tests.web.house import House


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_a_report(
    house: House, new_context: Contexts, shoot: Shoot, width: int, scheme: str
) -> None:
    house.user("helen", Grant(Role.SUPERVISOR))
    house.at_work()
    house.submit()
    house.talking()
    page = new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    sign_in(page, "helen")
    page.goto("/reports")
    expect(page.get_by_role("heading", name="promises kept")).to_be_visible()
    axe.nothing_found(page)
    fits(page, shoot, f"reports-{width}-{scheme}")
    page.get_by_label("Last day").fill("2020-01-01")
    page.get_by_role("button", name="Show these days").click()
    expect(page.get_by_role("alert")).to_contain_text("can't be before its first")
    axe.nothing_found(page)
