"""Reports: what became of the promises of some days, as tables and for spreadsheets."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from asterisk_callback.domain.account import EVERY_QUEUE, Role
from asterisk_callback.domain.queue import Names
from asterisk_callback.domain.report import InvalidSpan
from asterisk_callback.services import reports as report_tables
from asterisk_callback.services.reports import Reports
from flask_app.inside import scope
from flask_app.inside.reports.view import ReportView, report_view
from flask_app.shared import access
from flask_app.shared.app_services import parts

T = TypeVar("T")

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
access.of_blueprint(blueprint, access.insiders(Role.SUPERVISOR))


@blueprint.get("")
def page() -> ResponseReturnValue:
    """`?since`, `?until`: days, both included, today's by default. `?queue`: of one callback queue;
    else of all that are theirs."""
    typed = {name: request.args.get(name) or str(_today()) for name in ("since", "until")}
    view: ReportView | None = None
    sentence, code = "", 200
    try:
        found = _of_these_days(_reports().report)
        titles = {one.name: one.title for one in parts().queues.values()}
        view = report_view(found, _day("since"), _day("until"), titles)
    except InvalidSpan as error:
        sentence, code = f"{str(error)[0].upper()}{str(error)[1:]}.", 422
    shown = render_template(
        "inside/reports/page.html",
        view=view,
        sentence=sentence,
        typed=typed,
        queue=scope.queue(),
        queues=scope.theirs(),
    )
    return make_response(shown, code)


@blueprint.get("/figures.csv")
def figures() -> ResponseReturnValue:
    return _csv("figures", report_tables.figures_csv(_or_400(_reports().report)))


@blueprint.get("/requests.csv")
def requests() -> ResponseReturnValue:
    """Whole numbers for administrators of all queues only (P17). Lines are sent as they are read: a
    year of requests is never in memory."""
    rows = _or_400(_reports().requests)
    full = access.may(Role.ADMINISTRATOR, EVERY_QUEUE)
    return _csv("requests", report_tables.requests_csv(rows, ZoneInfo(_reports().zone), full=full))


def _or_400(read: Callable[[date, date, Names], T]) -> T:
    try:
        return _of_these_days(read)
    except InvalidSpan:
        abort(400)


def _of_these_days(read: Callable[[date, date, Names], T]) -> T:
    """Raises InvalidSpan."""
    return read(_day("since"), _day("until"), scope.names())


def _reports() -> Reports:
    reports = parts().reports
    assert reports is not None
    return reports


def _day(name: str) -> date:
    given = request.args.get(name)
    try:
        return date.fromisoformat(given) if given else _today()
    except ValueError:
        raise InvalidSpan("a day is written like 2026-11-23") from None


def _today() -> date:
    return parts().clock().astimezone(ZoneInfo(parts().company.zone)).date()


def _csv(name: str, text: str | Iterator[str]) -> Response:
    answer = Response(text, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
