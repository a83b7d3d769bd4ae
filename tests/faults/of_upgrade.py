"""The tables are migrated with requests in every state, and with calls going on."""

from datetime import UTC, datetime, timedelta

import sqlalchemy

from asterisk_callback.store.upgrade import downgrade
from tests.lab import behaviours
from tests.lab.calls import Call
from tests.lab.deployment_files import API_KEY

from .case import AT_ONCE, RINGS, STAYS, TALKS, Case
from .catalogue import fault
from .stage import need

FIRST = "0001"
_CANCELLED, _EXPIRED, _FAILED = (frozenset({one}) for one in ("cancelled", "expired", "failed"))


@fault("upgrade by migration with requests in every state, two calls going on")
def every_state(case: Case) -> None:
    """The dispatcher dies, the database has the first version's tables, and is brought up to date.

    The older tables are the newest ones taken back, so a column that came later is lost as in an
    old database it never was.
    """
    stage = case.stage
    _ended(case)
    later, late = _scheduled(case, _CANCELLED), _scheduled(case, _EXPIRED)
    talks = case.ask(STAYS)
    talks.wait("talking")
    talks.world.wait_answered(talks.number)
    rings = case.ask(RINGS)
    rings.customer_rings()
    case.ask()
    stage.wait_attempts_open(3)  # the third waits in the Asterisk queue
    stage.kill("one")
    queued = case.ask()  # and nobody claims it
    stage.kill("web")
    before = [_state(one) for one in (talks, queued, later, late)]
    need(before == ["in_progress", "queued", "scheduled", "scheduled"], f"the states are {before}")
    downgrade(stage.store, FIRST)
    try:
        _let_pass(case, late)
    finally:  # else nothing starts any more
        stage.command("db", "upgrade")
    stage.start_product()
    stage.wait_ready("one")
    case.promise(_state(talks) == "in_progress", "lost: the talk was called over")
    case.promise(_state(later) == "scheduled", "lost: the chosen time was lost")
    case.part()
    case.end_calls()
    stage.cancel(later.secret)


def _ended(case: Case) -> None:
    """One in each state that a request can end in, but expired."""
    case.ask().wait("completed")
    failed = case.ask(behaviours.missing(), ends=_FAILED)
    case.stage.wait_attempts(failed.secret, 1)
    case.stage.cancel(_scheduled(case, _CANCELLED).secret)


def _scheduled(case: Case, ends: frozenset[str]) -> Call:
    number = case.number()
    case.behave(number, TALKS, AT_ONCE)
    at = datetime.now(UTC) + timedelta(hours=2)
    body = {"phone": number, "queue": "support", "scheduled_for": at.isoformat(timespec="seconds")}
    code, answer = case.web().api("POST", "", API_KEY, body)
    need(code == 201, f"the API answered {code}: {answer}")
    secret = str(answer["status_url"]).rpartition("/")[2]
    case.confirm(number, secret, ends)
    return Call(case.stage, number, secret)


def _state(call: Call) -> str:
    return str(call.record.request.state)


def _let_pass(case: Case, call: Call) -> None:
    """Its day passes while nothing runs."""
    with case.stage.store.connect() as connection, connection.begin():
        query = "UPDATE callback_request SET expires_at = created_at WHERE e164 = :number"
        connection.execute(sqlalchemy.text(query), {"number": call.number})
