"""embed.js as others put it in: editors, tag managers, pages that are built late. The button is
there once and can be seen, or the console says why not."""

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.browser.conftest import Quiet, patience
from tests.lab.waiting import PATIENCE, until

pytestmark = pytest.mark.browser

LINK = '<a href="{ours}/q/support">Call me back</a>'
ALL = '<p><a href="{ours}/">Ask</a></p>'
HERE = '<script src="{ours}/embed.js" data-site="shop" async></script>'
MANAGED = """<script>
  for (let n = 0; n < {times}; n += 1) {{
    const script = document.createElement("script");
    script.async = true;
    script.src = "{ours}/embed.js?site=shop&queue=support{more}";
    document.head.append(script);
  }}
</script>"""
LATE = """<script>setTimeout(() => {{
  const place = document.createElement("div");
  place.id = "callback";
  document.querySelector("main").append(place);
}}, 100)</script>"""
TARGET = '<script src="{ours}/embed.js" data-site="shop" data-target="#callback" async></script>'
# The head, and what is in the main part.
BUTTON = {
    "a line break in between": ("", f"{LINK}<br>\n{HERE}"),
    "a paragraph around the link": ("", f"<p>{LINK}</p>\n{HERE}"),
    "a tag manager that strips data-*": (MANAGED, f"<p>Or: {LINK}.</p>"),
    "a tag manager, twice": (MANAGED.replace("{times}", "2"), f"<p>Or: {LINK}.</p>"),
    "a tag manager, and a link to all": (MANAGED, ALL.replace("{ours}/", "{ours}/q/sales") + ALL),
    "a tag manager with a target": (
        MANAGED.replace("{more}", "&target=%23here"),
        "<p id=here></p>",
    ),
    "a late target": (TARGET, LATE),
    "a target, twice": (TARGET + TARGET, '<div id="callback"></div>'),
    "in a part that is not shown": ("", f"<p>Or: {LINK}.</p><div hidden>{HERE}</div>"),
}
MESSAGE = {
    "in the head, and no link": (MANAGED, ""),
    "in a part that is not shown, and no link": ("", f"<div hidden>{HERE}</div>"),
    "no site": ("", LINK + '<script src="{ours}/embed.js"></script>'),
    "a target that is none": ("", HERE.replace("async", 'data-target="#1" async')),
}


@pytest.fixture
def pages(browser: Browser, address: str) -> Iterator[tuple[Page, list[str]]]:
    """A page of another website for each case, at `/?case=…`; and what its console says."""
    cases = BUTTON | MESSAGE

    def website(environ: Any, start_response: Any) -> Any:
        head, main = cases[Request(environ).args["case"]]
        values = {"ours": address, "times": "1", "more": ""}
        body = f"<!doctype html><title>Tables</title>{head}<main><h1>Tables</h1>{main}</main>"
        text = body.format(**values) if "{" in body else body
        return Response(text, content_type="text/html; charset=utf-8")(environ, start_response)

    server = make_server("127.0.0.1", 0, website, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    context = browser.new_context(base_url=f"http://localhost:{server.server_port}")
    context.set_default_timeout(patience())
    said: list[str] = []
    context.on("console", lambda message: said.append(message.text))
    yield context.new_page(), said
    context.close()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.case("CASES 4: embed.js put in by a tag manager, a late target, a line break")
def test_the_button_is_there_once_and_can_be_seen(pages: tuple[Page, list[str]]) -> None:
    page, said = pages
    for case in BUTTON:
        page.goto(f"/?case={case}", wait_until="networkidle")
        button = page.get_by_role("button", name=re.compile("^(Call me back|Ask)$"))
        expect(button).to_have_count(1)
        expect(button).to_be_visible()
        expect(page.get_by_role("link", name="Call me back")).to_have_count(0)
        if "to all" in case:
            expect(page.get_by_role("link")).to_have_attribute("href", re.compile("/q/sales$"))
        assert not [one for one in said if one.startswith("asterisk-callback")], (case, said)


@pytest.mark.case("CASES 4: embed.js that can show no button says so")
def test_the_console_says_why_there_is_no_button(pages: tuple[Page, list[str]]) -> None:
    page, said = pages
    for case in MESSAGE:
        page.goto(f"/?case={case}", wait_until="networkidle")

        def told(case: str = case) -> bool:
            page.evaluate("1")
            return any(one.startswith("asterisk-callback: ") for one in said)

        until(told, PATIENCE, f"a message of {case}")
        expect(page.get_by_role("button")).to_have_count(0)
        said.clear()
