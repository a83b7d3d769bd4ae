"""What a dispatcher knows of Asterisk stays written down, whoever wrote last."""

import asyncio

import pytest

from asterisk_callback.dispatcher import publishing
from asterisk_callback.dispatcher.publishing import Publishing
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.queue_member import Device, Member
from asterisk_callback.telephony.server import ServerConnection
from tests.dispatcher_contexts import NOWHERE, a_context
from tests.factories import SERVER, Office
from tests.lab.speed import scaled
from tests.lab.waiting import PATIENCE

QUEUE = "sales"
ANNA = Member(asterisk_queue=QUEUE, interface="PJSIP/anna", name="Anna", status=Device.NOT_IN_USE)
NOW = QueueStatus(known=True, logged_in=1, free=1)


class Board(ServerConnection):
    """A switchboard without an Asterisk: its only agent is free, and nothing changes."""

    def __init__(self) -> None:
        self.server = NOWHERE

    @property
    def ready(self) -> bool:
        return True

    def facts(self, asterisk_queue: str) -> QueueStatus:
        return NOW

    def members(self, asterisk_queue: str) -> tuple[Member, ...]:
        return (ANNA,)


@pytest.mark.parametrize("restless", [False, True])
def test_what_another_wrote_of_a_moment_before_is_put_right(
    office: Office, monkeypatch: pytest.MonkeyPatch, restless: bool
) -> None:
    """It was stopped, wrote once it went on that all are busy, and was killed. restless: something
    else changes all the time."""
    monkeypatch.setattr(publishing, "LOOK", 0.0)
    monkeypatch.setattr(publishing, "PAUSE", 0.0)
    queue = next(one for one in office.queues.values() if one.asterisk_queue == QUEUE)
    office.queues = {queue.name: queue}
    context = a_context(office, Board())

    def written() -> tuple[QueueStatus, list[Device]]:
        with office.store.reading() as tx:
            members = [one.status for one in tx.queue_members.of(SERVER, QUEUE)]
            return tx.servers.queue_facts(SERVER, QUEUE), members

    async def run() -> None:
        loop = Publishing(context)
        monkeypatch.setattr(context, "renew", lambda: asyncio.sleep(0))
        task = asyncio.create_task(loop.run())
        loop.soon()
        while written() != (NOW, [Device.NOT_IN_USE]):
            await asyncio.sleep(0)
        busy = Member(asterisk_queue=QUEUE, interface="PJSIP/anna", name="Anna", status=Device.BUSY)
        with office.store.writing() as tx:
            tx.servers.put_queue_facts(SERVER, QUEUE, QueueStatus(known=True, logged_in=1))
            tx.queue_members.replace(SERVER, QUEUE, [busy])
        while written() != (NOW, [Device.NOT_IN_USE]):
            if restless:
                loop.soon()
            await asyncio.sleep(0)
        task.cancel()

    asyncio.run(asyncio.wait_for(run(), scaled(PATIENCE)))
