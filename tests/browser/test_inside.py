"""Signing in, one's own account and the administration, in a real browser."""

import pytest
from playwright.sync_api import Locator, Page, expect

from asterisk_callback.domain.account import Grant, NoticeKind, Role
from asterisk_callback.services.accounts.second_factor import code_at, new_secret
from tests.browser import axe
from tests.browser.conftest import Shoot
from tests.browser.steps import Contexts, fits, painted
from tests.marks import mainly
from tests.web.house import PASSWORD, House

LOOKS = [(1280, "light"), (1280, "dark"), (320, "light"), (320, "dark")]
TWO_LOOKS = mainly(LOOKS, (1280, "light"), (320, "dark"))
ONE_LOOK = mainly(LOOKS, (320, "dark"))


def sign_in(page: Page, login: str = "anna") -> None:
    """Until the page that comes then is there, with its script."""
    page.goto("/login")
    page.get_by_label("Login name").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()
    painted(page)


def tab_to(page: Page, target: Locator, limit: int = 30) -> None:
    painted(page)
    for _ in range(limit):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not get there")


def key(page: Page) -> str:
    """The secret that is written below the QR code."""
    return page.locator(".small b.num").inner_text().replace(" ", "")


def test_the_second_factor_by_keyboard(house: House, page: Page) -> None:
    house.user()
    page.goto("/account")
    expect(page.get_by_label("Login name")).to_be_focused()
    painted(page)
    page.keyboard.type("anna")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My account")).to_be_visible()

    tab_to(page, page.get_by_role("link", name="Turn it on"))
    page.keyboard.press("Enter")
    secret = key(page)
    tab_to(page, page.get_by_label("The six digits"))
    page.keyboard.type(code_at(secret, house.clock.now))
    tab_to(page, page.get_by_label("Your password, to confirm"))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    expect(page.locator(".recovery li")).to_have_count(10)

    tab_to(page, page.locator(".me > summary"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Sign out"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Login name")).to_be_focused()
    house.clock.pass_(seconds=30)
    painted(page)
    page.keyboard.type("anna")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Code")).to_be_focused()
    painted(page)
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("does not fit")
    expect(page.get_by_role("textbox", name="Code")).to_be_focused()
    painted(page)
    page.keyboard.type(code_at(secret, house.clock.now))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing in hand")).to_be_visible()
    page.goto("/account")
    expect(page.get_by_text("10 of your recovery codes")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), TWO_LOOKS)
def test_every_page_fits_and_axe_finds_nothing(
    house: House, new_context: Contexts, shoot: Shoot, width: int, scheme: str
) -> None:
    root = house.user("root", Grant(Role.ADMINISTRATOR))
    anna = house.user("anna", Grant(Role.AGENT, "support"), member="Local/6001@from-queue/n")
    house.accounts.users.add("new", "Somebody With Quite A Long Name", actor="test")
    view = {"width": width, "height": 900}
    page = new_context(viewport=view, color_scheme=scheme).new_page()

    def look(name: str) -> None:
        fits(page, shoot, f"inside-{name}-{width}-{scheme}")
        axe.nothing_found(page)

    page.goto("/login")
    look("sign-in")
    page.get_by_label("Login name").fill("root")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("don’t fit")
    look("refused")
    sign_in(page, "root")
    page.goto("/admin")
    expect(page.get_by_role("heading", name="Users")).to_be_visible()
    look("admin")
    page.locator(".me > summary").click()
    look("menu")
    for path, name in (
        (f"/admin/users/{anna.id}", "user"),
        ("/account", "account"),
        ("/account/second-factor", "factor"),
        ("/admin/users/99", "nobody"),
    ):
        page.goto(path)
        look(name)
    helen = house.user("helen", Grant(Role.ADMINISTRATOR))
    with house.store.writing() as tx:
        tx.accounts.change(root.id, totp_secret=new_secret())
        tx.accounts.forget_notices(root.id)  # of helen
        tx.accounts.add_notice(root.id, NoticeKind.CODES, actor="", detail="4 wrong codes in a row")
    page.goto(f"/admin/users/{helen.id}")
    page.get_by_label("A code of your own second factor").last.fill("123")
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_role("alert")).to_contain_text("does not fit")
    look("administrator")
    with page.expect_navigation():
        page.get_by_role("button", name="I have read this").click()
    page.goto(f"/admin/users/{anna.id}")
    page.get_by_role("button", name="Make a link").click()
    expect(page.locator(".link-box")).to_be_visible()
    look("link")
