"""Clock and calendar: whose rules of time zones are used, and on which days nothing is closed."""

from collections.abc import Iterator
from datetime import date

from asterisk_callback.config import Settings
from asterisk_callback.doctor.finding import Finding, ok
from asterisk_callback.domain import opening_hours, tzdata


def check(settings: Settings, today: date) -> Iterator[Finding]:
    """today: by the company's clock."""
    yield _time_zones()
    hours = settings.company
    for code in hours.holidays:
        both = [opening_hours.in_parts_only(code, year) for year in (today.year + 1, today.year)]
        to_come = {name: day for days in both for day, name in days.items() if day >= today}
        for name, day in to_come.items():
            if day not in (*hours.closed_on, *hours.open_on):
                yield _in_parts_only(code, day, name)


def _time_zones() -> Finding:
    machine, ours = tzdata.of_the_machine(), tzdata.of_the_package()
    check = "calendar.time_zones"
    if machine is None:
        return ok(check, f"the rules of time zones are ours, {ours}: the machine has none")
    if tzdata.package_is_newer():
        what = f"the rules of time zones are ours, {ours}: the machine's are older ({machine})"
        return ok(check, what)
    return ok(check, f"the rules of time zones are the machine's, {machine or 'of unknown age'}")


def _in_parts_only(code: str, day: date, name: str) -> Finding:
    return ok(
        "calendar.holidays",
        f"{day} ({name}) is a holiday in some communities of {code} only: it is a day like others "
        f'here, unless closed_on = ["{day}"] in [company] says that it is not',
    )
