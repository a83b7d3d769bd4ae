"""Everything by keyboard alone: in order, and the focus always seen."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import Contexts, heading, painted, renews_itself_no_more
from tests.web.house import NUMBER, House

pytestmark = pytest.mark.browser

# The name of what has the focus, and whether a ring of 3 px is drawn round it or its label.
FOCUS = """() => {
  const one = document.activeElement;
  const ring = (element) => element && getComputedStyle(element).outlineStyle === "solid"
    && parseFloat(getComputedStyle(element).outlineWidth) >= 3;
  const name = one.labels?.length ? one.labels[0].innerText : one.innerText;
  const box = (one.closest(".pill, .choice") || one).getBoundingClientRect();
  return {
    name: name.trim().replace(/\\s+/g, " "),
    ring: ring(one) || ring(one.closest(".pill, .choice")),
    seen: box.width > 1 && box.top >= 0 && box.bottom <= innerHeight,
  };
}"""


def tab(page: Page, key: str = "Tab") -> str:
    """Presses it, and returns the name of what has the focus then, which must be seen."""
    painted(page)
    page.keyboard.press(key)
    focus = page.evaluate(FOCUS)
    assert focus["ring"] and focus["seen"], focus
    return str(focus["name"])


def tab_to(page: Page, name: str) -> None:
    for _ in range(40):
        if tab(page).startswith(name):
            return
    raise AssertionError(f"{name} is not reached by Tab")


@pytest.mark.parametrize("script", [True, False])
def test_a_time_is_chosen(new_context: Contexts, script: bool) -> None:
    """The order is that of the page."""
    page = new_context(java_script_enabled=script).new_page()
    page.goto("/")
    names = [tab(page) for _ in range(4)]
    assert names[0] == "Skip to the form"
    assert [name.partition(" ")[0] for name in names[1:]] == ["Larkmoor", "Country", "Phone"]
    page.keyboard.type(NUMBER)
    assert tab(page).startswith("As soon as possible")
    assert tab(page, "ArrowDown").startswith("At a time I choose")
    assert tab(page).startswith("Today")
    assert tab(page, "ArrowRight").startswith("Tue")
    assert tab(page) == "Later days"
    assert tab(page) == "00:00"
    page.keyboard.press("Space")
    assert tab(page, "ArrowRight") == "00:15"
    assert tab(page) == "Change time zone"
    tab_to(page, "What is it about?")
    page.keyboard.press("ArrowDown")
    assert tab(page) == "Add a note or your e-mail"
    page.keyboard.press("Enter")
    assert tab(page).startswith("Note")
    page.keyboard.type("The light is red.")
    assert tab(page).startswith("E-mail")
    assert tab(page) == "Call me back"
    page.keyboard.press("Enter")
    heading(page, "We call you tomorrow at 00:15")


def test_the_way_past_the_header(page: Page) -> None:
    page.goto("/")
    painted(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert tab(page).startswith("Country")


@pytest.mark.parametrize("script", [True, False])
def test_everything_on_the_status_page(new_context: Contexts, house: House, script: bool) -> None:
    house.at_work()
    page = new_context(java_script_enabled=script).new_page()
    page.goto(f"/c/{house.submit().secret}?steady")

    tab_to(page, "Move to another time")
    page.keyboard.press("Enter")
    tab_to(page, "Today")
    assert tab(page, "ArrowRight").startswith("Tue")
    tab_to(page, "00:00")
    page.keyboard.press("Space")
    tab_to(page, "Move the call")
    page.keyboard.press("Enter")
    heading(page, "We call you tomorrow at 00:00")
    if script:
        expect(page.get_by_role("status").first).to_be_focused()
    else:
        renews_itself_no_more(page)

    tab_to(page, "Use another number")
    page.keyboard.press("Enter")
    if not script:
        tab_to(page, "Stop reloading while I fill this in")
        page.keyboard.press("Enter")
        page.wait_for_url("**?open=number#number")
    tab_to(page, "Country")
    assert tab(page).startswith("New phone number")
    page.keyboard.type("020 7946 0123")
    page.keyboard.press("Enter")
    expect(page.get_by_text("We call the new number.")).to_be_visible()

    page.goto(f"{page.url}?steady")
    tab_to(page, "Cancel this call")
    page.keyboard.press("Enter")
    tab_to(page, "Yes, cancel this call")
    page.keyboard.press("Enter")
    heading(page, "You cancelled this call")
