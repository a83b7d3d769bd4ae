"""The same product on PostgreSQL: woken by NOTIFY, fenced by row locks."""

from tests.lab import behaviours
from tests.lab.calls import ask
from tests.lab.deployment import Deployment


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
