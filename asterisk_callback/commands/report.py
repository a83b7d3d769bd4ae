"""`report`: the figures of some days."""

import json
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from asterisk_callback import bootstrap
from asterisk_callback.commands.app import App, CommandFailure, pass_app, say
from asterisk_callback.domain.report import InvalidSpan
from asterisk_callback.domain.typed import escaped
from asterisk_callback.services import reports as report_tables
from asterisk_callback.services.reports import Reports

BY_TIME = ("day", "hour")
COLUMNS = (
    "wishes_asked", "promises_due", "promises_kept", "expected_rung", "expected_inside",
    "seconds_to_ring_median", "talks",
)  # fmt: skip
_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command()
@click.option("--since", type=_DAY, help="The first day, as 2026-11-01. Default: today.")
@click.option("--until", type=_DAY, help="The last day, included. Default: today.")
@click.option("--queue", "queues", multiple=True, help="Only this callback queue; may be repeated.")
@click.option("--json", "form", flag_value="json", help="The figures for programs.")
@click.option("--csv", "form", flag_value="csv", help="The figures for spreadsheets.")
@click.option("--requests", "form", flag_value="requests", help="CSV: one row for each request.")
@click.option("--full", is_flag=True, help="With --requests: show whole telephone numbers.")
@pass_app
def report(
    app: App,
    since: datetime | None,
    until: datetime | None,
    queues: tuple[str, ...],
    form: str | None,
    full: bool,
) -> None:
    """Promises kept, waits and outcomes of some days, by the company's clock.

    docs/reports.md says how each figure is computed.
    """
    zone = app.settings.company.zone
    first, last = _day(since, zone), _day(until, zone)
    reports = Reports(store=bootstrap.ready_store(app.settings), zone=zone)
    _check(app, queues)
    names = queues or None
    try:
        if form == "requests":
            rows = reports.requests(first, last, names)
            for line in report_tables.requests_csv(rows, ZoneInfo(zone), full=full):
                # Rows end in line ends; all else would steer the terminal that they are read in.
                click.echo(escaped(line, keep="\r\n\t"), nl=False)
            return
        found = reports.report(first, last, names)
    except InvalidSpan as error:
        raise CommandFailure(str(error)) from error
    if form == "csv":
        click.echo(report_tables.figures_csv(found), nl=False)
    elif form == "json":
        click.echo(json.dumps(report_tables.as_data(found), indent=2))
    else:
        click.echo(f"{first} to {last}, {zone}")
        _print_all(report_tables.groups(found))


def _print_all(groups: list[report_tables.Group]) -> None:
    """Days and hours are many: a line for each."""
    for kind, name, figures in groups:
        if kind not in BY_TIME:
            click.echo()
            say(f"{kind} {name}".rstrip())
            _print(figures)
    for by in BY_TIME:
        rows = [(name, figures) for kind, name, figures in groups if kind == by]
        if not rows:
            continue
        click.echo(f"\n{by:<12}" + "".join(f"{one:>{len(one) + 2}}" for one in COLUMNS))
        for name, figures in rows:
            cells = (f"{_value(figures[one]):>{len(one) + 2}}" for one in COLUMNS)
            click.echo(f"{name:<12}" + "".join(cells))


def _value(value: Any) -> str:
    return "–" if value is None else str(value)


def _print(figures: dict[str, Any]) -> None:
    """Dispositions that did not happen are left out."""
    for figure, value in figures.items():
        if value or not figure.startswith("disposition_"):
            click.echo(f"  {figure:<28} {_value(value)}")


def _day(given: datetime | None, zone: str) -> date:
    return given.date() if given else datetime.now(ZoneInfo(zone)).date()


def _check(app: App, queues: tuple[str, ...]) -> None:
    known = bootstrap.queues(app.settings)
    for name in queues:
        if name not in known:
            names = ", ".join(sorted(known))
            raise CommandFailure(f"there is no callback queue {name!r}; there is: {names}")
