"""The database is gone, locked, full, or takes a commit and does not say so."""

import contextlib
import resource
import threading
from concurrent.futures import ThreadPoolExecutor

from asterisk_callback.store import SqlStore
from tests.lab.door import TO_SERVER
from tests.lab.waiting import PATIENCE, LabError, until

from .case import AT_ONCE, RINGS, STAYS, TALKS, Case
from .catalogue import fault
from .of_web import _tried
from .stage import POSTGRESQL, SQLITE, need

NO_COMMIT = "outside: a ring without the gate's commit"
BUSY = 6.0  # s: longer than the store waits for SQLite's write lock


@fault("database killed while the agent's phone rings, back after the gate", (POSTGRESQL,))
def gone_at_gate(case: Case) -> None:
    call = case.ask(TALKS, RINGS)
    call.world.wait_agent_invite("1001")
    _postgres(case).kill()
    case.agents_answer()
    case.stage.wait_prompt("no-gate")
    _postgres(case).start()


@fault("database killed during the talk, back after the hangup", (POSTGRESQL,))
def gone_at_outcome(case: Case) -> None:
    call = case.ask(STAYS)
    call.wait("talking")
    call.world.wait_answered(call.number)
    _postgres(case).kill()
    call.world.hang_up(call.number)
    case.stage.bed.pbx.wait_idle()
    case.pause(0.5)
    _postgres(case).start()


@fault("database stopped while the customer's phone rings, back before it answers", (POSTGRESQL,))
def gone_while_ringing(case: Case) -> None:
    call = case.ask(RINGS)
    call.customer_rings()
    _postgres(case).stop()
    case.pause(1.0)
    _postgres(case).start()
    case.end_calls()


@fault("database gone at a submission", (POSTGRESQL,))
def gone_at_submit(case: Case) -> None:
    number, key = case.number(), case.random.randbytes(8).hex()
    case.behave(number, TALKS, AT_ONCE)
    _postgres(case).kill()
    first = _tried(case, number, key)
    case.promise(first is None, "lost: a submission was confirmed without a database")
    _postgres(case).start()
    case.stage.wait_ready("one")
    case.confirm(number, case.post(number, key))


@fault("database restarted under load", (POSTGRESQL,))
def restarted(case: Case) -> None:
    case.agents(AT_ONCE)
    over = threading.Event()

    def submit(_: int) -> None:
        while not over.is_set():
            number = case.number()
            case.world.customer(number, TALKS)
            secret = _tried(case, number, f"load-{number}")
            if secret is not None:
                case.confirm(number, secret)

    def confirmed(least: int) -> None:
        until(
            lambda: len(case.confirmed) >= least, PATIENCE, f"{least} confirmed submissions", 0.05
        )

    with ThreadPoolExecutor(2) as pool:
        loads = [pool.submit(submit, n) for n in range(2)]
        try:
            confirmed(3)
            case.pause(0.3)
            _postgres(case).restart()
            confirmed(len(case.confirmed) + 3)
        finally:
            over.set()
    for load in loads:
        load.result()


@fault("the reply to a submission's commit is lost", (POSTGRESQL,))
def lost_submit(case: Case) -> None:
    number, key = case.number(), case.random.randbytes(8).hex()
    case.behave(number, TALKS, AT_ONCE)
    rule = _cut_after_commit(case, b"INSERT INTO wish")
    first = _tried(case, number, key)
    rule.wait_hit()
    need(first is None, "the submission was confirmed though its commit had no reply")
    case.confirm(number, case.post(number, key))


@fault("the reply to a claim's commit is lost", (POSTGRESQL,))
def lost_claim(case: Case) -> None:
    rule = _cut_after_commit(case, b"INSERT INTO attempt")
    case.ask()
    rule.wait_hit()


@fault("the reply to the gate's commit is lost", (POSTGRESQL,))
def lost_gate(case: Case) -> None:
    rule = _cut_after_commit(case, b"SET gate_at")
    case.ask()
    rule.wait_hit()


@fault("the reply to an outcome's commit is lost", (POSTGRESQL,))
def lost_outcome(case: Case) -> None:
    rule = _cut_after_commit(case, b'"disposition": "')  # of a row that ended
    case.ask()
    rule.wait_hit()


