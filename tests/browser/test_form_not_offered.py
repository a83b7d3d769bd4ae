"""The form while no new wishes are taken: it says so, asks nothing, and keeps what was typed."""

from dataclasses import replace

from playwright.sync_api import Page, expect

from asterisk_callback.domain.hold import HoldKind
from asterisk_callback.services.calling import holds
from tests.browser.conftest import Shoot
from tests.browser.steps import heading, looks
from tests.web.house import NUMBER, SALES, House


def stop(house: House, queue: str) -> None:
    with house.store.writing() as tx:
        holds.stop(tx, queue, actor="helen", kind=HoldKind.INTAKE)


def test_nothing_is_asked_for(house: House, page: Page, shoot: Shoot) -> None:
    stop(house, "")
    page.goto("/")
    heading(page, "No callbacks just now")
    expect(page.get_by_role("link", name="020 7946 0100").first).to_be_visible()
    expect(page.get_by_label("Phone number")).to_be_hidden()
    expect(page.get_by_role("button", name="Call me back")).to_have_count(0)
    looks(page, shoot, "form-not-offered")


def test_another_department_takes_wishes(house: House, page: Page, shoot: Shoot) -> None:
    house.queues["sales"] = replace(SALES, asterisk_queue="sales")  # type: ignore[index]
    stop(house, "support")
    page.goto("/?queue=support")
    heading(page, "No callbacks just now")
    shoot(page, "form-not-offered-one")
    page.get_by_label("Department").select_option("sales")
    heading(page, "We’ll call you back")
    page.get_by_label("Phone number").fill(NUMBER)
    stop(house, "sales")
    page.get_by_role("button", name="Call me back").click()
    expect(page.get_by_role("heading", name="Nothing was accepted")).to_be_visible()
    expect(page.get_by_label("Phone number")).to_have_value(NUMBER)
    shoot(page, "form-not-offered-typed")
