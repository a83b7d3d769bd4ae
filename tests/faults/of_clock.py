"""The host's clock is moved in mid-call."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.lab.calls import Call
from tests.lab.waiting import PATIENCE, LabError, until

from .case import RINGS, STAYS, Case
from .catalogue import fault
from .stage import POSTGRESQL, SQLITE, need

HOUR, SKEW = 3600, 5
Move = Callable[[int], None]


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
        _one_ring(case, call)


@fault("two dispatchers and a web whose clocks are 5 s apart", (POSTGRESQL,))
def skewed(case: Case) -> None:
    """Dispatcher two is ahead and the web behind, each by 5 s: more than the lease of 2 s."""
    stage = case.stage
    stage.kill("web")
    stage.start_part("web", clock=_file(case, -SKEW))
    stage.start_part("two", clock=_file(case, SKEW))
    try:
        stage.wait_http("/readyz")
        stage.wait_ready("two")
        for _ in range(3):
            call = case.ask()
            call.wait("completed")
            _one_ring(case, call)
        case.promise(stage.ready("one") and stage.ready("two"), "outside: a lease was lost")
    finally:
        stage.kill("web")


@fault("PostgreSQL's clock moved an hour ahead while the customer's phone rings", (POSTGRESQL,))
def database_ahead(case: Case) -> None:
    _database_moved(case, HOUR)


@fault("PostgreSQL's clock moved an hour back while the customer's phone rings", (POSTGRESQL,))
def database_back(case: Case) -> None:
    _database_moved(case, -HOUR)


@fault("the clock moved 5 s back during a talk, with a wish in it")
def back_during_the_talk(case: Case) -> None:
    """Whoever asked before is done with the talk, whoever asked in it is called again."""
    stage = case.stage
    with (_hosts if stage.postgres is None else _database)(case) as move:
        first = case.ask(STAYS)
        case.moved.add(first.number)
        first.wait("talking")
        first.world.wait_answered(first.number)
        move(-SKEW)
        within = Call(stage, first.number, stage.submit(first.number))
        case.confirm(within.number, within.secret)
        case.anew.add(first.number)
        before, during = first.record.request, within.record
        need(during.request.id == before.id, "the wish did not come during the talk")
        began = during.attempts[-1].answered_at
        need(began and stage.view(within.secret).wish.created_at < began, "the clock did not move")
        case.part()
        first.world.hang_up(first.number)
        first.wait("completed")
        within.wait("completed")
        own = within.record.request.id != before.id
        case.promise(own, "lost: the wish was taken for one from before")
        rings = len(case.world.invites_for(first.number))
        case.promise(rings <= 2, f"double: {rings} rings for two requests")
        case.promise(rings >= 2, f"lost: {rings} rings for two requests")


def _database_moved(case: Case, seconds: int) -> None:
    with _database(case) as move:
        first = _asked(case)
        first.customer_rings()
        move(seconds)
        case.end_calls()
        case.part()
        first.wait("completed")
        case.stage.wait_ready("one")
        second = _asked(case)
        second.customer_rings()
        case.end_calls()
        second.wait("completed")


@contextmanager
def _database(case: Case) -> Iterator[Move]:
    """The server's processes get another clock under way, by libfaketime; the hosts keep theirs."""
    stage, postgres = case.stage, case.stage.postgres
    assert postgres is not None
    offset = _file(case, 0)
    offset.chmod(0o644)
    stage.folder.chmod(0o711)  # the server's user reads it there
    postgres.preload = {
        "LD_PRELOAD": _faketime(), "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_CACHE_DURATION": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip
    try:
        postgres.restart()
        stage.wait_ready("one")

        def move(seconds: int) -> None:
            offset.write_text(f"{seconds:+d}")
            until(lambda: abs(_off(case) - seconds) < 2, PATIENCE, "its clock to move", 0.1)
            threading.Event().wait(1.5)  # each of its processes looks at the file once a second

        yield move
    finally:
        postgres.preload = {}
        postgres.restart()


def _off(case: Case) -> float:
    with case.stage.store.reading() as tx:
        return (tx.now - datetime.now(UTC)).total_seconds()


def _faketime() -> str:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not found:
        raise LabError("libfaketime is missing: apt-get install libfaketime")
    return str(found[0])


def _moved(case: Case, seconds: int) -> None:
    with _hosts(case) as move:
        first = _asked(case)
        first.customer_rings()
        move(seconds)
        case.end_calls()
        case.part()
        first.wait("completed")
        second = _asked(case)  # and the product still works
        _need_moved(second, seconds)
        second.customer_rings()
        case.end_calls()
        second.wait("completed")


@contextmanager
def _hosts(case: Case) -> Iterator[Move]:
    """The web's and the dispatcher's clock; the database server keeps its own."""
    stage, offset = case.stage, _file(case, 0)
    for part in ("web", "one"):
        stage.kill(part)
        stage.start_part(part, clock=offset)
    try:
        stage.wait_http("/readyz")
        stage.wait_ready("one")
        stage.wait_agents_known()

        def move(seconds: int) -> None:
            offset.write_text(str(seconds))
            case.pause(3.0)

        yield move
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


def _one_ring(case: Case, call: Call) -> None:
    rings = len(call.world.invites_for(call.number))
    case.promise(rings == 1, f"double: {rings} rings of a completed request")


def _file(case: Case, seconds: int) -> Path:
    path = case.stage.folder / f"clock-{case.random.randrange(10**6)}"
    path.write_text(str(seconds))
    return path
