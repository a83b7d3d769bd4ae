"""What the form offers: opening hours, free and full times, a queue that is closed or full."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from asterisk_callback.domain.opening_hours import Hours, OpeningSpan
from asterisk_callback.domain.slots import SlotRules
from tests.web.house import OFFICE, SUPPORT, House
from tests.web.page import Visitor, text_of, value_of


def test_closed_offers_the_next_free_times(tmp_path: Path) -> None:
    house = House(tmp_path, queues={"office": OFFICE})
    house.clock.pass_(hours=5)  # seven in the evening
    visitor = Visitor(house.app().test_client())
    page = visitor.client.get("/")
    assert "The next free time is tomorrow at 08:00" in text_of(page)
    assert 'value="asap"' not in page.text and '<body class="split ended">' in page.text
    late = visitor.submit(queue="office", when="asap")  # a form that was opened before six
    assert late.status_code == 422 and "We are closed right now" in text_of(late)
    assert 'name="when" value="2026-11-24T08:00+00:00"' in late.text
    assert visitor.book(queue="office", when="2026-11-24T08:00+00:00")
    house.close()


@pytest.mark.case("CASES 8: no queue is closed until on Thursday")
@pytest.mark.parametrize(
    ("language", "same_day", "later"),
    [
        ("en", "Closed until 20:00", "We open on Thursday 26 November at 08:00"),
        ("de", "Wir öffnen um 20:00 Uhr", "Wir öffnen am Donnerstag, 26. November um 08:00 Uhr"),
        ("es", "Abrimos a las 20:00", "Abrimos el jueves 26 de noviembre a las 8:00"),
        ("ar", "نفتح الساعة 8:00 م", "نفتح يوم الخميس 26 نوفمبر الساعة 8:00 ص"),
    ],
)
def test_when_a_closed_department_opens(
    tmp_path: Path, language: str, same_day: str, later: str
) -> None:
    days = frozenset({date(2026, 11, 24), date(2026, 11, 25)})
    evening = replace(
        OFFICE.hours, week=((OpeningSpan(480, 1080), OpeningSpan(1200, 1260)),) * 7, closed_on=days
    )
    house = House(tmp_path, queues={"office": replace(OFFICE, hours=evening)})
    client = house.client()
    house.clock.pass_(hours=5)  # seven in the evening
    tags = []
    for _ in range(2):
        page = client.get(f"/?lang={language}").text
        [tag] = re.findall(r'<span class="tag">(.*?)</span>', page, re.S)
        tags.append(" ".join(re.sub("<[^>]+>", "", tag).split()))
        house.clock.pass_(hours=3)
    assert tags == [same_day, later]
    house.close()


def test_when_we_are_here(tmp_path: Path) -> None:
    hours = replace(
        OFFICE.hours,
        closed_on=frozenset({date(2026, 11, 25)}),
        open_on={date(2026, 11, 26): (OpeningSpan(480, 720), OpeningSpan(780, 1440))},
    )
    house = House(tmp_path, queues={"office": replace(OFFICE, hours=hours), "support": SUPPORT})
    client = house.app().test_client()
    page = text_of(client.get("/q/office"))
    assert "When we’re here Monday–Friday 08:00–18:00 Saturday and Sunday Closed" in page
    assert "Closed Wednesday 25 November Closed Thursday 26 November 08:00–12:00" in page
    assert "13:00–00:00 By the clock in London." in page
    assert "When we’re here" not in text_of(client.get("/q/support"))
    assert "When we’re here" in client.get("/form/parts?queue=office&time_zone=Asia/Tokyo").text
    house.close()


@pytest.mark.parametrize(
    ("language", "week"),
    [
        ("en", "Monday–Friday 08:00–18:00 Saturday 09:00–16:00 Sunday Closed"),
        ("de", "Montag–Freitag 08:00–18:00 Samstag 09:00–16:00 Sonntag"),
        ("es", "Lunes–viernes 8:00–18:00 Sábado 9:00–16:00 Domingo"),
        # Where Arabic is read, weeks begin with a Saturday.
        ("ar", "السبت 9:00 ص–4:00 م الأحد"),
    ],
)
def test_equal_days_are_one_line(tmp_path: Path, language: str, week: str) -> None:
    days = ((OpeningSpan(480, 1080),),) * 5 + ((OpeningSpan(540, 960),), ())
    hours = replace(OFFICE.hours, week=days)
    house = House(tmp_path, queues={"office": replace(OFFICE, hours=hours)})
    assert week in text_of(house.app().test_client().get(f"/?lang={language}"))
    house.close()


def test_every_day_is_one_line(tmp_path: Path) -> None:
    hours = replace(OFFICE.hours, week=((OpeningSpan(480, 1080),),) * 7)
    house = House(tmp_path, queues={"office": replace(OFFICE, hours=hours)})
    house.clock.pass_(hours=9)
    page = text_of(house.app().test_client().get("/"))
    assert "When we’re here Monday–Sunday 08:00–18:00 By the clock in London." in page
    house.close()


def test_full_says_so_and_offers_times(tmp_path: Path) -> None:
    house = House(tmp_path, queues={"support": replace(SUPPORT, max_waiting=1)})
    visitor = Visitor(house.app().test_client())
    visitor.book()
    page = visitor.client.get("/")
    assert "So many people are waiting" in text_of(page) and 'value="asap"' not in page.text
    assert 'name="when" value="2026-11-23T14:15+00:00" checked' in page.text
    late = visitor.submit(phone="020 7946 0123", name="Ada")
    assert late.status_code == 422 and "could not call you today" in text_of(late)
    assert value_of(late, "name") == "Ada"
    house.close()


def test_a_time_that_was_just_taken_comes_back_with_the_nearest(tmp_path: Path) -> None:
    one_place = replace(SUPPORT, slots=SlotRules(capacity=1))
    house = House(tmp_path, queues={"support": one_place})
    visitor = Visitor(house.app().test_client())
    visitor.book(when="2026-11-23T14:30+00:00")
    page = visitor.submit(
        phone="020 7946 0123",
        name="Ada",
        when="later",
        slot="2026-11-23T15:30+01:00",
        time_zone="Europe/Berlin",
        zone_known="1",
    )
    words = "15:30 has just been taken. The nearest free times are 15:15, 15:45 and 16:00."
    assert page.status_code == 422 and words in text_of(page)
    assert 'name="when" value="2026-11-23T15:45+01:00"' in page.text
    assert value_of(page, "name") == "Ada"
    house.close()


def test_full_times_are_shown_and_cannot_be_chosen(tmp_path: Path) -> None:
    """Struck through rather than missing; a day without a free time stands there, too."""
    short = Hours(zone="Europe/London", week=((OpeningSpan(540, 570),),) * 7)
    short_days = replace(SUPPORT, hours=short, slots=SlotRules(capacity=1, days_ahead=12))
    house = House(tmp_path, queues={"support": short_days})
    for n, time in enumerate(("24T09:00", "24T09:15", "25T09:15")):
        house.submit(phone=f"020 7946 015{n}", scheduled_for=f"2026-11-{time}")
    page = house.app().test_client().get("/").text
    assert page.count(" disabled>") == 2
    full_day = r'name="day" disabled><span><b>Tue</b> <small>24 Nov</small></span> <span class="vh"'
    full_time = r'name="slot" disabled><span><time[^>]*>09:15</time> </span> <span class="vh">Full'
    assert re.search(full_day, page) and re.search(full_time, page)
    assert 'value="2026-11-25" checked' in page and "Time tomorrow" not in page
    assert 'value="2026-11-25T09:00+00:00"' in page
    house.close()


def test_the_repeated_hour_shows_its_offset(house: House) -> None:
    house.clock.now = datetime(2026, 10, 24, 12, tzinfo=UTC)
    page = house.app().test_client().get("/")
    for offset in ("01:00", "00:00"):
        assert f'value="2026-10-25T01:15+{offset}"' in page.text
        assert f'<small dir="ltr">UTC+{offset}</small>' in page.text
