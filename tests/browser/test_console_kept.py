"""At the console nothing typed is lost, nobody is signed out without a word, and the focus is where
the work is. What is on it is put there by hand."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, Route, expect

from asterisk_callback.domain.errors import NotPossible
from asterisk_callback.services.console.view import Stage
from tests.browser import axe
from tests.browser.conftest import Shoot
from tests.browser.steps import PAINTED, fits, painted
from tests.browser.test_inside import sign_in
from tests.lab.waiting import PATIENCE, until
from tests.web.consoles import HandMade, attempt, offer
from tests.web.house import House

pytestmark = pytest.mark.browser


SAVE = "Save and be ready"


def saved(console: HandMade) -> list[str]:
    """The notes that were saved."""
    return [one[3] for one in console.calls if one[0] == "save"]


@pytest.mark.case("CASES 8: a note survives a save that fails")
def test_a_save_that_fails_loses_nothing(console: HandMade, priya: Page, shoot: Shoot) -> None:
    console.put(Stage.WRAP_UP)
    priya.get_by_label("Note").fill("Moves on 1 December")
    priya.get_by_label("Never call this number again").check()
    broken = "**/agent/wrap-up/5"
    for answer, said in (
        (lambda route: route.fulfill(status=410, body="Bad gateway"), "just now (410)."),
        (lambda route: route.abort(), "could not be reached."),
    ):
        priya.route(broken, answer)
        priya.get_by_role("button", name=SAVE).click()
        expect(priya.get_by_role("alert").filter(has_text=said)).to_be_visible()
        expect(priya.get_by_label("Note")).to_have_value("Moves on 1 December")
        expect(priya.get_by_label("Never call this number again")).to_be_checked()
        priya.unroute(broken)
    axe.nothing_found(priya)
    fits(priya, shoot, "console-save-failed")
    assert saved(console) == []
    priya.get_by_role("button", name=SAVE).click()
    expect(priya.get_by_text("Saved.")).to_be_visible()
    assert saved(console) == ["Moves on 1 December"]


@pytest.mark.case("CASES 8: a note survives its page, and the call's time")
def test_what_was_typed_is_there_again(console: HandMade, priya: Page) -> None:
    console.put(Stage.WRAP_UP)
    priya.get_by_label("Note").fill("Moves on 1 December")
    priya.get_by_role("radio", name="Solved").check()
    priya.goto("/account")
    console.put(Stage.OFFERED, offer=offer(8))
    console.after = lambda one, verb: verb == "take" and one.put(Stage.CHECKING) and None
    priya.goto("/agent")
    expect(priya.get_by_role("heading", name="Wrap-up that is not saved yet")).to_be_visible()
    expect(priya.get_by_text("not saved yet.", exact=False).last).to_be_visible()
    priya.get_by_role("button", name="Take this callback").click()
    expect(priya.get_by_label("Customer’s number")).to_be_focused()
    expect(priya.get_by_label("Note")).to_have_value("Moves on 1 December")
    expect(priya.get_by_role("radio", name="Solved")).to_be_checked()
    axe.nothing_found(priya)
    priya.get_by_role("button", name="Save", exact=True).click()
    expect(priya.get_by_text("Saved.")).to_be_visible()
    expect(priya.get_by_label("Note")).to_have_count(0)
    assert saved(console) == ["Moves on 1 December"]


@pytest.mark.thorough
def test_a_refusal_of_one_leaves_the_other(console: HandMade, priya: Page) -> None:
    """A wrap-up that is late, and the one of the call in hand."""
    console.put(Stage.WRAP_UP)
    priya.get_by_label("Note").fill("Of the first call")
    console.put(Stage.TALKING, attempt=attempt(Stage.TALKING, 6))
    late, wrap = (priya.locator(f'[data-live="{name}"]') for name in ("late", "wrap"))
    expect(late.get_by_label("Note")).to_have_value("Of the first call")
    wrap.get_by_role("radio", name="Voicemail").focus()
    priya.keyboard.press("Enter")
    expect(wrap.get_by_label("Note")).to_be_focused()
    priya.keyboard.type("Of the second")
    console.refuses = NotPossible("There is no such call of yours.")
    late.get_by_role("button", name="Save").click()
    expect(priya.get_by_text("There is no such call of yours.")).to_be_visible()
    expect(late.get_by_label("Note")).to_have_value("Of the first call")
    expect(wrap.get_by_label("Note")).to_have_value("Of the second")
    assert saved(console) == ["Of the first call"], "no Enter saved anything"


@pytest.mark.thorough
def test_a_draft_can_be_let_go_of(house: House, console: HandMade, priya: Page) -> None:
    console.put(Stage.WRAP_UP)
    priya.get_by_label("Note").fill("Moves on 1 December")
    console.put(None)
    priya.get_by_role("button", name="Let go of it").click()
    expect(priya.get_by_label("Note")).to_have_count(0)
    priya.goto("/agent")
    expect(priya.get_by_role("heading", name="Nothing in hand")).to_be_visible()
    expect(priya.get_by_label("Note")).to_have_count(0)


@pytest.mark.case("CASES 8: a waiting agent is never signed out without a word")
def test_who_waits_is_told_before_the_session_ends(
    house: House, console: HandMade, priya: Page, shoot: Shoot
) -> None:
    stay = priya.get_by_role("button", name="Stay signed in")
    expect(priya.get_by_text("Live", exact=True)).to_be_visible()
    house.clock.pass_(minutes=28, seconds=30)
    expect(priya.get_by_text("Nobody has used this console for a while")).to_be_visible()
    expect(priya).to_have_title("Signed out in 1:30 · Console")
    expect(priya.locator("html[data-rang]")).to_be_attached()
    fits(priya, shoot, "console-ending")
    axe.nothing_found(priya)
    with priya.expect_response("**/agent/awake"):
        stay.click()
    expect(priya).to_have_title("Console · Callbacks")
    house.clock.pass_(minutes=29)
    expect(stay).to_be_visible()
    house.clock.pass_(minutes=2)
    expect(priya.get_by_text("since nobody had used the console for a while")).to_be_visible()
    expect(priya.get_by_label("Login name")).to_be_focused()
    sign_in(priya, "priya")
    expect(priya.get_by_role("heading", name="Nothing in hand")).to_be_visible()


# ------------------------------------------------------------------------------------------ keys


@pytest.mark.case("CASES 8: a whole call by at most 12 keys, the focus on what comes next")
def test_a_whole_call_by_few_keys(console: HandMade, priya: Page) -> None:
    """The note's own letters are not counted."""
    keys = 0

    def press(*names: str) -> None:
        nonlocal keys
        painted(priya)
        keys += sum(len(name.split("+")) for name in names)
        for name in names:
            priya.keyboard.press(name)

    stages = {"take": Stage.CHECKING, "call_back": Stage.CALLING, "save": None}
    console.after = lambda one, verb: one.put(stages[verb]) and None
    console.put(Stage.OFFERED)
    expect(priya.get_by_role("button", name="Take this callback")).to_be_focused()
    press("Enter")
    expect(priya.get_by_label("Customer’s number")).to_be_focused()
    press("Enter")
    expect(priya.get_by_role("heading", name="Your phone rings")).to_be_visible()
    expect(priya.get_by_role("heading", level=1)).to_be_focused()
    console.put(Stage.TALKING)
    expect(priya.get_by_role("radio", name="Solved")).to_be_focused()
    press("3")
    expect(priya.get_by_label("Note")).to_be_focused()
    priya.keyboard.type("Moves on 1 December")
    press("Escape", "1")
    expect(priya.get_by_role("radio", name="Solved")).to_be_checked()
    expect(priya.get_by_label("Note")).to_be_focused()
    console.put(Stage.WRAP_UP)
    expect(priya.locator(".notice", has_text="You talked for 2:14.")).to_be_visible()
    expect(priya.get_by_label("Note")).to_be_focused()
    press("Control+Enter")
    expect(priya.get_by_text("Saved.")).to_be_visible()
    expect(priya.get_by_role("heading", name="Nothing in hand")).to_be_focused()
    assert [one[0] for one in console.calls] == ["take", "call_back", "save"]
    assert console.calls[-1][2:4] == ("Solved", "Moves on 1 December")
    assert keys <= 12 and keys == 7, "of which two put a wrong code right"


