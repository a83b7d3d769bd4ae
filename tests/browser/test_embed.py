"""The form on another website, in a real browser: another origin, with a strict policy."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from asterisk_callback.commands.sites import html_of
from asterisk_callback.domain.request import RequestId
from asterisk_callback.domain.site import Site
from tests.browser.axe import nothing_found
from tests.browser.conftest import Quiet, Shoot, patience
from tests.browser.departments import DEPARTMENTS, STATES
from tests.browser.steps import painted
from tests.marks import mainly
from tests.web.house import MASKED, NUMBER, House

pytestmark = pytest.mark.browser
Contexts = Callable[..., BrowserContext]

# All that docs/embed.md asks for, and nothing else: no style of the page's own, no inline script.
POLICY = (
    "default-src 'none'; script-src {ours}; frame-src {ours}; require-trusted-types-for 'script'"
)
PAGE = """<!doctype html><html lang="{lang}" dir="{dir}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>The Alder table</title>
<main><h1>The Alder table</h1><p>A round table for six.</p>{snippet}<p>Oiled.</p>
<button>Basket</button></main></html>"""


@dataclass
class Shop:
    """A website that is not ours. Its port is one; `localhost` is the site's origin, 127.0.0.1 is a
    stranger's. ours: the address of our service."""

    port: int = 0
    ours: str = ""
    more: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    def __call__(self, environ: Any, start_response: Any) -> Any:
        given = Request(environ).args
        lang, queue = given.get("lang", "en"), given.get("queue", "support")
        snippet = html_of(self.ours, "shop", queue, "Call me back", self.more)
        direction = "rtl" if lang == "ar" else "ltr"
        page = PAGE.format(lang=lang, dir=direction, snippet=snippet)
        answer = Response(page, content_type="text/html; charset=utf-8")
        answer.headers["Content-Security-Policy"] = POLICY.format(ours=self.ours)
        return answer(environ, start_response)


WAYS = [("en", "dark"), ("ar", "light")]


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    server = make_server("127.0.0.1", 0, shop, threaded=True, request_handler=Quiet)
    shop.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield shop
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def house(tmp_path: Path, shop: Shop) -> Iterator[House]:
    sites = (Site(name="shop", origins=(shop.origin,)),)
    built = House(tmp_path, queues=DEPARTMENTS, sites=sites)
    yield built
    built.close()


@pytest.fixture
def visit(shop: Shop, address: str, new_context: Contexts) -> Callable[..., Page]:
    """visit(path="/", **options): the shop's page in a window of its own."""

    def visit(path: str = "/", **options: object) -> Page:
        shop.ours = address
        page = new_context(**options).new_page()
        page.goto(shop.origin + path)
        painted(page)
        return page

    return visit


def frame_of(page: Page) -> Frame:
    """The frame in the dialog, once it has our page."""
    expect(page.frame_locator("iframe").get_by_role("heading", level=1)).to_be_visible()
    (frame,) = page.main_frame.child_frames
    painted(frame)
    return frame


def test_the_whole_way(visit: Callable[..., Page], house: House, shoot: Shoot) -> None:
    house.at_work()
    page = visit(viewport={"width": 1280, "height": 1300})
    button = page.get_by_role("button", name="Call me back")
    expect(page.get_by_role("link")).to_have_count(0)
    nothing_found(page)
    shoot(page, "embed-button")
    button.focus()
    page.keyboard.press("Enter")
    form = frame_of(page)
    expect(page.get_by_role("dialog", name="Ask for a call")).to_be_visible()
    shoot(page, "embed-dialog")
    nothing_found(page)
    nothing_found(form)  # type: ignore[arg-type]
    # As high as what is in it, and so without a scrollbar.
    form.wait_for_function(
        "Math.abs(document.body.getBoundingClientRect().height - innerHeight) < 2"
    )

    form.get_by_label("Phone number").fill("1")
    form.get_by_label("Phone number").press("Enter")
    expect(form.get_by_role("alert")).to_be_focused()
    painted(form)
    shoot(page, "embed-error")
    form.get_by_label("Phone number").press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(button).to_be_focused()
    button.press("Enter")
    expect(form.get_by_label("Phone number")).to_have_value("1")
    form.get_by_label("Phone number").fill(NUMBER)
    form.get_by_role("button", name="Call me back").click()
    expect(form.get_by_role("link", name="Open your call’s own page")).to_be_visible()
    shoot(page, "embed-status")
    nothing_found(form)  # type: ignore[arg-type]

    house.talking()
    expect(form.get_by_role("heading", level=1)).to_contain_text("You’re talking with us")
    assert page.context.cookies() == []
    with page.context.expect_page() as opened:
        form.get_by_role("link", name="Open your call’s own page").click()
    expect(opened.value.get_by_text(MASKED)).to_be_visible()
    assert opened.value.evaluate("window.opener") is None
    page.get_by_role("button", name="Close").click()
    expect(button).to_be_focused()


