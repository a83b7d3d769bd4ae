"""A real browser (Debian's Chromium) on the real web edge, served on a free port.

Screenshots of every scenario go to the folder in $CALLBACK_SHOTS, if it is set.
"""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from asterisk_callback.domain.account import Grant, Role
from tests.lab.speed import scaled
from tests.web.consoles import MEMBER, NOW, HandMade, a_day
from tests.web.house import PASSWORD, Clock, House

# The same engine without the parts of a window: it takes less than half of the processor.
CHROMIUM = "/usr/bin/chromium-headless-shell"
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
Shoot = Callable[[Page, str], None]
# s: as long as an action may take: the first page in a frame starts a process of its own.
PATIENCE = 30.0


def patience() -> float:
    """The same in ms, longer on a slow machine: of what is expected of pages from now on, too."""
    limit = 1000 * scaled(PATIENCE)
    expect.set_options(timeout=limit)
    return limit


class Quiet(WSGIRequestHandler):
    """Addresses of status pages are secrets: they are not logged."""

    def log(self, *_: object) -> None:
        return


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for this folder, not one a session: while Playwright is open its event loop runs
    in this thread, and a test of another suite that came after could start none of its own."""
    assert Path(CHROMIUM).exists(), (
        "the browser is missing: apt-get install chromium-headless-shell"
    )
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS + sandbox, timeout=2 * patience()
        )
        yield launched
        launched.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path, clock=Clock())
    yield built
    built.close()


@pytest.fixture
def served(house: House, request: pytest.FixtureRequest) -> Flask:
    """What the browser sees; where a test has a `console` made by hand, with that."""
    if "console" not in request.fixturenames:
        return house.app()
    made = request.getfixturevalue("console")
    return house.app(console=made, wrap_ups=made)


@pytest.fixture
def address(served: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, served, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def new_context(browser: Browser, address: str) -> Iterator[Callable[..., BrowserContext]]:
    """new_context(**options): a browser window of its own whose `/` is our form, where no colour
    changes slowly: a look in between would judge one that nobody reads.

    At the end, nothing may have been written to any page's console, blocked by the policy or
    thrown by a script.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def make(**options: object) -> BrowserContext:
        here = {
            "base_url": address,
            "locale": "en-GB",
            "timezone_id": "Europe/London",
            "reduced_motion": "reduce",
        }
        context = browser.new_context(**(here | options))  # type: ignore[arg-type]
        context.set_default_timeout(patience())
        context.on("console", lambda message: complaints.append(message.text))
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    # The browser itself writes the first for every answer that is no 2xx, such as a form with
    # mistakes; the second, when axe on another website's page asks for those of our frame in it;
    # the third, where somebody was quicker than the page: theirs is the focus then.
    usual = (
        "the server responded with a status of 4",
        f"recipient window's origin ('{address}')",
        "net::ERR_FAILED",  # of a test that takes the network away
        "Autofocus processing was blocked because a document already has a focused element",
    )
    assert [text for text in complaints if not any(one in text for one in usual)] == []


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    return new_context(viewport={"width": 1280, "height": 900}).new_page()


@pytest.fixture
def shoot() -> Shoot:
    """shoot(page, name): a picture of the whole page, if pictures are wanted."""
    folder = os.environ.get("CALLBACK_SHOTS")

    def take(page: Page, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    return take


# Counts what the page lets sound, where a test can see it.
LISTEN = """
  const make = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () {
    document.documentElement.dataset.rang = "yes";
    return make.call(this);
  };
"""


@pytest.fixture
def console(house: House) -> HandMade:
    """An agent's console on which a test puts what it likes; for `served`."""
    house.clock.now = NOW
    house.user("priya", Grant(Role.AGENT), member=MEMBER)
    return HandMade(today=a_day())


@pytest.fixture
def priya(page: Page, console: HandMade) -> Page:
    """At her console."""
    page.add_init_script(LISTEN)
    page.goto("/login")
    page.get_by_label("Login name").fill("priya")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Nothing in hand")).to_be_visible()
    page.wait_for_load_state()  # its scripts have run: what is pressed before is nobody's
    return page
