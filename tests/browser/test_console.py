"""Two agents at their consoles, each in a browser of their own, over the real services; the
dispatcher's rounds are played."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from asterisk_callback.domain.account import Grant, Role
from asterisk_callback.domain.mode import DeliveryMode, OfferPolicy, PreviewOptions
from asterisk_callback.domain.request import RequestState
from asterisk_callback.services.console.offering import OfferService
from tests.browser.steps import Contexts
from tests.browser.test_inside import sign_in
from tests.lab.waiting import PATIENCE, until
from tests.web.house import OTHER_NUMBER, SUPPORT, House

PHONES = frozenset({"PJSIP/anna", "PJSIP/tom"})
Round = Callable[[], bool]


@dataclass
class Two:
    """Their pages."""

    anna: Page
    tom: Page


@pytest.fixture
def offer_to() -> OfferPolicy:
    return OfferPolicy.ONE


@pytest.fixture
def preview(house: House, offer_to: OfferPolicy) -> House:
    queue = replace(SUPPORT, mode=DeliveryMode.PREVIEW, preview=PreviewOptions(offer_to=offer_to))
    house.queues["support"] = queue  # type: ignore[index]
    for login in ("anna", "tom"):
        house.user(login, Grant(Role.AGENT), member=f"PJSIP/{login}")
    house.at_work()
    return house


@pytest.fixture
def round_(preview: House) -> Round:
    """A dispatcher's round. Was anything offered?"""
    offering = OfferService(store=preview.store, queues=preview.queues, guard=preview.guard)

    def act() -> bool:
        offering.sweep(preview.at_work())
        return offering.offer(preview.at_work(), preview.queues["support"], PHONES)

    return act


@pytest.fixture
def two(preview: House, new_context: Contexts) -> Two:
    pages = []
    for login in ("anna", "tom"):
        page = new_context(viewport={"width": 1280, "height": 900}).new_page()
        sign_in(page, login)
        expect(page.get_by_role("heading", name="Nothing in hand")).to_be_visible()
        pages.append(page)
    return Two(*pages)


def take(page: Page) -> None:
    """Pressed, no more: the page that follows is to be seen."""
    page.get_by_role("button", name="Take this callback").click()


def state(house: House) -> RequestState:
    with house.store.reading() as tx:
        found = tx.requests.open_for("support", "+442079460123")
    assert found is not None
    return found.state


def heard(house: House, login: str) -> datetime | None:
    """When this agent's console was last heard of; None once it said that it goes."""
    with house.store.reading() as tx:
        [user] = [one for one in tx.accounts.all() if one.login == login]
        return tx.consoles.seen_at(user.id)


@pytest.mark.parametrize("offer_to", [OfferPolicy.ALL])
def test_one_of_two_takes_it_and_the_other_is_told(preview: House, round_: Round, two: Two) -> None:
    preview.submit(OTHER_NUMBER, name="Amira Haddad")
    assert round_()
    for page in (two.anna, two.tom):
        expect(page).to_have_title("(1) Callback: Amira Haddad")
    take(two.anna)
    expect(two.anna.get_by_label("Customer’s number")).to_have_value(OTHER_NUMBER)
    expect(two.tom.get_by_text("Anna took it first.").first).to_be_visible()
    expect(two.tom).to_have_title("Console · Callbacks")


@pytest.mark.parametrize("offer_to", [OfferPolicy.ALL])
def test_both_press_at_once(preview: House, round_: Round, two: Two) -> None:
    """Tom's page has not heard of it yet, and he presses, too."""
    preview.submit(OTHER_NUMBER, name="Amira Haddad")
    assert round_()
    for page in (two.anna, two.tom):
        expect(page.get_by_role("alertdialog")).to_be_visible()
    two.tom.route("**/agent/fragment", lambda route: route.fulfill(status=410))
    with two.tom.expect_response(lambda answer: answer.status == 410):
        pass  # it asks one question at a time, so none of before is under way any more
    take(two.anna)
    expect(two.anna.get_by_label("Customer’s number")).to_be_visible()
    take(two.tom)
    expect(two.tom.get_by_text("Anna took it first.").first).to_be_visible()
    assert state(preview) is RequestState.OFFERED