def test_a_page_that_may_not_sees_no_form(
    browser: Browser, shop: Shop, address: str, shoot: Shoot
) -> None:
    """The browser refuses to show it; the reader gets the way to the form's own page."""
    shop.ours = address
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(patience())
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{shop.port}/")
    page.get_by_role("button", name="Call me back").click()
    link = page.get_by_role("link", name="Open it on a page of its own")
    expect(link).to_be_visible()
    expect(link).to_have_attribute("href", f"{address}/q/support")
    expect(page.locator("iframe")).to_be_hidden()
    shoot(page, "embed-refused")
    nothing_found(page)
    assert "Phone number" not in "".join(one.content() for one in page.frames)
    context.close()


def test_without_javascript_it_is_a_link(visit: Callable[..., Page]) -> None:
    page = visit(java_script_enabled=False)
    page.get_by_role("link", name="Call me back").click()
    expect(page).to_have_url(re.compile(r"/q/support$"))
    expect(page.get_by_label("Phone number")).to_be_visible()


@pytest.mark.parametrize(
    ("lang", "scheme"), mainly([("en", "dark"), ("ar", "light")], ("ar", "light"))
)
def test_small_dark_and_from_the_right(
    visit: Callable[..., Page], shoot: Shoot, lang: str, scheme: str
) -> None:
    size = {"width": 320, "height": 640}
    page = visit(f"/?lang={lang}", viewport=size, color_scheme=scheme)
    page.locator("[data-callback] button.button").click()
    form = frame_of(page)
    shoot(page, f"embed-320-{scheme}")
    nothing_found(form)  # type: ignore[arg-type]
    assert form.evaluate("document.documentElement.dir") == ("rtl" if lang == "ar" else "ltr")
    assert form.evaluate("document.documentElement.scrollWidth <= innerWidth")
    form.locator("#phone").fill(NUMBER)
    form.locator("#phone").press("Enter")
    expect(form.locator(".frame-end a")).to_be_visible()
    shoot(page, f"embed-320-{scheme}-status")
    assert form.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("state", mainly(["closed", "full", "paused", "some-full"], "full"))
def test_a_department_that_cannot_call_now(
    visit: Callable[..., Page], house: House, shoot: Shoot, state: str
) -> None:
    """Said in the dialog, too, with the hours and the next free times."""
    reach, words = STATES[state]
    queue = reach(house).rpartition("/")[2]
    page = visit(f"/?queue={queue}", viewport={"width": 1280, "height": 1300})
    page.get_by_role("button", name="Call me back").click()
    form = frame_of(page)
    expect(form.get_by_text(words).first).to_be_visible()
    hours = form.get_by_text("When we’re here")
    if state == "full":
        expect(hours).to_have_count(0)
    else:
        if state == "paused":  # it is there, so its hours are folded away
            hours.click()
        expect(form.get_by_text("By the clock in London.")).to_be_visible()
    shoot(page, f"embed-{state}")
    nothing_found(form)  # type: ignore[arg-type]
    form.get_by_label("Another time").check()
    if state == "some-full":
        expect(form.get_by_label("09:15 Full just now")).to_be_disabled()
    form.locator(".slot-set:visible input:enabled").first.check()
    form.get_by_label("Phone number").fill("020 7946 0199")
    form.get_by_role("button", name="Call me back").click()
    expect(form.get_by_role("heading", level=1)).to_contain_text("We call you")


