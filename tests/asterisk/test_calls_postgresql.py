"""The same product on PostgreSQL: woken by NOTIFY, fenced by row locks."""

import pytest

from tests.lab import behaviours
from tests.lab.calls import ask
from tests.lab.deployment import Deployment
from tests.lab.pgbouncer import PgBouncer
from tests.lab.postgres import Postgres


def test_calls_on_postgresql(postgres_url: str) -> None:
    with Deployment("22", database=postgres_url, record_ami=True) as lab:
        call = ask(lab, behaviours.answer(after=0.1, talk=0.2))
        call.wait("completed")
        assert lab.status(call.secret) == "completed"
        call.rings(1)
        lab.reset()
        cancelled = ask(lab, behaviours.answer(), behaviours.ring())
        cancelled.world.wait_agent_invite("1001")
        lab.cancel(cancelled.secret)
        lab.bed.pbx.wait_idle()
        cancelled.ended("cancelled")
        cancelled.rings(0)


@pytest.mark.thorough
@pytest.mark.case("CASES 6: calls through pgbouncer in transaction mode")
@pytest.mark.parametrize("direct", [True, False], ids=["direct_url", "url alone"])
def test_calls_behind_pgbouncer(postgres: Postgres, direct: bool) -> None:
    straight = postgres.create_database()
    pooler = PgBouncer(postgres)
    settings = {"database": {"direct_url": straight}} if direct else {}
    try:
        with Deployment("22", database=pooler.url(straight), settings=settings) as lab:
            for _ in range(3):
                call = ask(lab, behaviours.answer(after=0.1, talk=0.2))
                call.wait("completed")
                call.rings(1)
            assert "prepared statement" not in lab.tail(1000)
    finally:
        pooler.close()
