"""The board's view model: figures against their targets, and rows in the company's time."""

import hashlib
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from asterisk_callback.domain.appointment import MINUTE, whole_minute
from asterisk_callback.domain.phone import mask_short
from asterisk_callback.domain.queue import Queues
from asterisk_callback.domain.request import RequestState
from asterisk_callback.services.board.board import BoardData, BoardRow
from asterisk_callback.services.status.why import Reason
from flask_app.charts.day import DayChart, day_chart
from flask_app.charts.dots import StripChart, strip_chart
from flask_app.charts.svg import percent
from flask_app.charts.timeline import RequestTimeline, TimeScale, TimeTick
from flask_app.inside.board import agents as board_agents
from flask_app.inside.board import holds
from flask_app.inside.board import why as why_words
from flask_app.inside.board.agents import AgentView
from flask_app.inside.board.holds import Switch
from flask_app.inside.board.story import SelectedRequest
from flask_app.inside.figure import PROMISES, REACHED, TIME_TO_CALL, WAITING, Figure
from flask_app.shared.app_services import AppServices
from flask_app.shared.moments import ReaderClock

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class RowView:
    id: int
    who: str
    phone: str
    about: str
    promised: str
    tag: str
    kind: str
    icon: str
    drawn: RequestTimeline
    why: str
    can_next: bool
    can_retry: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueView:
    title: str
    state: str
    light: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardView:
    """version changes exactly when something that is shown does. picked: whose story is shown."""

    clock: str
    switches: tuple[Switch, ...]
    figures: tuple[Figure, ...]
    ticks: tuple[TimeTick, ...]
    now_x: str
    rows: tuple[RowView, ...]
    start: int
    total: int
    agents: tuple[QueueView, ...]
    people: tuple[AgentView, ...]
    day: DayChart
    strip: StripChart | None
    picked: SelectedRequest | None
    version: str = ""


def today(parts: AppServices) -> tuple[datetime, datetime]:
    """The company's day around now, from midnight to midnight by its clock."""
    here = parts.clock().astimezone(ZoneInfo(parts.company.zone))
    start = here.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return start, (start + timedelta(days=1)).replace(fold=0)


def board_view(
    parts: AppServices,
    board: BoardData,
    scope: str,
    may: bool,
    picked: SelectedRequest | None = None,
) -> BoardView:
    """Everything that changes on the board. scope: of its switches, a callback queue or everything;
    may: who reads may use them."""
    queues = parts.queues
    now = whole_minute(board.now.astimezone(UTC))
    reader = ReaderClock(ZoneInfo(parts.company.zone), now)
    scale = TimeScale(now, reader)
    view = BoardView(
        clock=reader.moment(now).clock,
        switches=holds.switches(board.holds, board.intake, scope, may, reader),
        figures=_figures(board),
        ticks=tuple(scale.ticks),
        now_x=scale.x(now),
        rows=tuple(_row_or_less(one, board, queues, reader, scale) for one in board.rows),
        start=board.start,
        total=board.total,
        agents=tuple(_agents(board, queues)),
        people=board_agents.views(parts.roster.agents(board.facts), now) if parts.roster else (),
        day=day_chart(board.day, reader),
        strip=strip_chart(board.day),
        picked=picked,
    )
    return replace(view, version=hashlib.sha256(repr(view).encode()).hexdigest()[:24])


def _figures(board: BoardData) -> tuple[Figure, ...]:
    day = board.day
    kept, reached = _share(day.kept, day.due), _share(day.reached, day.ended)
    wait = day.time_to_call
    minutes = round(wait / MINUTE) if wait is not None else None
    none_free = board.at_work > 0 and board.free == 0
    agents = "None of them free" if none_free else "Nobody is at work" if board.free == 0 else ""
    known = any(one.known for one in board.facts.values())
    return (
        Figure(
            name="Promises kept today",
            value="–" if kept is None else str(kept),
            unit="" if kept is None else "%",
            bar=percent(kept or 0),
            goal=percent(PROMISES),
            verdict=f"{day.kept} of {day.due}. Target: {PROMISES}%" if day.due else "No call yet",
            off=kept is not None and kept < PROMISES,
        ),
        _at_most("Waiting now", board.waiting, WAITING, ""),
        Figure(
            name="Late now",
            value=str(board.late),
            bar=percent(min(100, board.late * 20)),
            goal="0%",
            verdict="Target: none",
            off=board.late > 0,
        ),
        Figure(name="Time to call", value="–", verdict="No call yet")
        if minutes is None
        else _at_most("Time to call", minutes, TIME_TO_CALL, " min"),
        Figure(
            name="Reached",
            value="–" if reached is None else str(reached),
            unit="" if reached is None else "%",
            bar=percent(reached or 0),
            goal=percent(REACHED),
            verdict="No call yet" if reached is None else f"Target: {REACHED}%",
            off=reached is not None and reached < REACHED,
        ),
        Figure(
            name="Agents free",
            value=str(board.free),
            unit=f" of {board.at_work}",
            bar=percent(100 * board.free / board.at_work) if board.at_work else "0%",
            goal=percent(100 / board.at_work) if board.at_work else None,
            verdict=agents or "Target: at least 1",
            off=board.free == 0,
        )
        if known
        else Figure(name="Agents free", value="–", verdict="Not known just now"),
    )