def test_passed_on_it_goes_to_the_next(preview: House, round_: Round, two: Two) -> None:
    preview.submit(OTHER_NUMBER, name="Amira Haddad")
    assert round_()
    expect(two.anna.get_by_role("alertdialog")).to_be_visible()
    two.anna.keyboard.press("Escape")
    expect(two.anna.get_by_role("heading", name="Nothing in hand")).to_be_visible()
    assert round_()
    expect(two.tom.get_by_role("alertdialog")).to_be_visible()
    expect(two.anna.get_by_role("alertdialog")).to_have_count(0)


def test_not_answered_it_goes_to_the_next(preview: House, round_: Round, two: Two) -> None:
    preview.submit(OTHER_NUMBER, name="Amira Haddad")
    assert round_()
    expect(two.anna.get_by_role("alertdialog")).to_be_visible()
    preview.clock.pass_(seconds=21)
    expect(two.anna.get_by_role("alertdialog")).to_have_count(0)
    # Their pages say that they are open, by the clock that has moved.
    until(round_, PATIENCE, "the next console to be asked", 0.2)
    expect(two.tom.get_by_role("alertdialog")).to_be_visible()


def test_who_closes_the_browser_loses_the_offer(preview: House, round_: Round, two: Two) -> None:
    """What her page still says when it goes must be read before the clock is moved: what the
    server reads after that is news of that moment, and the clock then stands still."""
    preview.submit(OTHER_NUMBER, name="Amira Haddad")
    assert round_()
    expect(two.anna.get_by_role("alertdialog")).to_be_visible()
    two.anna.route("**/agent/fragment", lambda route: route.fulfill(status=410))
    with two.anna.expect_response(lambda answer: answer.status == 410):
        pass  # it asks one question at a time, so the server has none of hers any more
    two.anna.goto("/account")
    until(lambda: heard(preview, "anna") is None, PATIENCE, "her page's farewell to be read", 0.05)
    preview.clock.pass_(seconds=5)
    until(round_, PATIENCE, "the next console to be asked", 0.2)
    expect(two.tom.get_by_role("alertdialog")).to_be_visible()


def test_who_loads_the_page_anew_keeps_the_offer(preview: House, round_: Round, two: Two) -> None:
    preview.submit(OTHER_NUMBER, name="Amira Haddad")
    assert round_()
    expect(two.anna.get_by_role("alertdialog")).to_be_visible()
    two.anna.reload()
    expect(two.anna.get_by_role("alertdialog")).to_have_count(1)
    assert not round_()


def test_a_number_that_may_not_be_called_and_one_that_is_changed(
    preview: House, round_: Round, two: Two
) -> None:
    preview.submit(OTHER_NUMBER, name="Amira Haddad")
    assert round_()
    take(two.anna)
    number = two.anna.get_by_label("Customer’s number")
    number.fill("0900 123")
    two.anna.get_by_role("button", name="Call back").click()
    expect(two.anna.get_by_role("alert").filter(has_text="Error:")).to_be_visible()
    expect(number).to_have_value("0900 123")
    number.fill("020 7946 0199")
    two.anna.get_by_role("button", name="Call back").click()
    expect(two.anna.get_by_role("heading", name="Your phone rings")).to_be_visible()
    expect(two.anna.get_by_text("020 7946 0199")).to_be_visible()


def test_cancelled_and_then_dropped(preview: House, round_: Round, two: Two) -> None:
    preview.submit(OTHER_NUMBER, name="Amira Haddad")
    assert round_()
    take(two.anna)
    two.anna.get_by_text("Cancel without a call").click()
    two.anna.get_by_role("radio", name="Asked twice").check()
    two.anna.get_by_role("button", name="Cancel this callback").click()
    expect(two.anna.get_by_role("heading", name="Cancelled without a call")).to_be_visible()
    two.anna.get_by_role("button", name="Drop call").click()
    expect(two.anna.get_by_role("heading", name="Nothing in hand")).to_be_visible()
