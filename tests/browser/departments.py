"""A company with a department in every state that the form can be opened in."""

from dataclasses import replace
from pathlib import Path

from asterisk_callback.domain.hold import Hold
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.opening_hours import Hours, OpeningSpan
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.slots import SlotRules
from tests.web.house import OFFICE, SUPPORT, House, queue

LONDON = "Europe/London"
# Half an hour a day, so that a few wishes fill it.
BRIEF = Hours(zone=LONDON, week=((OpeningSpan(540, 570),),) * 7)
DEPARTMENTS = {
    "support": SUPPORT,
    "office": OFFICE,
    "preview": replace(queue("preview", "Sales"), mode=DeliveryMode.PREVIEW),
    "told": replace(queue("told", "Press"), mode=DeliveryMode.NOTIFY),
    "crowded": replace(queue("crowded", "Crowded"), max_waiting=1),
    "brief": replace(
        queue("brief", "Brief"), hours=BRIEF, slots=SlotRules(capacity=1, days_ahead=12)
    ),
    "booked": replace(
        queue("booked", "Booked"), hours=BRIEF, slots=SlotRules(capacity=1, days_ahead=1)
    ),
}


def company(folder: Path) -> House:
    return House(folder, queues=DEPARTMENTS)


def open_(house: House) -> str:
    house.at_work(QueueStatus(known=True, logged_in=6))
    return "/q/support"


def nobody_knows(house: House) -> str:
    """No dispatcher, so nobody can say when a call comes."""
    return "/q/support"


def nobody(house: House) -> str:
    """Preview, and six agents are logged in, but no console is open."""
    house.at_work()
    return "/q/preview"


def told(house: House) -> str:
    house.at_work()
    return "/q/told"


def closed(house: House) -> str:
    """Monday, eleven in the evening."""
    house.clock.pass_(hours=9)
    return "/q/office"


def full(house: House) -> str:
    house.submit(queue="crowded")
    return "/q/crowded"


def paused(house: House) -> str:
    with house.store.writing() as tx:
        tx.holds.add(Hold(scope="office", since=house.clock(), actor="tests"))
    return "/q/office"


def some_full(house: House) -> str:
    """All of tomorrow, and one of the two times of the day after."""
    for n, time in enumerate(("24T09:00", "24T09:15", "25T09:15")):
        house.submit(f"020 7946 015{n}", "brief", scheduled_for=f"2026-11-{time}")
    return "/q/brief"


def booked_out(house: House) -> str:
    for n, time in enumerate(("24T09:00", "24T09:15")):
        house.submit(f"020 7946 015{n}", "booked", scheduled_for=f"2026-11-{time}")
    return "/q/booked"


# By name: how it comes about, and what the page says then.
STATES = {
    "open": (open_, "Ask now, and we call between"),
    "unknown": (nobody_knows, "as soon as we can"),
    "nobody": (nobody, "as soon as one of us is free"),
    "told": (told, "Our team is told"),
    "closed": (closed, "We open tomorrow at 08:00"),
    "full": (full, "Full just now"),
    "paused": (paused, "Paused"),
    "some-full": (some_full, "We open tomorrow at 09:00"),
    "booked-out": (booked_out, "no time is free"),
}
