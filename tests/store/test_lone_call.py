"""How many statements and commits one call takes that comes alone, from due to settled.

The limits are what it takes today: they may only get smaller. What is to be reached stands in
docs/benchmarks.md. A dispatcher's rounds, which look for work, are not in it.
"""

from typing import Any

from sqlalchemy import event

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.progress import (
    AgentAnswers,
    AgentRings,
    AttemptEnds,
    CustomerAnswers,
    CustomerRings,
)
from asterisk_callback.domain.request import RequestId
from asterisk_callback.services.calling.release import release
from tests.factories import Office

# Statements and commits, by database; on SQLite without those that only read.
MOST = {"sqlite": (47, 8), "postgresql": (44, 8)}


def test_one_call_takes_no_more_than_it_did(office: Office) -> None:
    office.enrol()
    asked: list[str] = []
    commits: list[Any] = []
    office.submit(1)  # what is asked for once in a process
    engine = _engine(office)
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(str(given[2])))
    event.listen(engine, "commit", commits.append)
    called = _one_call(office)
    taken = (len(asked), len(commits))
    assert office.request(called).state == "completed"
    statements, committed = MOST[office.store.dialect]
    assert taken[0] <= statements
    assert taken[1] <= committed


def _one_call(office: Office) -> RequestId:
    release(office.store)
    claimed = office.claim()
    assert claimed is not None
    token = claimed.attempt.token
    ended = AttemptEnds(token=token, disposition=Disposition.ANSWERED, rung=True, cause=16)
    for report in (AgentRings(token=token, agent="A"), AgentAnswers(token=token, agent="A")):
        office.progress.report(report, office.me)
    office.gate.ask(token)
    for after in (CustomerRings(token=token), CustomerAnswers(token=token), ended):
        office.progress.report(after, office.me)
    return claimed.attempt.request_id


def _engine(office: Office) -> Any:
    with office.store.writing() as tx:
        return tx.connection.engine
