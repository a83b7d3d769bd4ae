"""What tests of pages do again and again."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Frame, Page, expect

from tests.browser.axe import nothing_found
from tests.browser.conftest import Shoot
from tests.lab.waiting import PATIENCE, until
from tests.web.house import NUMBER

Contexts = Callable[..., BrowserContext]


# Has the page been painted?
PAINTED = "performance.getEntriesByType('paint').length"


def ask(page: Page, number: str = NUMBER) -> None:
    """Until the page that comes then is loaded."""
    page.goto("/")
    page.get_by_label("Phone number").fill(number)
    with page.expect_navigation():
        page.get_by_role("button", name="Call me back").click()


def painted(page: Page | Frame) -> None:
    """Waits until the page is loaded, so its script has run, and painted: Chromium drops keys that
    are pressed before. Where another page was to come, that has to be seen first."""
    page.wait_for_load_state()
    until(lambda: page.evaluate(PAINTED), PATIENCE, "the page to be painted")


def renews_itself_no_more(page: Page) -> None:
    """A page without its script loads itself anew every few seconds, which folds up again what was
    opened. The server has nothing to say to that from now on, however slow the machine is."""
    here = page.url.partition("#")[0]
    page.route(lambda url: url == here, lambda route: route.fulfill(status=204))


def heading(page: Page, text: str) -> None:
    """Waits for the page's promise."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)


def fits(page: Page, shoot: Shoot, name: str) -> None:
    """Asserts that nothing scrolls sideways and no text is cut off, and takes a picture."""
    page.wait_for_load_state()  # with its style sheets
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    shoot(page, name)
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), f"{name} scrolls sideways"
    assert page.evaluate(CUT_OFF) == [], f"{name} cuts text off"


# What hides its overflow, and has some; but for what only screen readers are told.
CUT_OFF = """() => [...document.querySelectorAll("body *")]
  .filter((one) => !one.closest(".vh, select, svg, input") && one.checkVisibility())
  .filter((one) => getComputedStyle(one).overflowX !== "visible")
  .filter((one) => getComputedStyle(one).clipPath === "none")
  .filter((one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1)
  .map((one) => one.outerHTML.slice(0, 120))"""

# WCAG 2.2 SC 1.4.12, for the readers who set their text wider. A constructed sheet passes our
# policy, as the reader's own browser would.
WIDER = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
    word-spacing: .16em !important; } p { margin-block-end: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
}"""


def looks(page: Page, shoot: Shoot, name: str) -> None:
    """The page as it stands must hold on the narrowest phone, in the dark, in the reader's own
    colours, and with wider text."""
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": 320, "height": 800})
    fits(page, shoot, f"{name}-320")
    page.emulate_media(color_scheme="dark")
    fits(page, shoot, f"{name}-320-dark")
    nothing_found(page)
    page.emulate_media(forced_colors="active", color_scheme="light")
    fits(page, shoot, f"{name}-320-forced")
    page.emulate_media(forced_colors="none")
    page.evaluate(WIDER)
    fits(page, shoot, f"{name}-320-wider")
    page.set_viewport_size({"width": 1280, "height": 900})
    fits(page, shoot, f"{name}-wider")
    page.evaluate("document.adoptedStyleSheets = []")
    page.emulate_media(color_scheme="dark")
    fits(page, shoot, f"{name}-dark")
    page.emulate_media(color_scheme="light")
    fits(page, shoot, name)
    nothing_found(page)