@pytest.mark.case("CASES 8: the focus stays on its button while the page renews itself")
def test_the_focus_stays_where_it_is(console: HandMade, priya: Page) -> None:
    console.put(Stage.RINGING, attempt=replace(attempt(Stage.RINGING), ringing_at=None))
    expect(priya.locator(".legs")).to_contain_text("being dialled")
    drop = priya.get_by_role("button", name="Drop call")
    drop.focus()
    console.put(Stage.RINGING)
    expect(priya.locator(".legs")).to_contain_text("rings")
    expect(drop).to_be_focused()


def test_a_held_enter_takes_and_does_not_call(console: HandMade, priya: Page) -> None:
    """Nor where the next page is seen before its script has come, which it takes to know that."""
    held: list[Route] = []
    console.after = lambda one, verb: one.put(Stage.CHECKING) and None
    console.put(Stage.OFFERED)
    expect(priya.get_by_role("button", name="Take this callback")).to_be_focused()
    priya.route("**/console*.js*", lambda route: held.append(route))
    priya.keyboard.down("Enter")
    number = priya.get_by_label("Customer’s number")
    expect(number).to_be_visible()
    until(lambda: priya.evaluate(PAINTED), PATIENCE, "the page to be painted")
    for _ in range(3):
        priya.keyboard.down("Enter")
    until(lambda: priya.evaluate("1") and held, PATIENCE, "the page to ask for its script")
    held.pop().continue_()
    expect(number).to_be_focused()
    for _ in range(3):
        priya.keyboard.down("Enter")
    priya.keyboard.up("Enter")
    with priya.expect_response("**/agent/fragment"):
        pass
    assert console.calls == [("take", 7)]
