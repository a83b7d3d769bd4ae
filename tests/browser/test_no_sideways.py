"""No page of the inside scrolls sideways, at any width from a phone's to a desk's, with callers in
every queue and names as long as 40 characters, in one word."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from asterisk_callback.domain.account import Grant, Role
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.queue_member import Device
from asterisk_callback.services.console.view import Stage
from tests.browser.conftest import Shoot
from tests.browser.test_inside import sign_in
from tests.web.consoles import EARLIER, MEMBER, NOW, WISH, HandMade, Rules, a_day
from tests.web.house import SERVER, SUPPORT, House
from tests.web.test_presence import ANNA

pytestmark = pytest.mark.browser

WORD = "Maximiliane-Wilhelmine-Donaudampfschiff."
SPACED = "Bartholomew Featherstonehaugh-Cholmonde."
assert len(WORD) == len(SPACED) == 40
WIDTHS = [*range(320, 1281, 40), 390, 639, 641, 767, 768, 1023, 1024]
STAGES = [None, *Stage]

# What stands out beyond the page, for whoever has to mend it.
OUT = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > root.clientWidth + 0.5)
    .map((one) => one.outerHTML.slice(0, 90)).slice(0, 4);
}"""


def holds(page: Page, shoot: Shoot, name: str) -> None:
    """Never wider than its window. Taller than any: a scroll bar must not change the width."""
    page.emulate_media(reduced_motion="reduce")
    found = {}
    for width in sorted(WIDTHS):
        page.set_viewport_size({"width": width, "height": 900})
        out = page.evaluate(OUT)
        if out:
            found[width] = out
        if width in (320, 800, 1280):
            shoot(page, f"{name}-{width}")
    assert found == {}, name


@pytest.fixture
def busy(house: House) -> House:
    """Callers in every queue, callbacks in most states, everybody with a long name."""
    for name in ("sales", "billing", "office"):
        title = f"{name.title()} of {WORD}"[:40]
        house.queues[name] = replace(  # type: ignore[index]
            SUPPORT, name=name, title=title, asterisk_queue=name, topics=(WORD,)
        )
    house.queues["office"] = replace(house.queues["office"], mode=DeliveryMode.PREVIEW)  # type: ignore[index]
    made = house.user("helen", Grant(Role.ADMINISTRATOR), member="PJSIP/1004")
    house.accounts.users.rename(made.id, WORD, "PJSIP/1004", actor="test")
    house.at_work()
    house.submit("020 7946 0139", name=WORD)
    house.ends(house.ringing(), Disposition.BUSY)
    facts = QueueStatus(known=True, logged_in=16, free=0, callers=123)
    with house.store.writing() as tx:
        for name, one in house.queues.items():
            tx.servers.put_queue_facts(SERVER, one.asterisk_queue, facts)
            tx.queue_members.replace(
                SERVER,
                one.asterisk_queue,
                [
                    replace(
                        ANNA,
                        asterisk_queue=one.asterisk_queue,
                        interface=f"PJSIP/{name}{n}",
                        name=text,
                        status=Device.IN_USE,
                        paused=n == 2,
                        paused_reason=WORD,
                    )
                    for n, text in enumerate((WORD, SPACED, WORD[::-1]))
                ],
            )
    for n, name in enumerate(house.queues):
        house.submit(f"020 7946 014{n}", name, name=WORD if n % 2 else SPACED, topic="")
        house.submit(f"020 7946 015{n}", name, name=SPACED, scheduled_for="2026-11-24T10:15")
    house.clock.pass_(minutes=200)
    return house


def board(page: Page) -> None:
    sign_in(page, "helen")
    page.goto("/board?picked=1")
    expect(page.get_by_role("heading", name="Who is waiting, and why")).to_be_visible()


@pytest.mark.case("CASES 8: no sideways scroll at any width, callers in every queue, long names")
def test_the_board(busy: House, page: Page, shoot: Shoot) -> None:
    board(page)
    holds(page, shoot, "long-board")


@pytest.mark.thorough
def test_the_pages_beside_it(busy: House, page: Page, shoot: Shoot) -> None:
    board(page)
    page.get_by_role("link", name=WORD).first.click()
    expect(page.get_by_role("heading", name="The story")).to_be_visible()
    holds(page, shoot, "long-request")
    for path in ("/reports", "/admin", "/account"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        holds(page, shoot, f"long{path.replace('/', '-')}")


@pytest.fixture
def console(house: House) -> HandMade:
    house.clock.now = NOW
    made = house.user("priya", Grant(Role.AGENT), member=MEMBER)
    house.accounts.users.rename(made.id, WORD, MEMBER, actor="test")
    words = (SPACED, WORD, "Voicemail")
    booked = tuple(replace(one, name=WORD, topic=WORD) for one in a_day().booked)
    rules = Rules(wrap_up_codes=words, cancel_reasons=words)
    return HandMade(today=replace(a_day(), booked=booked), rules=rules)


@pytest.mark.thorough
@pytest.mark.case("CASES 8: no sideways scroll at any width on the console, long names")
def test_the_console(house: House, console: HandMade, page: Page, shoot: Shoot) -> None:
    sign_in(page, "priya")
    wish = replace(WISH, name=WORD, topic=WORD, about=f"{WORD} " * 4)
    queue = replace(SUPPORT, title=WORD)
    for stage in STAGES:
        if stage:
            console.put(stage, wish=wish, queue=queue, attempts=[replace(EARLIER, agent=WORD)])
        else:
            console.put(None, in_line=123, news=f"{WORD} took it first.", news_id=1)
        page.goto("/agent")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        if stage is Stage.CHECKING:
            page.get_by_text("Cancel without a call").click()
        holds(page, shoot, f"long-console-{stage or 'idle'}")
