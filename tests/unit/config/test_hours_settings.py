"""Opening hours, holidays and slots in the configuration."""

from datetime import date, timedelta

from asterisk_callback import bootstrap
from asterisk_callback.domain.opening_hours import ALL_DAY, span
from tests.unit.config.conftest import Load, Problems


def company(lines: str) -> tuple[str, str]:
    return ('country = "GB"', f'country = "GB"\n{lines}')


def test_without_any_it_is_always_open(load: Load) -> None:
    queue = bootstrap.queues(load())["support"]
    assert queue.hours.zone == "Europe/London"
    assert queue.hours.week == (ALL_DAY,) * 7
    assert queue.permitted == span("08:00-21:00")
    assert (queue.slots.capacity, queue.slots.notice) == (4, timedelta(minutes=30))


def test_a_week(load: Load) -> None:
    more = """
zone = "Europe/Berlin"
[queues.support.hours]
weekdays = ["08:00-12:00", "13:00-18:00"]
fri = ["08:00-12:00"]
sat = ["10:00-24:00"]
[queues.support.slots]
every = "20m"
capacity = 2
"""
    calendar = """
permitted = "09:00-20:00"
holidays = "GB-ENG"
closed_on = ["2026-12-24", 2026-12-31]
open_on = {"2026-12-19" = ["09:00-12:00"]}
"""
    queue = bootstrap.queues(load(company(calendar), more=more))["support"]
    usual = (span("08:00-12:00"), span("13:00-18:00"))
    assert queue.hours.zone == "Europe/Berlin"
    assert queue.hours.week == (*[usual] * 4, usual[:1], (span("10:00-24:00"),), ())
    assert queue.hours.closed_on == {date(2026, 12, 24), date(2026, 12, 31)}
    assert queue.hours.spans(date(2026, 12, 19)) == (span("09:00-12:00"),)
    assert queue.hours.spans(date(2026, 12, 28)) == ()
    assert queue.permitted == span("09:00-20:00")
    assert queue.slots.every == timedelta(minutes=20)


def test_from_the_environment(load: Load) -> None:
    queue = bootstrap.queues(
        load(
            QUEUES__SUPPORT__HOURS__MON="08:00-12:00, 13:00-18:00",
            COMPANY__HOLIDAYS="GB-ENG,DE-BY",
            COMPANY__PERMITTED="10:00-20:00",
            QUEUES__SUPPORT__SLOTS__EVERY="30m",
        )
    )["support"]
    assert queue.hours.week[:2] == ((span("08:00-12:00"), span("13:00-18:00")), ())
    assert queue.hours.holidays == ("GB-ENG", "DE-BY")


def test_what_is_wrong_is_said_with_what_is_right(problems: Problems) -> None:
    calendar = """
permitted = "8-21"
holidays = ["GB-XX"]
closed_on = ["tomorrow"]
open_on = {"2026-12-19" = ["22:00-02:00"]}
"""
    more = """
[queues.support.hours]
mon = ["18:00-08:00"]
[queues.support.slots]
every = "7m"
capacity = 0
"""
    found = problems(company(calendar), more=more)
    assert len(found) == 7
    for wanted in (
        '[company] closed_on[0] must be a day, YYYY-MM-DD; for example: closed_on = ["2026-',
        "[company] holidays[0] must be a country whose holidays are known",
        "2026-12-19[0] must be a time from and to within one day",
        "[company] permitted must be a time from and to within one day",
        "[queues.support.hours] mon[0] must be a time",
        "[queues.support.slots] capacity must be at least 1; for example: capacity = 4",
        "[queues.support.slots] every must be whole minutes, at least 5, that divide a day",
    ):
        assert any(wanted in line for line in found), (wanted, found)


def test_open_and_closed_at_once(problems: Problems) -> None:
    both = 'closed_on = ["2026-12-19"]\nopen_on = {"2026-12-19" = ["09:00-12:00"]}'
    (line,) = problems(company(both))
    assert "2026-12-19 stands in closed_on and in open_on" in line
