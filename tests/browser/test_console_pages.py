"""The console in a real browser at each of its stages: axe, both schemes, both widths, what is
live, what is typed, sound and keys. What is on it is put there by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest
from playwright.sync_api import Page, Route, expect

from asterisk_callback.domain.errors import InvalidNumber, NotPossible
from asterisk_callback.services.console.view import Stage
from tests.browser import axe
from tests.browser.conftest import Shoot, patience
from tests.browser.steps import Contexts, fits, looks, renews_itself_no_more
from tests.browser.test_inside import sign_in, tab_to
from tests.lab.speed import scaled
from tests.lab.waiting import PATIENCE, until
from tests.marks import mainly
from tests.web.consoles import HandMade, offer
from tests.web.house import House

STAGES = [None, *Stage]


def named(stage: Stage | None) -> str:
    return f"console-{stage or 'idle'}"


@pytest.mark.parametrize("stage", mainly(STAGES, Stage.OFFERED, Stage.CALLING), ids=named)
def test_every_stage_looks_right(
    console: HandMade, new_context: Contexts, shoot: Shoot, stage: Stage | None
) -> None:
    console.put(stage)
    page = new_context(viewport={"width": 1440, "height": 900}).new_page()
    sign_in(page, "priya")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.emulate_media(reduced_motion="reduce")
    fits(page, shoot, f"{named(stage)}-1440")
    looks(page, shoot, named(stage))


def test_an_open_cancel_and_a_refused_number(
    console: HandMade, new_context: Contexts, shoot: Shoot
) -> None:
    console.put(Stage.CHECKING)
    page = new_context(viewport={"width": 1440, "height": 900}).new_page()
    sign_in(page, "priya")
    page.get_by_label("Customer’s number").fill("0770")
    console.refuses = InvalidNumber("This number is too short.")
    page.get_by_role("button", name="Call back").click()
    expect(page.get_by_role("alert").filter(has_text="too short")).to_be_visible()
    expect(page.get_by_label("Customer’s number")).to_have_value("0770")
    expect(page.get_by_label("Customer’s number")).to_be_focused()
    page.get_by_text("Cancel without a call").click()
    page.get_by_role("radio", name="Asked twice").check()
    looks(page, shoot, "console-refused")


# ---------------------------------------------------------------------------- what is live


def test_an_offer_comes_and_is_taken_by_the_keyboard(console: HandMade, priya: Page) -> None:
    expect(priya).to_have_title("Console · Callbacks")
    console.after = lambda one, verb: one.put(Stage.CHECKING) and None
    console.put(Stage.OFFERED)
    expect(priya).to_have_title("(1) Callback: Amira Haddad")
    dialog = priya.get_by_role("alertdialog", name="Amira Haddad")
    expect(dialog).to_have_accessible_description(
        "Support, Moving home number ending in 123 waiting 22 minutes second try"
    )
    expect(dialog.get_by_role("button", name="Take this callback")).to_be_focused()
    expect(priya.locator("html[data-rang]")).to_be_attached()
    axe.nothing_found(priya)
    priya.keyboard.press("Enter")
    expect(priya.get_by_label("Customer’s number")).to_have_value("07700 900123")
    expect(priya).to_have_title("Amira Haddad · Callbacks")
    assert console.calls == [("take", 7)]


def test_passed_on_by_escape(console: HandMade, priya: Page) -> None:
    console.after = lambda one, verb: one.put(None) and None
    console.put(Stage.OFFERED)
    expect(priya.get_by_role("alertdialog")).to_be_visible()
    priya.keyboard.press("Escape")
    expect(priya.get_by_role("heading", name="Nothing in hand")).to_be_visible()
    assert console.calls == [("pass_on", 7)]


def test_an_offer_takes_no_focus_from_who_types(console: HandMade, priya: Page) -> None:
    """A wrap-up whose time is over while its note is still being written: it stays, whole."""
    console.put(Stage.WRAP_UP)
    note = priya.get_by_label("Note")
    note.fill("Line moves with her")
    priya.get_by_role("radio", name="Solved").check()
    note.focus()
    console.put(Stage.OFFERED, offer=offer(8))
    expect(priya.get_by_role("alertdialog")).to_be_visible()
    expect(priya.locator("#heard")).to_have_text("Callback for you: Amira Haddad, Support.")
    expect(note).to_be_focused()
    priya.keyboard.press("End")
    priya.keyboard.type(", on 1 December\n2")
    expect(note).to_have_value("Line moves with her, on 1 December\n2")
    expect(priya.get_by_role("heading", name="Wrap-up that is not saved yet")).to_be_visible()
    axe.nothing_found(priya)
    assert console.calls == [], "no key of this was a command"
    priya.get_by_role("button", name="Save and be ready").click()
    expect(priya.get_by_text("Saved.")).to_be_visible()
    note_then = "Line moves with her, on 1 December\n2"
    until(lambda: console.calls, PATIENCE, "the console to hear of the save")
    assert console.calls == [("save", 5, "Solved", note_then, None, False)]


def test_typing_stays_through_every_change(console: HandMade, priya: Page) -> None:
    """From the talk into the wrap-up; and a number while its offer's news come."""
    console.put(Stage.CHECKING)
    number = priya.get_by_label("Customer’s number")
    number.fill("020 7946 0123")
    console.put(Stage.CHECKING, sentence="Your phone was not answered.")
    expect(priya.get_by_text("Your phone was not answered.")).to_be_visible()
    expect(number).to_have_value("020 7946 0123")
    console.put(Stage.TALKING)
    note = priya.get_by_label("Note")
    note.fill("Moves on 1 December")
    priya.get_by_label("Never call this number again").check()
    console.put(Stage.WRAP_UP)
    expect(priya.locator(".notice", has_text="You talked for 2:14.")).to_be_visible()
    expect(note).to_have_value("Moves on 1 December")
    expect(priya.get_by_label("Never call this number again")).to_be_checked()


