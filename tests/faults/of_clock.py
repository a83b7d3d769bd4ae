"""The host's clock is moved in mid-call."""

from datetime import UTC, datetime
from pathlib import Path

from tests.lab.calls import Call

from .case import RINGS, Case
from .catalogue import fault
from .stage import POSTGRESQL, SQLITE, need

HOUR = 3600


@fault("the host's clock moved an hour ahead while the customer's phone rings")
def ahead(case: Case) -> None:
    _moved(case, HOUR)


@fault("the host's clock moved an hour back while the customer's phone rings")
def back(case: Case) -> None:
    _moved(case, -HOUR)


@fault("two dispatchers whose clocks are an hour apart", (POSTGRESQL,))
def apart(case: Case) -> None:
    offset = _file(case, HOUR)
    case.stage.start_part("two", clock=offset)
    case.stage.wait_ready("two")
    for _ in range(3):
        call = case.ask()
        call.wait("completed")
        need(len(call.world.invites_for(call.number)) == 1, "not one ring")


def _moved(case: Case, seconds: int) -> None:
    stage, offset = case.stage, _file(case, 0)
    for part in ("web", "one"):
        stage.kill(part)
        stage.start_part(part, clock=offset)
    try:
        stage.wait_http("/readyz")
        stage.wait_ready("one")
        stage.wait_agents_known()
        first = _asked(case)
        first.customer_rings()
        offset.write_text(str(seconds))
        case.pause(3.0)
        case.end_calls()
        case.part()
        _completed(first)
        second = _asked(case)  # and the product still works
        _need_moved(second, seconds)
        second.customer_rings()
        case.end_calls()
        _completed(second)
    finally:
        for part in ("web", "one"):
            stage.kill(part)


def _need_moved(call: Call, seconds: int) -> None:
    """On PostgreSQL the database's clock counts, and that one was left alone."""
    off = (call.record.request.created_at - datetime.now(UTC)).total_seconds()
    expected = seconds if call.lab.store.dialect == SQLITE else 0
    need(abs(off - expected) < 60, f"the record's clock is off by {off:.0f} s")


def _asked(case: Case) -> Call:
    call = case.ask(RINGS)
    case.moved.add(call.number)
    return call


def _completed(call: Call) -> None:
    call.wait("completed", timeout=40)


def _file(case: Case, seconds: int) -> Path:
    path = case.stage.folder / f"clock-{case.random.randrange(10**6)}"
    path.write_text(str(seconds))
    return path
