"""What doctor says of clock and calendar."""

from datetime import date

import pytest

from asterisk_callback import bootstrap
from asterisk_callback.doctor import calendar
from asterisk_callback.doctor.finding import CheckStatus
from asterisk_callback.domain import tzdata
from tests.unit.config.conftest import Load

DAY = date(2026, 8, 15)


@pytest.mark.case("CASES 4: DE-BY on 15 August explained")
def test_a_holiday_of_some_communities(load: Load) -> None:
    zone = ('zone = "Europe/London"', 'zone = "Europe/Berlin"\nholidays = ["DE-BY"]')
    settings = load(zone)
    hours = bootstrap.queues(settings)["support"].hours
    assert hours.spans(DAY) and not hours.spans(date(2026, 12, 25))
    rules, said = calendar.check(settings, date(2026, 3, 1))
    assert (rules.verdict, said.verdict) == (CheckStatus.OK, CheckStatus.OK)
    assert "2026-08-15 (" in said.what and "some communities of DE-BY only" in said.what
    (_, next_year) = calendar.check(settings, date(2026, 9, 1))
    assert "2027-08-15" in next_year.what
    closed = load((zone[0], f'{zone[1]}\nclosed_on = ["2026-08-15", "2027-08-15"]'))
    assert not bootstrap.queues(closed)["support"].hours.spans(DAY)
    assert len(list(calendar.check(closed, date(2026, 3, 1)))) == 1


@pytest.mark.case("CASES 4: a host tzdata older than the package's, and doctor")
@pytest.mark.parametrize(
    ("machine", "said"),
    [("2020a", "older (2020a)"), ("2099z", "the machine's, 2099z"), (None, "the machine has none")],
)
def test_whose_rules_of_time_zones_are_used(
    load: Load, monkeypatch: pytest.MonkeyPatch, machine: str | None, said: str
) -> None:
    monkeypatch.setattr(tzdata, "of_the_machine", lambda: machine)
    (rules,) = calendar.check(load(), DAY)
    assert said in rules.what