def _at_most(name: str, value: int, most: int, unit: str) -> Figure:
    """The mark stands at two thirds of the rail."""
    return Figure(
        name=name,
        value=str(value),
        unit=unit,
        bar=percent(min(100.0, value / most * 67)),
        goal="67%",
        verdict=f"Target: at most {most}",
        off=value > most,
    )


def _share(part: int, whole: int) -> int | None:
    """Percent, rounded down: 99.6 % is not all."""
    return part * 100 // whole if whole else None


def _row_or_less(
    row: BoardRow, board: BoardData, queues: Queues, reader: ReaderClock, scale: TimeScale
) -> RowView:
    """A row that can't be shown in full is shown with what is certain: the page stays."""
    try:
        return _row(row, board, queues, reader, scale)
    except Exception:
        log.exception("request %d can't be shown in full", row.request.id)
        return RowView(
            id=row.request.id,
            who=f"Request {row.request.id}",
            phone="",
            about=row.request.queue,
            promised="",
            tag="Waiting",
            kind="",
            icon="",
            drawn=RequestTimeline(
                asked=None, past=None, window=None, late=None, missed=False, tries=()
            ),
            why=why_words.UNKNOWN,
            can_next=False,
            can_retry=False,
        )


def _row(
    row: BoardRow, board: BoardData, queues: Queues, reader: ReaderClock, scale: TimeScale
) -> RowView:
    request, tag = row.request, tag_of(row)
    queue = queues.get(request.queue)
    title = queue.title if queue else request.queue
    preview = queue is not None and queue.mode.rules.offered
    return RowView(
        id=request.id,
        who=request.name or "No name",
        phone=mask_short(request.e164),
        about=", ".join(part for part in (title, request.topic) if part),
        promised=promised(row, reader),
        tag=tag[0],
        kind=tag[1],
        icon=tag[2],
        drawn=scale.draw(row),
        why=why_words.words(row, board.facts.get(request.queue), reader, preview=preview),
        can_next=request.state is RequestState.QUEUED,
        can_retry=request.state is RequestState.SCHEDULED and request.rings > 0,
    )


def promised(row: BoardRow, reader: ReaderClock) -> str:
    """The promised time, with its day if it is another one."""
    window = row.wish.promised if row.wish else None
    if window is None:
        return "nothing said"
    start, end = reader.moment(window.start), reader.moment(window.end)
    day = "" if start.days == 0 else f"{reader.short_date(window.start)}, "
    return f"{day}{start.clock}–{end.clock}"


def tag_of(row: BoardRow) -> tuple[str, str, str]:
    """Word, kind and icon: never a colour alone."""
    if row.why.reason is Reason.TALKING:
        return "Talking", "tag-live", "phone"
    if row.on_the_line:
        return "Calling", "tag-live", "phone"
    if row.minutes_late:
        return f"{row.minutes_late} min late", "tag-warn", "alert"
    if row.request.rings:
        return f"Try {row.request.rings + 1} next", "", ""
    if row.request.state is RequestState.SCHEDULED:
        return "Booked", "", ""
    return "Waiting", "", ""


def _agents(board: BoardData, queues: Queues) -> list[QueueView]:
    found = []
    for name, facts in board.facts.items():
        callers = "" if not facts.callers else f", {facts.callers} in the Asterisk queue"
        if not facts.known:
            state, light = "not known just now", "light-off"
        elif facts.logged_in == 0:
            preview = queues[name].mode.rules.offered
            nobody = "no agent at an open console" if preview else "nobody at work"
            state, light = f"{nobody}{callers}", "light-off"
        else:
            state = f"{facts.free} of {facts.logged_in} free{callers}"
            light = "" if facts.free else "light-busy"
        found.append(QueueView(title=queues[name].title, state=state, light=light))
    return found
