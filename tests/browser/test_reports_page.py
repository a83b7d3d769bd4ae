"""The reports' page in a real browser: axe, both schemes, the width of a desk and of a phone."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from asterisk_callback.domain.account import Grant, Role
from tests.browser import axe
from tests.browser.conftest import Shoot
from tests.browser.steps import Contexts, fits
from tests.browser.test_inside import sign_in
from tests.marks import mainly
from tests.past_days import busy_days
from tests.web.house import House

LOOKS = [(1440, "light"), (1440, "dark"), (320, "light"), (320, "dark")]
SUNDAY = datetime(2026, 11, 1, tzinfo=UTC)


def supervisor(house: House, new_context: Contexts, width: int, scheme: str) -> Page:
    house.user("helen", Grant(Role.SUPERVISOR))
    page = new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    sign_in(page, "helen")
    return page


@pytest.mark.parametrize(("width", "scheme"), mainly(LOOKS, (1440, "light")))
def test_charts_of_days(
    house: House, new_context: Contexts, shoot: Shoot, width: int, scheme: str
) -> None:
    busy_days(house.store, SUNDAY, days=12, calls=30)
    page = supervisor(house, new_context, width, scheme)
    page.goto("/reports?since=2026-11-01&until=2026-11-12")
    for name in ("promises", "expected time", "Half are called within", "became a talk"):
        expect(page.get_by_role("heading", name=name, level=2).first).to_be_visible()
    axe.nothing_found(page)
    fits(page, shoot, f"reports-days-{width}-{scheme}")
    for one in page.get_by_text("Show as a table").all():
        one.click()
    for name in ("By queue", "By hour", "Show all of them"):
        page.locator("summary", has_text=name).click()
    expect(page.get_by_role("rowheader", name="in its first fifth")).to_be_visible()
    axe.nothing_found(page)
    fits(page, shoot, f"reports-tables-{width}-{scheme}")


@pytest.mark.parametrize(("width", "scheme"), mainly(LOOKS, (320, "dark")))
def test_a_day_and_days_that_are_none(
    house: House, new_context: Contexts, shoot: Shoot, width: int, scheme: str
) -> None:
    """One call, and then nothing to draw."""
    house.at_work()
    house.submit()
    house.talking()
    page = supervisor(house, new_context, width, scheme)
    page.goto("/reports")
    expect(page.get_by_role("heading", name="Every promise was kept")).to_be_visible()
    axe.nothing_found(page)
    fits(page, shoot, f"reports-{width}-{scheme}")
    page.goto("/reports?since=2020-01-01&until=2020-01-01")
    expect(page.get_by_role("heading", name="No promise was due")).to_be_visible()
    axe.nothing_found(page)
    fits(page, shoot, f"reports-nothing-{width}-{scheme}")
    page.get_by_label("Last day").fill("2019-01-01")
    page.get_by_role("button", name="Show these days").click()
    expect(page.get_by_role("alert")).to_contain_text("can't be before its first")
    expect(page.get_by_label("Last day")).to_have_value("2019-01-01")
    axe.nothing_found(page)
