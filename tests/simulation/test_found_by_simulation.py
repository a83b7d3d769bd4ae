"""Each bug that the simulation found, as a test of its own that needs no seed."""

import asyncio
from datetime import timedelta
from pathlib import Path
from unittest.mock import AsyncMock, patch

import pytest

from asterisk_callback.dispatcher.context import DispatcherSettings
from asterisk_callback.dispatcher.dispatcher import Dispatcher
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import StaleWrite, StoreUnavailable
from asterisk_callback.domain.gate import GatePass
from asterisk_callback.domain.server import DispatcherIdentity
from asterisk_callback.services.calling.claim import claim
from asterisk_callback.store.attempts import SqlAttempts
from asterisk_callback.telephony.ami import AmiAddress
from asterisk_callback.telephony.server_settings import AsteriskServer
from asterisk_callback.telephony.translate import translate
from tests.factories import PLENTY, SERVER, Office, SetClock, an_attempt, sqlite_store

LEASE = timedelta(seconds=15)


def test_a_dispatcher_whose_successor_has_left_claims_nothing(tmp_path: Path) -> None:
    """P6. Frozen past its lease; started anew under the same name; that one stopped in good order
    and took the name's row with it. The old one wakes up and finds no row: it had a lease no more,
    and still it claimed (seed 10235, "took attempt 2 without a lease")."""
    store = sqlite_store(tmp_path, SetClock())
    office = Office(store=store)
    with store.writing() as tx:
        tx.servers.register("d1", "main", LEASE)
    with store.writing() as tx:
        tx.servers.register("d1", "main", LEASE)
    with store.writing() as tx:
        tx.servers.unregister("d1", 2)
    office.submit()
    with pytest.raises(StaleWrite):
        claim(
            store,
            DispatcherIdentity(name="d1", epoch=1),
            office.queues["sales"],
            PLENTY,
            office.guard,
        )
    store.close()


def test_a_call_that_goes_on_is_not_ended_by_a_second_originate_of_its_token(
    tmp_path: Path,
) -> None:
    """P4. Somebody sent the Originate again while the customer's phone rang; Asterisk said of the
    second that it failed. The attempt ended as "no agent", not rung, because the dispatcher was new
    and had not heard the ringing: back in line at once, and no ring counted (seed 100545)."""
    store = sqlite_store(tmp_path, SetClock())
    office = Office(store=store)
    attempt = office.attempt()
    assert isinstance(office.gate.ask(attempt.token), GatePass)
    event = {"Event": "OriginateResponse", "ActionID": attempt.token, "Response": "Failure"}
    failed = translate(event)
    assert failed is not None
    office.progress.report(failed, office.me)
    (after,) = office.attempts(attempt.request_id)
    assert after.open
    # Its own call ends, and all that is known is that it is gone: that counts as a ring.
    office.reconciliation.decide([after], {}, office.me)
    (ended,) = office.attempts(attempt.request_id)
    assert (ended.disposition, ended.rung) == (Disposition.UNKNOWN, True)
    store.close()


def test_a_dispatcher_outlives_a_database_that_fails_at_a_hangup(tmp_path: Path) -> None:
    """P7. The call of a cancelled attempt was hung up, and the commit that notes so failed: the
    whole dispatcher died of it, with its gate and its link (seed 10067)."""
    store = sqlite_store(tmp_path, SetClock())
    office = Office(store=store)
    address = AmiAddress("127.0.0.1", 5038, "callback", "secret")
    dispatcher = Dispatcher(
        store=store,
        queues=office.queues,
        guard=office.guard,
        settings=DispatcherSettings(name="d1", server=AsteriskServer(name=SERVER, address=address)),
    )

    def away(self: SqlAttempts, attempt: object) -> None:
        raise StoreUnavailable("the commit failed")

    with (
        patch.object(SqlAttempts, "mark_hangup_sent", away),
        patch.object(dispatcher.context.switchboard, "end", AsyncMock()) as end,
    ):
        asyncio.run(dispatcher.context.end(an_attempt()))
    end.assert_awaited_once()
    store.close()