def test_the_codes_by_their_numbers(console: HandMade, priya: Page) -> None:
    console.put(Stage.TALKING)
    expect(priya.get_by_role("timer")).to_be_visible()
    priya.keyboard.press("3")
    expect(priya.get_by_role("radio", name="Needs a follow-up")).to_be_checked()
    priya.get_by_role("switch", name="Keyboard shortcuts").click()
    priya.keyboard.press("1")
    expect(priya.get_by_role("radio", name="Needs a follow-up")).to_be_checked()


@pytest.mark.thorough
def test_the_clocks_run_and_are_not_read_out(console: HandMade, priya: Page) -> None:
    console.put(Stage.TALKING)
    expect(priya.get_by_role("timer")).to_have_text("2:16")
    console.put(Stage.OFFERED)
    expect(priya.get_by_role("img", name="12 seconds left")).to_be_visible()
    expect(priya.locator("#heard")).to_have_text("")


def test_news_are_told(console: HandMade, priya: Page) -> None:
    console.put(Stage.OFFERED)
    expect(priya.get_by_role("alertdialog")).to_be_visible()
    console.refuses = NotPossible("Tom Reed took it first.")
    console.put(None, news="Tom Reed took it first.", news_id=7)
    expect(priya.get_by_role("status").filter(has_text="Tom Reed took it first.")).to_be_visible()


def test_an_offer_rings_behind_other_pages(console: HandMade, priya: Page) -> None:
    """Hidden pages have their timers slowed down; the offer comes all the same."""
    priya.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", { get: () => true });
          Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    console.put(Stage.OFFERED)
    expect(priya).to_have_title("(1) Callback: Amira Haddad")
    expect(priya.locator("html[data-rang]")).to_be_attached()


def test_the_sound_can_be_turned_off(console: HandMade, priya: Page) -> None:
    sound = priya.get_by_role("switch", name="Ring for an offer")
    if sound.get_attribute("aria-checked") != "true":  # silent until the page was used
        sound.click()
        expect(sound).to_be_checked()
    sound.click()
    console.put(Stage.OFFERED)
    expect(priya.get_by_role("alertdialog")).to_be_visible()
    expect(priya.locator("html[data-rang]")).not_to_be_attached()
    expect(priya.get_by_role("switch", name="Ring for an offer off")).not_to_be_checked()


@pytest.mark.thorough
def test_a_lost_connection_is_said_and_the_same_offer_is_there_again(
    console: HandMade, priya: Page
) -> None:
    console.put(Stage.OFFERED)
    expect(priya.get_by_role("alertdialog")).to_have_count(1)
    priya.route("**/agent/*", lambda route: route.fulfill(status=410))
    expect(priya.get_by_text("No connection to the server.")).to_be_visible(timeout=patience())
    expect(priya.get_by_text("No connection", exact=True)).to_be_visible()
    priya.unroute("**/agent/*")
    expect(priya.get_by_text("Live")).to_be_visible(timeout=patience())
    expect(priya.get_by_role("alertdialog")).to_have_count(1)


