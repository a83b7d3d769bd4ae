"""The console in a browser before a real Asterisk: the agent's own phone, the customer's, the talk
and the wrap-up. The far end's log of INVITEs judges who was rung."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from asterisk_callback.bootstrap.web import accounts
from asterisk_callback.domain.account import Grant, Role
from tests.browser.conftest import patience
from tests.browser.steps import painted
from tests.browser.test_inside import sign_in
from tests.lab import behaviours
from tests.lab.calls import AT_ONCE, ask
from tests.lab.consoles import Desk
from tests.lab.deployment import Deployment
from tests.lab.speed import scaled
from tests.lab.waiting import PATIENCE, until
from tests.web.house import PASSWORD

Open = Callable[[str], Page]


@pytest.fixture
def open_console(lab: Deployment, browser: Browser) -> Iterator[Open]:
    """open_console(agent): their console in a browser of its own; their phone is PJSIP/AGENT."""
    contexts = []

    def open_(agent: str) -> Page:
        user = Desk.open(lab, agent).user
        with lab.store.writing() as tx:
            tx.accounts.add_grant(user.id, Grant(Role.AGENT, "support"))
        users = accounts(lab.settings, lab.store).users
        users.set_password(user.id, PASSWORD, actor="tests")
        context = browser.new_context(base_url=lab.base_url, locale="en-GB")
        context.set_default_timeout(patience())
        contexts.append(context)
        page = context.new_page()
        sign_in(page, user.login)
        expect(page.get_by_role("heading", name="Nothing in hand")).to_be_visible()
        return page

    yield open_
    for context in contexts:
        context.close()


def sees(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=1000 * scaled(PATIENCE))


def test_take_edit_call_talk_and_wrap_up(lab: Deployment, open_console: Open) -> None:
    page = open_console("1001")
    world = lab.bed.world
    call = ask(lab, behaviours.ring(), {"1001": behaviours.ring()}, queue="preview")
    other = lab.number()
    world.customer(other, behaviours.ring())
    page.get_by_role("button", name="Take this callback").click()
    page.get_by_label("Customer’s number").fill(other)
    assert world.agent_invites == [], "nothing rings until it is asked for"
    page.get_by_role("button", name="Call back").click()
    sees(page, "Your phone rings")
    world.wait_agent_invite("1001")
    assert world.invites == [], "the customer's phone only once the agent is on the line"
    world.answer("1001")
    sees(page, "The customer’s phone is dialled")
    world.wait_invite(other)
    world.answer(other)
    sees(page, "Talking for")
    page.get_by_label("Note").fill("Moves on 1 December")
    world.hang_up(other)
    expect(page.locator(".notice", has_text="The call is over.")).to_be_visible()
    expect(page.get_by_label("Note")).to_have_value("Moves on 1 December")
    page.get_by_role("radio", name="Solved").check()
    page.get_by_role("button", name="Save and be ready").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    sees(page, "Nothing in hand")
    [attempt] = call.ended("answered").attempts
    with lab.store.reading() as tx:
        said = tx.wrap_ups.get(attempt.id)
    assert said is not None and (said.code, said.note) == ("Solved", "Moves on 1 December")
    assert len(world.invites_for(other)) == 1 and world.invites_for(call.number) == []
    assert len(world.agent_invites) == 1


def test_the_agent_drops_the_call(lab: Deployment, open_console: Open) -> None:
    """Begun by the keyboard: Enter takes it, Enter calls."""
    page = open_console("1001")
    call = ask(lab, behaviours.answer(after=0.1), {"1001": AT_ONCE}, queue="preview")
    expect(page.get_by_role("button", name="Take this callback")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Customer’s number")).to_be_focused()
    painted(page)
    page.keyboard.press("Enter")
    sees(page, "Talking for")
    expect(page.get_by_role("radio", name="Solved")).to_be_focused()
    page.get_by_role("button", name="Drop call").click()
    expect(page.locator(".notice", has_text="The call is over.")).to_be_visible()
    call.ended("answered")
    lab.bed.world.wait_ended(call.number)
    lab.bed.world.wait_ended("1001")
    call.rings(1)


@pytest.mark.thorough
def test_closed_the_browser_and_the_next_agent_has_it(lab: Deployment, open_console: Open) -> None:
    """Both phones are free; whoever is asked first closes the browser."""
    pages = [open_console("1001"), open_console("1002")]
    ask(lab, behaviours.ring(), {}, queue="preview", name="Amira Haddad")
    first = page_with_the_offer(pages)
    [other] = [page for page in pages if page is not first]
    first.context.close()
    expect(other).to_have_title("(1) Callback: Amira Haddad", timeout=1000 * scaled(PATIENCE))


def page_with_the_offer(pages: list[Page]) -> Page:
    def asked() -> Page | None:
        return next((one for one in pages if one.get_by_role("alertdialog").count()), None)

    return until(asked, PATIENCE, "one of the consoles to be asked", 0.1)


def test_a_call_of_the_asterisk_queue_shows_by_itself(lab: Deployment, open_console: Open) -> None:
    """agent_first: on the console of the agent whose phone took it."""
    page = open_console("1001")
    call = ask(lab, behaviours.ring(), {"1001": AT_ONCE}, queue="support")
    call.customer_rings()
    sees(page, "The customer’s phone is dialled")
    lab.bed.world.answer(call.number)
    sees(page, "Talking for")
    lab.bed.world.hang_up(call.number)
    expect(page.locator(".notice", has_text="The call is over.")).to_be_visible()
    call.ended("answered")
    call.rings(1)
