"""The board's read model: a small day made by hand, and the same reasons as everywhere else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import event

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.hold import HoldKind
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.progress import AttemptEnds, CustomerAnswers, CustomerRings
from asterisk_callback.domain.promise import PromiseOutcome
from asterisk_callback.domain.queue_member import Member
from asterisk_callback.domain.request import RequestId, RequestState
from asterisk_callback.domain.wish import Wish
from asterisk_callback.services.board.board import FRESH, BoardData, BoardService
from asterisk_callback.services.board.reassign import ReassignService
from asterisk_callback.services.booking.move import MoveService
from asterisk_callback.services.booking.withdraw import withdraw
from asterisk_callback.services.calling import holds
from asterisk_callback.services.status.facts import read_facts
from asterisk_callback.services.status.why import Reason, explain
from asterisk_callback.store.tables.calls import attempts, requests, wishes
from tests.factories import NOW, PLENTY, SERVER, TRUNK, ZONE, Office, SetClock, number

A_DAY = timedelta(days=1)
DAY = (NOW - timedelta(hours=10), NOW + timedelta(hours=14))
BUSY = QueueStatus(known=True, logged_in=6, free=0)


def boards(office: Office) -> BoardService:
    return BoardService(store=office.store, queues=office.queues, guard=office.guard)


def board(office: Office, *names: str) -> BoardData:
    return boards(office).board(names or None, DAY)


def promise(office: Office, wish: Wish, start: int, end: int) -> None:
    """What was said of when the call comes, in minutes from NOW."""
    with office.store.writing() as tx:
        said = {
            "promised_from": NOW + timedelta(minutes=start),
            "promised_to": NOW + timedelta(minutes=end),
        }
        tx.wishes.change(wish, wish.evolve(**said))


def rings(office: Office, disposition: Disposition | None, *, answers: bool = False) -> None:
    """The first in line is called, and it rings."""
    claimed = office.claim()
    assert claimed is not None
    token = claimed.attempt.token
    office.gate.ask(token)
    office.progress.report(CustomerRings(token=token), office.me)
    if answers:
        office.progress.report(CustomerAnswers(token=token), office.me)
    if disposition is not None:
        end = AttemptEnds(token=token, disposition=disposition, rung=True)
        office.progress.report(end, office.me)


def facts(office: Office, found: QueueStatus = BUSY) -> None:
    office.at_work()
    with office.store.writing() as tx:
        for name in office.queues:
            tx.servers.put_queue_facts(SERVER, name, found)


def test_a_day_made_by_hand(still_office: Office, clock: SetClock) -> None:
    office = still_office
    # kept: asked at 10:00, promised 10:05 to 10:10, rung at 10:04, talked
    promise(office, office.submit(1).wish, 5, 10)
    clock.advance(minutes=4)
    rings(office, Disposition.ANSWERED, answers=True)
    # kept to the minute: promised until 10:10, rung at 10:10:59, busy, between tries now
    promise(office, office.submit(2).wish, 5, 10)
    clock.advance(minutes=6, seconds=59)
    rings(office, Disposition.BUSY)
    # late: promised until 10:10, rung at 10:11:59, talked
    promise(office, office.submit(3).wish, 5, 10)
    clock.advance(minutes=1)
    rings(office, Disposition.ANSWERED, answers=True)
    # not reached: declined at once
    promise(office, office.submit(4).wish, 12, 20)
    rings(office, Disposition.REJECTED)
    # late, and still waiting; in line behind it one in time; one of another queue
    promise(office, office.submit(5).wish, 5, 9)
    promise(office, office.submit(6).wish, 31, 40)
    promise(office, office.submit(7, queue="support").wish, 15, 20)
    # taken back: it counts nowhere
    gone = office.submit(8)
    promise(office, gone.wish, 15, 20)
    with office.store.reading() as tx:
        wish = tx.wishes.get(gone.wish.id)
    assert wish is not None
    withdraw(office.store, wish)
    facts(office)

    found = board(office)
    assert (found.day.kept, found.day.due) == (3, 5)
    assert (found.day.reached, found.day.ended) == (2, 3)
    assert {one: found.day.count(one) for one in PromiseOutcome} == {
        PromiseOutcome.KEPT: 2,
        PromiseOutcome.LATE: 2,
        PromiseOutcome.NOT_REACHED: 1,
        PromiseOutcome.BOOKED: 2,
    }
    # rung after 4 min, 6 min 59 s, 1 min and at once
    assert found.day.time_to_call == timedelta(minutes=2, seconds=30)
    assert [one.start for one in found.day.half_hours] == [NOW, NOW + timedelta(minutes=30)]
    assert found.day.offsets == [(-1, False), (-1, False), (5, False), (6, True)]
    assert (found.waiting, found.late, found.total) == (3, 1, 4)
    assert (found.free, found.at_work) == (0, 12)

    late = found.rows[0]
    assert (late.request.e164, late.minutes_late, late.ahead) == (number(5), 2, 0)
    # between tries, by when it is due: 10:15:59
    shown = [one.request.e164 for one in found.rows]
    assert shown == [number(5), number(2), number(7), number(6)]
    assert [one.ahead for one in found.rows if one.request.e164 == number(6)] == [1]
    again = next(one for one in found.rows if one.request.e164 == number(2))
    assert (again.request.state, again.minutes_late) == (RequestState.SCHEDULED, 0)

    support = board(office, "support")
    assert [one.request.queue for one in support.rows] == ["support"]
    assert (support.waiting, support.late, support.day.due, support.at_work) == (1, 0, 0, 6)


def test_the_reasons_are_those_of_why(still_office: Office, clock: SetClock) -> None:
    office = still_office
    rung = office.attempt(1)
    office.gate.ask(rung.token)
    for n in range(2, 5):
        office.submit(n)
    later = (clock.now + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    office.submit(5, scheduled_for=later)
    facts(office)
    found = board(office)
    assert len(found.rows) == 5
    with office.store.reading() as tx:
        for row in found.rows:
            queue = office.queues[row.request.queue]
            assert row.why == explain(read_facts(tx, row.request, queue, office.guard))
    assert [one.on_the_line for one in found.rows].count(True) == 1


def test_a_queue_out_of_the_configuration_is_not_forgotten(still_office: Office) -> None:
    office = still_office
    office.submit(1)
    rest = BoardService(store=office.store, queues={}, guard=office.guard)
    assert [one.why.reason.value for one in rest.board(None, DAY).rows] == ["queue_unknown"]
    assert rest.board((), DAY).rows == []


def test_as_many_statements_for_ten_as_for_two_hundred(still_office: Office) -> None:
    """Requests in each state, with tries behind them and wishes that joined."""
    office = still_office
    facts(office, PLENTY)
    with office.store.reading() as tx:
        engine = tx.connection.engine
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(str(given[2])))
    taken = []
    for first, last in ((0, 10), (10, 200)):
        add_some(office, first, last)
        asked.clear()
        found = boards(office).board(None, DAY, limit=200)
        assert found.total == len(found.rows) == last
        assert {one.why.reason for one in found.rows} == SHOWN
        taken.append(list(asked))
    ten, two_hundred = map(len, taken)
    assert ten == two_hundred, set(taken[1]) - set(taken[0])


SHOWN = {Reason.SCHEDULED, Reason.NEXT, Reason.IN_LINE, Reason.OFFERED, Reason.RINGING_AGENT}


def add_some(office: Office, first: int, last: int) -> None:
    """Open requests of two queues, straight into the tables."""
    states = ("scheduled", "queued", "offered", "in_progress", "queued")
    made: tuple[list[dict[str, Any]], ...] = ([], [], [])
    for n in range(first + 1, last + 1):
        at = NOW + timedelta(hours=2 if n % 5 == 1 else 0, milliseconds=n)
        who = {"queue": ("sales", "support")[n // 5 % 2], "e164": number(n), "region": "GB"}
        times = {"created_at": NOW, "due_at": at, "line_at": at, "expires_at": at + A_DAY}
        made[0].append({"id": n, "state": states[(n - 1) % 5], **who, **times})
        for m in (2 * n, 2 * n + 1):
            ids = {"public_id": f"p{m}", "nonce": f"n{m}", "secret_hash": f"s{m}", "scope": "web"}
            promised = {"promised_from": at, "promised_to": at, "asap": True}
            made[1].append(
                {"id": m, "request_id": n, "created_at": NOW, "due_at": at, **ids, **promised}
            )
            over = None if m == 2 * n and n % 5 == 4 else NOW
            server = {"server": SERVER, "trunk": TRUNK.name, "owner": "d1", "epoch": 1}
            call = {"claimed_at": NOW, "gate_by": NOW, "ended_at": over, "e164": number(n)}
            made[2].append({"id": m, "request_id": n, "token": f"{m:027d}", **server, **call})
    with office.store.writing() as tx:
        for table, rows in zip((requests, wishes, attempts), made, strict=True):
            tx.connection.execute(table.insert(), rows)


def shown(office: Office) -> str:
    """What is read for the board, but for the instant."""
    found = board(office)
    return repr((found.rows, found.counts, found.day, found.facts, found.holds, found.intake))


def test_the_mark_changes_with_all_that_is_shown(still_office: Office) -> None:
    """The clock stands still: whatever changes the board was written, and the mark says so."""
    office = still_office
    reads = boards(office)
    facts(office, PLENTY)
    first = office.submit(1)
    giving = ReassignService(store=office.store, queues=office.queues, guard=office.guard)
    moving = MoveService(store=office.store, queues=office.queues, home_zone=ZONE)
    later = (NOW + timedelta(hours=3)).isoformat()

    def write(verb: Callable[[Any], object]) -> None:
        with office.store.writing() as tx:
            verb(tx)

    steps: list[Callable[[], object]] = [
        lambda: office.submit(2),
        lambda: office.submit(2, name="Ada"),
        lambda: withdraw(office.store, first.wish),
        lambda: facts(office),
        lambda: facts(office, PLENTY),
        lambda: giving.give(RequestId(2), "support", actor="ada"),
        lambda: giving.give(RequestId(2), "sales", actor="ada"),
        lambda: moving.move_request(RequestId(2), later, actor="ada"),
        lambda: moving.move_request(RequestId(2), None, actor="ada"),
        lambda: write(lambda tx: holds.stop(tx, "sales", actor="ada")),
        lambda: write(lambda tx: holds.resume(tx, "sales", actor="ada")),
        lambda: write(lambda tx: holds.stop(tx, "sales", actor="ada", kind=HoldKind.INTAKE)),
        lambda: write(lambda tx: holds.resume(tx, "sales", actor="ada", kind=HoldKind.INTAKE)),
        lambda: rings(office, None),
        lambda: write(lambda tx: tx.servers.unregister(office.me.name, office.me.epoch)),
    ]
    changed = 0
    for number_of, step in enumerate(steps):
        before, mark = shown(office), reads.mark()
        assert reads.mark() == mark
        step()
        if shown(office) != before:
            changed += 1
            assert reads.mark() != mark, number_of
    assert changed >= len(steps) - 1


def test_the_mark_changes_by_itself_after_a_while(still_office: Office, clock: SetClock) -> None:
    reads = boards(still_office)
    mark = reads.mark()
    clock.advance(seconds=FRESH)
    assert reads.mark() != mark


def test_a_row_that_is_committed_late_changes_the_mark(office: Office) -> None:
    """On PostgreSQL a lower number of the trail may be seen after a higher one."""
    reads = boards(office)
    with office.store.writing() as first:
        first.trail.add(None, actor="a", event="first", reason="")
        if not first.sqlite:
            with office.store.writing() as second:
                second.trail.add(None, actor="b", event="second", reason="")
        before = reads.mark()
    assert reads.mark().partition(" ")[2] != before.partition(" ")[2]


def test_the_mark_changes_when_an_agent_s_phone_does(still_office: Office, clock: SetClock) -> None:
    reads = boards(still_office)

    def members(*found: Member) -> None:
        with still_office.store.writing() as tx:
            tx.queue_members.replace(SERVER, "sales", found)

    anna = Member(asterisk_queue="sales", interface="PJSIP/anna", name="Anna")
    marks = [reads.mark()]
    for now in ((anna,), (replace(anna, paused=True),), ()):
        clock.advance(milliseconds=1)
        members(*now)
        marks.append(reads.mark())
    assert all(one != after for one, after in pairwise(marks))