# --------------------------------------------------------------------------- coming and leaving


def test_only_who_goes_away_leaves(console: HandMade, priya: Page) -> None:
    console.put(Stage.OFFERED)
    expect(priya.get_by_role("alertdialog")).to_be_visible()
    priya.reload()
    expect(priya.get_by_role("alertdialog")).to_be_visible()
    console.after = lambda one, verb: verb == "take" and one.put(Stage.CHECKING) and None
    with priya.expect_navigation():
        priya.get_by_role("button", name="Take this callback").click()
    expect(priya.get_by_label("Customer’s number")).to_be_visible()
    assert console.calls == [("take", 7)]
    priya.goto("/account")
    until(lambda: ("leave",) in console.calls, 10, "the console hears that its page was left")


def test_who_goes_away_before_the_next_page_came_leaves(console: HandMade, priya: Page) -> None:
    """The press is done, and the console's next page does not come any more: another does."""
    console.put(Stage.OFFERED)
    with next_page_on_its_way(console, priya):
        priya.goto("/account")
        until(lambda: ("leave",) in console.calls, 10, "the console hears that its page was left")


def test_nothing_comes_until_the_next_page_is_there(console: HandMade, priya: Page) -> None:
    """What was typed into it in between would be lost with the old one."""
    console.put(Stage.OFFERED)
    number = priya.get_by_label("Customer’s number")
    expect(priya.get_by_role("alertdialog")).to_be_visible()
    priya.evaluate(NOTES_A_NUMBER)  # while a page is on its way nothing can be asked of the old one
    with next_page_on_its_way(console, priya):
        for _ in range(3):  # it asks one question at a time: what the first brought would be shown
            with priya.expect_response("**/agent/{fragment,awake}"):
                pass
    expect(number).to_be_focused()
    assert priya.evaluate("sessionStorage.getItem('came')") is None
    number.fill("020 7946 0123")
    with priya.expect_response("**/agent/offers/7/call"):
        priya.get_by_role("button", name="Call back").click()
    assert console.calls[1:] == [("call_back", 7, "020 7946 0123")]


def test_an_offer_is_heard_while_a_press_hangs(console: HandMade, priya: Page) -> None:
    """It has 20 s, as the press: what is not seen yet must be heard."""
    held: list[Route] = []
    console.put(Stage.WRAP_UP)
    note = priya.get_by_label("Note")
    note.fill("Moves on 1 December")
    priya.route("**/agent/wrap-up/5", lambda route: held.append(route))
    with priya.expect_request("**/agent/wrap-up/5"):
        priya.get_by_role("button", name="Save and be ready").click()
    console.put(Stage.OFFERED, offer=offer(8))
    expect(priya.locator("html[data-rang]")).to_be_attached()
    expect(priya.locator("#heard")).not_to_be_empty()
    expect(note).to_have_value("Moves on 1 December")
    until(lambda: priya.evaluate("1") and held, PATIENCE, "the press to be held")
    held.pop().continue_()
    expect(priya.get_by_role("alertdialog")).to_be_visible()


def test_what_was_asked_before_a_refusal_draws_nothing_over_it(
    console: HandMade, priya: Page
) -> None:
    polls: list[Route] = []
    console.put(Stage.WRAP_UP)
    priya.get_by_label("Note").fill("Moves on 1 December")
    priya.route("**/agent/fragment", lambda route: polls.append(route))
    priya.route("**/agent/awake", lambda route: polls.append(route))
    until(lambda: priya.evaluate("1") and polls, PATIENCE, "the page to ask")
    priya.route("**/agent/wrap-up/5", lambda route: route.abort())
    priya.get_by_role("button", name="Save and be ready").click()
    refusal = priya.get_by_role("alert").filter(has_text="could not be reached.")
    expect(refusal).to_be_visible()
    console.put(Stage.OFFERED, offer=offer(8))  # what the held question brings
    answered = polls.pop()
    with priya.expect_response(lambda one: one.request == answered.request):
        answered.continue_()
    until(lambda: priya.evaluate("1") and polls, PATIENCE, "the page to ask again")
    expect(refusal).to_be_visible()
    priya.unroute("**/agent/fragment")
    priya.unroute("**/agent/awake")
    polls.pop().continue_()
    expect(priya.get_by_role("alertdialog")).to_be_visible()


