"""A database that answers, and can't be written: waited for like one that is away."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from asterisk_callback import bootstrap
from asterisk_callback.dispatcher import outage
from asterisk_callback.dispatcher.context import DispatcherSettings
from asterisk_callback.dispatcher.dispatcher import Dispatcher
from asterisk_callback.domain.alarm import AlarmEvent, AlarmName, Notice
from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.domain.outbox import RetrySchedule
from asterisk_callback.store import SqlStore, upgrade
from asterisk_callback.telephony.link import AmiAddress
from asterisk_callback.telephony.server_settings import AsteriskServer
from tests.factories import PATIENT, SERVER, Office, callback_queue
from tests.lab.postgres import Postgres
from tests.lab.postgres_role import OwnedDatabase
from tests.lab.waiting import PATIENCE, until

FAULTS = {
    "read-only after a failover": (OwnedDatabase.turn_read_only, OwnedDatabase.turn_writable),
    "rights lost": (OwnedDatabase.take_rights, OwnedDatabase.give_rights),
}
Broken = tuple[Callable[[OwnedDatabase], None], Callable[[OwnedDatabase], None]]
both = pytest.mark.parametrize("fault", FAULTS.values(), ids=[*FAULTS])


@pytest.fixture
def database(postgresql_server: Postgres) -> OwnedDatabase:
    return OwnedDatabase(postgresql_server)


@pytest.fixture
def store(database: OwnedDatabase) -> Iterator[SqlStore]:
    made = SqlStore(database.url, waits=PATIENT)
    upgrade(made)
    yield made
    made.close()


@pytest.mark.case("CASES 6: a database that can't be written any more is one that is away")
@both
def test_it_is_read_and_written_again_by_itself(
    store: SqlStore, database: OwnedDatabase, fault: Broken
) -> None:
    fails, works_again = fault
    office = Office(store=store, queues={"sales": callback_queue("sales")})
    office.submit(0, queue="sales")
    fails(database)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match=r"can't be written|refuses"):
            office.submit(1, queue="sales")
    assert store.away
    with store.reading() as tx:
        assert len(tx.requests.latest(None, 10)) == 1
    works_again(database)
    office.submit(1, queue="sales")
    assert not store.away


@pytest.mark.case("CASES 4: a role without rights on `public` is one sentence")
@pytest.mark.parametrize("right", ["CREATE", "ALL"])
def test_a_role_that_may_not_make_tables(database: OwnedDatabase, right: str) -> None:
    database.admin(f"ALTER DATABASE {database.name} OWNER TO postgres")
    database.admin(f"REVOKE {right} ON SCHEMA public FROM PUBLIC", inside=True)
    store = SqlStore(database.url, waits=PATIENT)
    with pytest.raises(bootstrap.SetupError, match=f"GRANT USAGE, CREATE .* TO {database.role}"):
        bootstrap.upgrade(store)
    store.close()


def test_rights_that_are_missing_are_named(store: SqlStore, database: OwnedDatabase) -> None:
    from asterisk_callback.store import missing_rights  # not on top: before.sh's products lack it

    assert missing_rights(store) == []
    database.admin(f"REVOKE DELETE ON hold, alarm FROM {database.role}", inside=True)
    assert missing_rights(store) == ["alarm", "hold"]


@pytest.mark.case("CASES 6: doctor tries a test write, and looks at the free space")
def test_what_doctor_says(
    store: SqlStore, database: OwnedDatabase, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from asterisk_callback.doctor import writing  # not on top: before.sh's products lack it

    def found() -> tuple[str, str]:
        (finding,) = writing.check(store, None)
        return finding.verdict.value, finding.what

    assert found() == ("ok", "it can be written")
    for fails, works_again in FAULTS.values():
        fails(database)
        verdict, what = found()
        assert verdict == "wrong" and ("read-only transaction" in what or "denied" in what)
        works_again(database)
        assert found()[0] == "ok"
    with store.reading() as tx:
        assert not tx.servers.strangers(tx.now - timedelta(days=1))
    monkeypatch.setattr(writing, "_ROOM", 10**18)
    (full,) = writing.check(store, tmp_path / "callback.db")
    assert full.verdict.value == "wrong" and "MB are free on its disk" in full.what


@pytest.mark.case("CASES 6: the dispatcher of a database that can't be written stays, and alarms")
@both
def test_a_dispatcher_stays_and_tells_of_it(
    store: SqlStore, database: OwnedDatabase, fault: Broken
) -> None:
    fails, works_again = fault
    channel = Told()
    dispatcher = a_dispatcher(store, channel)

    async def live() -> None:
        running = asyncio.create_task(dispatcher.run())
        wait = asyncio.to_thread
        await wait(until, lambda: alive(store), PATIENCE, "a lease", 0.05)
        fails(database)
        await wait(channel.wait, AlarmEvent.RAISED)
        assert not running.done() and not dispatcher.context.can_dial
        works_again(database)
        await wait(channel.wait, AlarmEvent.CLEARED)
        await wait(until, lambda: alive(store), PATIENCE, "a lease again", 0.05)
        await wait(until, lambda: past(store), PATIENCE, "the alarm in the list", 0.05)
        dispatcher.stop()
        await running

    asyncio.run(live())
    raised, cleared = channel.notices
    assert raised.alarm.name is AlarmName.DATABASE
    assert "no call is placed" in raised.alarm.text and raised.alarm.subject == "one"
    assert cleared.alarm.cleared_at and raised.id < cleared.id
    assert past(store) == [(AlarmName.DATABASE, True)]


@pytest.mark.case("CASES 6: a dispatcher that waits for its database can be stopped")
def test_it_can_be_stopped_while_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a channel with a fault of ours hears of the database nevertheless, the next time."""
    at_once = timedelta(seconds=0.05)
    monkeypatch.setattr(outage, "TO_OPERATORS", RetrySchedule(at_once, at_once, at_once))
    store = SqlStore("postgresql://nobody@127.0.0.1:1/nowhere", waits=PATIENT)
    channel = Told(ValueError("a fault of ours"))
    dispatcher = a_dispatcher(store, channel)

    async def live() -> None:
        running = asyncio.create_task(dispatcher.run())
        await asyncio.to_thread(channel.wait, AlarmEvent.RAISED)
        dispatcher.stop()
        async with asyncio.timeout(PATIENCE):
            await running

    asyncio.run(live())
    store.close()