@fault("database locked beyond the busy time-out at the submission")
def locked_submit(case: Case) -> None:
    number, key = case.number(), case.random.randbytes(8).hex()
    case.behave(number, TALKS, AT_ONCE)
    first: list[str | None] = []
    with case.stage.locked():
        thread = threading.Thread(target=lambda: first.append(_tried(case, number, key)))
        thread.start()
        thread.join(BUSY)
    thread.join(PATIENCE)
    # PostgreSQL has no such time-out: there it waits, and may well be confirmed.
    case.confirm(number, first[0] or case.post(number, key))


@fault("database locked while the gate is asked")
def locked_gate(case: Case) -> None:
    call = case.ask(TALKS, RINGS)
    call.world.wait_agent_invite("1001")
    with case.stage.locked():
        case.agents_answer()
        case.stage.wait_prompt("no-gate")
        case.promise(not call.world.invites_for(call.number), NO_COMMIT)


@fault("database locked beyond the busy time-out at the outcome")
def locked_outcome(case: Case) -> None:
    call = case.ask(STAYS)
    call.wait("talking")
    call.world.wait_answered(call.number)
    with case.stage.locked():
        call.world.hang_up(call.number)
        threading.Event().wait(BUSY)


@fault("disk full at the submission")
def full_submit(case: Case) -> None:
    number, key = case.number(), case.random.randbytes(8).hex()
    case.behave(number, TALKS, AT_ONCE)
    _fill(case, "web")
    first = _tried(case, number, key)
    case.promise(first is None, "lost: a submission was confirmed on a full disk")
    _empty(case, "web")
    case.confirm(number, case.post(number, key))


@fault("disk full while the gate is asked")
def full_gate(case: Case) -> None:
    call = case.ask(TALKS, RINGS)
    call.world.wait_agent_invite("1001")
    _fill(case, "one")
    case.agents_answer()
    case.stage.wait_prompt("no-gate")
    case.promise(not call.world.invites_for(call.number), NO_COMMIT)
    _empty(case, "one")


@fault("disk full at the outcome")
def full_outcome(case: Case) -> None:
    call = case.ask(STAYS)
    call.wait("talking")
    call.world.wait_answered(call.number)
    _fill(case, "one")
    call.world.hang_up(call.number)
    case.stage.bed.pbx.wait_idle()
    case.pause(1.0)
    _empty(case, "one")


@fault("backup while the customer's phone rings", (SQLITE,))
def backup(case: Case) -> None:
    """No fault, but what an operator does to a running system."""
    call = case.ask(RINGS)
    call.customer_rings()
    copy = case.stage.folder / f"backup-{case.random.randrange(10**9)}.db"
    case.stage.command("db", "backup", str(copy))
    case.end_calls()
    kept = SqlStore(f"sqlite:///{copy}")
    with contextlib.closing(kept), kept.reading() as tx:
        numbers = [one.e164 for one in tx.requests.latest(None, 10)]
    case.promise(numbers == [call.number], f"lost: the copy holds {numbers}")


def _postgres(case: Case):  # type: ignore[no-untyped-def]
    if case.stage.postgres is None:
        raise LabError("this fault is for PostgreSQL")
    return case.stage.postgres


def _cut_after_commit(case: Case, statement: bytes):  # type: ignore[no-untyped-def]
    assert case.stage.sql is not None
    return case.stage.sql.rule(TO_SERVER, b"COMMIT", "cut after", after=statement)


def _fill(case: Case, part: str) -> None:
    """No file of the part's processes may grow any more: write() fails as on a full disk.

    PostgreSQL, which writes its files itself, then can't write its log and goes down, as it does.
    """
    if case.stage.postgres is not None:
        case.stage.postgres.limit_files(1)
    else:
        _limit(case, part, 1)


def _empty(case: Case, part: str) -> None:
    """There is space again; PostgreSQL has to be started for it."""
    if case.stage.postgres is not None:
        case.stage.postgres.kill()
        case.stage.postgres.start()
    else:
        _limit(case, part, resource.RLIM_INFINITY)


def _limit(case: Case, part: str, size: int) -> None:
    pids = case.stage.pids(part)
    until(lambda: pids, 1, f"the processes of {part}")
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