# In a place that outlives the page: whether the number's field came into it.
NOTES_A_NUMBER = """() => new MutationObserver(() => {
  if (document.getElementById("phone")) sessionStorage.setItem("came", "yes");
}).observe(document.getElementById("live"), { childList: true, subtree: true })"""


@contextmanager
def next_page_on_its_way(console: HandMade, page: Page) -> Iterator[None]:
    """The offer on this page is taken, but the server gives out the page that follows only at the
    end. A route that never answers would not do: it is let through with the last one of them."""
    console.after = lambda one, verb: verb == "take" and one.put(Stage.CHECKING) and None
    expect(page.get_by_role("alertdialog")).to_be_visible()
    end = Event()
    console.before_page = lambda: end.wait(scaled(PATIENCE))
    with page.expect_request(lambda asked: asked.is_navigation_request()):
        page.get_by_role("button", name="Take this callback").click(no_wait_after=True)
    try:
        yield
    finally:
        end.set()


@pytest.mark.case("CASES 8: a note survives the end of the session, and is saved by one press")
def test_signed_out_while_writing(house: House, console: HandMade, priya: Page) -> None:
    console.put(Stage.WRAP_UP)
    note = priya.get_by_label("Note")
    note.fill("Moves on 1 December")
    house.clock.pass_(hours=13)
    expect(priya.get_by_text("You are signed out, and nothing is offered")).to_be_visible()
    priya.get_by_role("button", name="Save and be ready").click()
    expect(priya.get_by_text("You are signed out, so nothing was done.")).to_be_visible()
    expect(note).to_have_value("Moves on 1 December")
    with priya.expect_popup() as opened:
        priya.get_by_role("link", name="Sign in in another tab").click()
    sign_in(opened.value, "priya")
    expect(opened.value.get_by_role("heading", level=1)).to_be_visible()
    opened.value.close()
    expect(priya.get_by_text("Live", exact=True)).to_be_visible()
    priya.get_by_role("button", name="Save and be ready").click()
    expect(priya.get_by_text("Saved.")).to_be_visible()
    assert ("save", 5, "", "Moves on 1 December", None, False) in console.calls


# --------------------------------------------------------------------------- without script


def test_without_script(console: HandMade, new_context: Contexts, shoot: Shoot) -> None:
    console.put(Stage.OFFERED)
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, "priya")
    renews_itself_no_more(page)
    console.after = lambda one, verb: (
        one.put(Stage.CHECKING if verb == "take" else Stage.TALKING) and None
    )
    page.get_by_role("button", name="Take this callback").click()
    shoot(page, "console-without-script")
    page.get_by_text("Cancel without a call").click()
    expect(page.get_by_text("Tell the customer")).to_be_visible()
    page.get_by_label("Customer’s number").fill("020 7946 0123")
    page.get_by_role("button", name="Call back").click()
    expect(page.get_by_text("2:14")).to_be_visible()
    expect(page.get_by_role("link", name="Look again")).to_be_visible()
    expect(page.get_by_role("switch")).to_have_count(0)
    page.get_by_label("Note").fill("Solved")
    page.get_by_role("button", name="Save and be ready").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert [one[0] for one in console.calls] == ["take", "call_back", "save"]


@pytest.mark.thorough
def test_without_script_an_offer_comes_by_itself(console: HandMade, new_context: Contexts) -> None:
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, "priya")
    expect(page.get_by_text("Nothing in hand")).to_be_visible()
    console.put(Stage.OFFERED)
    expect(page.get_by_role("alertdialog")).to_be_visible()


def test_all_of_it_by_keyboard(console: HandMade, priya: Page) -> None:
    console.put(Stage.CHECKING)
    expect(priya.get_by_label("Customer’s number")).to_be_visible()
    tab_to(priya, priya.get_by_label("Customer’s number"))
    tab_to(priya, priya.get_by_role("button", name="Call back"))
    tab_to(priya, priya.get_by_role("button", name="Drop call"))
    tab_to(priya, priya.locator("summary", has_text="Cancel without a call"))
    priya.keyboard.press("Enter")
    tab_to(priya, priya.get_by_role("radio", name="Already solved"))
    priya.keyboard.press("ArrowRight")
    expect(priya.get_by_role("radio", name="Asked twice")).to_be_checked()
    tab_to(priya, priya.get_by_role("button", name="Cancel this callback"))
    with priya.expect_response("**/agent/offers/7/cancel"):
        priya.keyboard.press("Enter")
    assert console.calls == [("cancel", 7, "Asked twice", True)]