def test_the_alarm_comes_within_a_minute() -> None:
    """From the last renewal that worked: the next try, the time until it is no short break, and
    the look at it. A service's own test measures it."""
    standard = DispatcherSettings(name="one", server=a_server())
    longest = standard.lease / 3 + standard.away_for + standard.alarm_every
    assert longest <= timedelta(seconds=50)


class Told:
    """A way to operators that keeps what it is told, but for the first, if it fails then."""

    name = "kept"

    def __init__(self, fails: Exception | None = None) -> None:
        self._fails = fails
        self.notices: list[Notice] = []
        self._came = {event: threading.Event() for event in AlarmEvent}

    def send(self, notice: Notice) -> None:
        fails, self._fails = self._fails, None
        if fails is not None:
            raise fails
        self.notices.append(notice)
        self._came[notice.event].set()

    def wait(self, event: AlarmEvent) -> None:
        assert self._came[event].wait(PATIENCE), f"no alarm was {event}"


def a_server() -> AsteriskServer:
    """An Asterisk that is not there."""
    return AsteriskServer(name=SERVER, address=AmiAddress("127.0.0.1", 1, "nobody", "secret"))


def a_dispatcher(store: SqlStore, *channels: Told) -> Dispatcher:
    short = timedelta(seconds=0.3)
    return Dispatcher(
        store=store,
        queues={"sales": callback_queue("sales")},
        guard=Office(store=store).guard,
        settings=DispatcherSettings(
            name="one",
            server=a_server(),
            gate=("127.0.0.1", 0),
            lease=3 * short,
            away_for=short,
            alarm_every=short,
        ),
        channels=cast(Any, channels),
    )


def alive(store: SqlStore) -> bool:
    with store.reading() as tx:
        return any(one.alive_until > tx.now for one in tx.servers.all())


def past(store: SqlStore) -> list[tuple[AlarmName, bool]]:
    with store.reading() as tx:
        found = [one for one in tx.alarms.standing(past=9) if one.name is AlarmName.DATABASE]
    return [(one.name, one.cleared_at is not None) for one in found]
