"""Each state of the status page as its reader sees it; axe-core has nothing to say to any."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.request import RequestState
from asterisk_callback.services.booking.withdraw import cancel, withdraw
from tests.browser.axe import nothing_found
from tests.browser.conftest import Shoot
from tests.browser.steps import Contexts, fits, looks
from tests.marks import mainly
from tests.web.house import MONDAY, House

pytestmark = pytest.mark.browser
BUSY = QueueStatus(known=True, logged_in=2)


def booked(house: House, **fields: str) -> str:
    return f"/c/{house.submit(**fields).secret}"


def scheduled(house: House) -> str:
    return booked(house, scheduled_for="2026-11-24T10:15")


def in_line(house: House) -> str:
    house.at_work(BUSY)
    for number in range(2):
        house.submit(phone=f"020 7946 015{number}")
    path = booked(house)
    house.clock.pass_(seconds=70)
    return path


def late(house: House) -> str:
    path = in_line(house)
    house.clock.pass_(minutes=25)
    return path


def slipped(house: House) -> str:
    """The calls before take longer than it looked."""
    house.at_work()
    path = booked(house)
    house.at_work(QueueStatus(known=True, logged_in=1, callers=9))
    return path


def stopped(house: House) -> str:
    """A time was promised, and then Asterisk went away, while an agent's phone rang."""
    path = getting_an_agent(house)
    me = house.at_work_name()
    with house.store.writing() as tx:
        tx.servers.renew_lease(me.name, me.epoch, timedelta(days=1), False, "no link")
    return path


def offered(house: House) -> str:
    house.at_work()
    made = house.submit()
    with house.store.writing() as tx:
        offered = made.request.evolve(state=RequestState.OFFERED)
        tx.requests.change(made.request, offered, actor="test", reason="offered")
    return f"/c/{made.secret}"


def nobody_at_work(house: House) -> str:
    house.at_work(QueueStatus(known=True))
    return booked(house)


def next_in_line(house: House) -> str:
    house.at_work()
    return booked(house)


def getting_an_agent(house: House) -> str:
    path = next_in_line(house)
    house.claimed()
    return path


def ringing(house: House) -> str:
    path = next_in_line(house)
    house.clock.pass_(seconds=30)
    house.ringing()
    return path


def pause(house: House) -> str:
    path = next_in_line(house)
    house.clock.pass_(minutes=1)
    house.ends(house.ringing(), Disposition.BUSY)
    house.clock.pass_(minutes=1)
    return path


def talking(house: House) -> str:
    path = next_in_line(house)
    house.clock.pass_(seconds=40)
    house.talking()
    return path


def completed(house: House) -> str:
    path = next_in_line(house)
    house.clock.pass_(seconds=40)
    house.ends(house.talking(), Disposition.ANSWERED)
    return path


def completed_late(house: House) -> str:
    path = in_line(house)
    house.clock.pass_(minutes=30)
    for _ in range(2):
        house.ends(house.talking(), Disposition.ANSWERED)
    house.ends(house.talking(), Disposition.ANSWERED)
    return path


def cancelled(house: House) -> str:
    made = house.submit()
    withdraw(house.store, made.wish)
    return f"/c/{made.secret}"


def called_off(house: House) -> str:
    made = house.submit()
    cancel(house.store, made.request, actor="operator")
    return f"/c/{made.secret}"


def expired(house: House) -> str:
    path = booked(house)
    house.clock.now = MONDAY + timedelta(hours=25)
    house.expired()
    return path


def failed(house: House) -> str:
    path = next_in_line(house)
    house.ends(house.ringing(), Disposition.REJECTED)
    return path


STATES: dict[str, tuple[Callable[[House], str], str]] = {
    "scheduled": (scheduled, "We call you tomorrow at"),
    "restarting": (booked, "Your place is kept"),
    "in-line": (in_line, "We call you between"),
    "late": (late, "We call you"),
    "slipped": (slipped, "We call you between"),
    "stopped": (stopped, "Your place is kept"),
    "offered": (offered, "You’re next"),
    "nobody-at-work": (nobody_at_work, "You’re next"),
    "next": (next_in_line, "We call you by"),
    "getting-an-agent": (getting_an_agent, "Any moment now"),
    "ringing": (ringing, "Your phone is ringing"),
    "pause": (pause, "We ring again"),
    "talking": (talking, "You’re talking with us"),
    "completed": (completed, "We called you"),
    "completed-late": (completed_late, "We called you"),
    "cancelled": (cancelled, "You cancelled this call"),
    "called-off": (called_off, "We had to cancel your call"),
    "expired": (expired, "We did not manage to call you"),
    "failed": (failed, "We could not reach you"),
}


@pytest.mark.parametrize("state", mainly(STATES, "in-line", "pause", "completed-late"))
def test_a_state(page: Page, house: House, shoot: Shoot, state: str) -> None:
    make, heading = STATES[state]
    page.goto(make(house))
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    looks(page, shoot, f"status-{state}")


@pytest.mark.parametrize("state", mainly(["in-line", "pause", "completed-late"], "pause"))
@pytest.mark.parametrize("language", mainly(["en", "ar"], "ar"))
def test_a_phone_at_night(
    new_context: Contexts, house: House, shoot: Shoot, state: str, language: str
) -> None:
    """320 px, dark, also from right to left; every action open."""
    size = {"width": 320, "height": 900}
    options = {"viewport": size, "color_scheme": "dark", "reduced_motion": "reduce"}
    page = new_context(**options).new_page()
    page.goto(f"{STATES[state][0](house)}?lang={language}")
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    for one in page.locator("summary.action").all():
        one.click()
    nothing_found(page)
    fits(page, shoot, f"status-{state}-320-{language}-dark")


def test_right_to_left_on_a_desk(page: Page, house: House, shoot: Shoot) -> None:
    page.goto(f"{in_line(house)}?lang=ar")
    nothing_found(page)
    fits(page, shoot, "status-in-line-ar")
    # The panel's colour lies under the promise: at the right.
    background = page.evaluate("getComputedStyle(document.body).backgroundImage")
    assert "to left" in background
    # One edge for what stands below each other, whichever side lines begin at.
    edges = "[...document.querySelectorAll('.work > div, .foot > :first-child')]"
    found = page.evaluate(f"{edges}.map(one => one.getBoundingClientRect().right)")
    assert len(set(found)) == 1, found