def test_another_department_in_the_dialog(visit: Callable[..., Page], house: House) -> None:
    """Its times and hours come; the dialog grows with them."""
    page = visit(viewport={"width": 1280, "height": 1300})
    page.get_by_role("button", name="Call me back").click()
    form = frame_of(page)
    form.get_by_label("Phone number").fill(NUMBER)
    form.get_by_label("Department").select_option("Office")
    form.get_by_text("When we’re here").click()
    expect(form.get_by_text("Monday–Friday")).to_be_visible()
    form.get_by_label("At a time I choose").check()
    form.locator("label.pill", has_text="24 Nov").click()
    form.locator(".slot-set:visible label.pill", has_text="10:15").click()
    form.wait_for_function(
        "Math.abs(document.body.getBoundingClientRect().height - innerHeight) < 2"
        " || innerHeight > 1000"
    )
    form.get_by_role("button", name="Call me back").click()
    heading = form.get_by_role("heading", level=1)
    expect(heading).to_contain_text("We call you tomorrow at 10:15")
    assert "'office'" in house.requests()[0]


def test_the_page_around_it_is_known(visit: Callable[..., Page], house: House, shop: Shop) -> None:
    """Without what else stands in its address; and no request but the form itself says it."""
    page = visit("/moving/%C3%A9t%C3%A9?order=4711#top")
    asked: list[str] = []
    page.context.on("request", lambda one: asked.append(one.url.partition("#")[0]))
    page.context.on("request", lambda one: asked.append(one.headers.get("referer", "")))
    page.get_by_role("button", name="Call me back").click()
    form = frame_of(page)
    form.get_by_label("Phone number").fill("1")
    form.get_by_role("button", name="Call me back").click()
    expect(form.get_by_role("alert")).to_be_focused()
    form.get_by_label("Phone number").fill(NUMBER)
    form.get_by_role("button", name="Call me back").click()
    expect(form.get_by_role("link", name="Open your call’s own page")).to_be_visible()
    with house.store.reading() as tx:
        (wish,) = tx.wishes.of(RequestId(1))
    assert wish.page == f"{shop.origin}/moving/%C3%A9t%C3%A9"
    assert f"{shop.ours}/embed/shop?queue=support&lang=en" in asked
    assert not any("moving" in one for one in asked)


# Closes the dialog, goes on to the next button in the same breath, and waits for what follows.
MOVES_ON = """async () => {
  const [dialog] = [...document.querySelectorAll("*")].flatMap(
    ({ shadowRoot }) => [...(shadowRoot?.querySelectorAll("dialog") ?? [])]);
  const closed = new Promise((done) => dialog.addEventListener("close", () => setTimeout(done)));
  dialog.close();
  [...document.querySelectorAll("button")].find((one) => one.textContent === "Basket").focus();
  await closed;
}"""


def test_the_focus_stays_in_the_dialog(visit: Callable[..., Page]) -> None:
    """The page behind it can't be reached until it is closed."""
    page = visit()
    button = page.get_by_role("button", name="Call me back")
    button.focus()
    page.keyboard.press("Enter")
    frame_of(page)
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.outerHTML.slice(0, 20)"))
    assert any("data-callback" in one for one in reached)
    assert all("data-callback" in one or "<body" in one for one in reached), reached
    page.get_by_role("button", name="Close").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Basket")).to_be_focused()


def test_who_moved_on_when_the_dialog_closed_is_not_called_back(visit: Callable[..., Page]) -> None:
    """The event of its closing comes later: in between Tab may have been pressed."""
    page = visit()
    page.get_by_role("button", name="Call me back").focus()
    page.keyboard.press("Enter")
    frame_of(page)
    page.evaluate(MOVES_ON)
    expect(page.get_by_role("button", name="Basket")).to_be_focused()
