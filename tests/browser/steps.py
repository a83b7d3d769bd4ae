"""What every test of pages does first."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Shoot
from tests.web.house import NUMBER

Contexts = Callable[..., BrowserContext]


def ask(page: Page, number: str = NUMBER) -> None:
    page.goto("/")
    page.get_by_label("Phone number").fill(number)
    page.get_by_role("button", name="Call me back").click()


def fits(page: Page, shoot: Shoot, name: str) -> None:
    """Asserts that nothing scrolls sideways, and takes a picture."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    shoot(page, name)
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), f"{name} scrolls sideways"
