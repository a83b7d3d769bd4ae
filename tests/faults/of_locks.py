"""PostgreSQL would refuse a transaction because of another one: SQLSTATE 40001 and 40P01."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg

from asterisk_callback.domain.limits import Scope
from asterisk_callback.store.repository import key_of
from tests.lab.waiting import PATIENCE, LabError, until

from .case import AT_ONCE, TALKS, Case
from .catalogue import fault
from .of_database import NO_COMMIT
from .of_web import _tried
from .stage import POSTGRESQL, need

_STRICT = "&options=-c%20default_transaction_isolation%3Dserializable"
_PARTS = ("web", "one", "two")


@fault("a database whose own setting is that transactions are serializable", (POSTGRESQL,))
def serialization(case: Case) -> None:
    """By default the transactions of the web and of two dispatchers would refuse each other."""
    stage = case.stage
    url = stage.settings.database.url.get_secret_value() + _STRICT
    case.agents(AT_ONCE)
    with psycopg.connect(url.replace("+psycopg", "")) as session:
        row = session.execute("SHOW default_transaction_isolation").fetchone()
        need(row == ("serializable",), "the setting is not in force")
    before = _refused(case, "could not serialize")
    try:
        for part in _PARTS:
            stage.kill(part)
            stage.start_part(part, database={"url": url})
        stage.wait_http("/readyz")
        stage.wait_ready("one")
        stage.wait_ready("two")
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: _ask_until_accepted(case), range(4)))
        refused = _refused(case, "could not serialize") - before
        case.promise(not refused, "stuck: a transaction was refused")
    finally:
        for part in _PARTS:
            stage.kill(part)


@fault("the gate's transaction is the victim of a deadlock", (POSTGRESQL,))
def deadlock(case: Case) -> None:
    """Another session locks the counter of all calls, then the request: the other way round than
    the gate."""
    before = _refused(case, "deadlock detected")
    url = case.stage.store.url.set(drivername="postgresql").render_as_string()
    with psycopg.connect(url) as other:
        other.execute("SET deadlock_timeout = '1min'")  # so that the gate is the one who notices
        other.execute("SELECT pg_advisory_xact_lock(%s)", [key_of(f"calls:{Scope()}")])
        call = case.ask()
        until(lambda: _waits_for_a_lock(case), PATIENCE, "the gate to wait", 0.05)
        query = "SELECT 1 FROM callback_request WHERE id = %s FOR UPDATE"
        asked = (query, [call.record.attempts[-1].request_id])
        second = threading.Thread(target=other.execute, args=asked)
        second.start()
        second.join(PATIENCE)
        other.rollback()
    until(lambda: _refused(case, "deadlock detected") > before, PATIENCE, "the deadlock", 0.05)
    case.promise(not call.world.invites_for(call.number), NO_COMMIT)


def _ask_until_accepted(case: Case) -> None:
    number, key = case.number(), case.random.randbytes(8).hex()
    case.world.customer(number, TALKS)
    for _ in range(40):
        secret = _tried(case, number, key)
        if secret is not None:
            case.confirm(number, secret)
            return
        case.pause(0.3)
    raise LabError("40 tries of one submission were refused")


def _waits_for_a_lock(case: Case) -> bool:
    assert case.stage.postgres is not None
    url = case.stage.store.url.set(drivername="postgresql").render_as_string()
    with psycopg.connect(url) as eyes:
        found = eyes.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
    return found is not None and found[0] > 0


def _refused(case: Case, why: str) -> int:
    """How often PostgreSQL's own log says so."""
    assert case.stage.postgres is not None
    return (case.stage.postgres.root / "log").read_text(errors="replace").count(why)
