"""The outbox loses nothing and sends nothing twice without need: crashes, races, rollbacks."""

import signal
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from asterisk_callback.services.telling.customer import Dispatch
from asterisk_callback.services.telling.outbox import Outbox
from asterisk_callback.services.telling.worker import LEASE
from asterisk_callback.store import SqlStore
from tests.factories import Office, SetClock
from tests.lab.mail_server import MailServer
from tests.lab.speed import scaled
from tests.post import outcomes, work_off
from tests.store.conftest import OpenStore
from tests.store.racing import at_once, failures
from tests.unit.services.telling.test_messages import ME

ROOT = Path(__file__).resolve().parents[2]


class Killed(BaseException):
    """What no handler of ours catches, as no handler catches a kill."""


class Rollback(Exception):
    pass


def outbox_of(office: Office, send: object, store: SqlStore | None = None) -> Outbox:
    return Outbox(
        store=store or office.store,
        queues=office.queues,
        secret_key="test secret",
        send=send,  # type: ignore[arg-type]
    )


def test_no_change_no_message(still_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row is part of the change: what is not committed is not told."""
    from asterisk_callback.services.telling import customer

    asked = customer.asked

    def too_late(tx: Any, wish: Any) -> None:
        asked(tx, wish)
        raise Rollback

    monkeypatch.setattr(customer, "asked", too_late)
    with pytest.raises(Rollback):
        still_office.submit(email=ME)
    assert outcomes(still_office) == []


@pytest.mark.parametrize("taken", [False, True], ids=["before the 250", "after the 250"])
def test_a_death_while_sending_loses_nothing(
    still_office: Office, clock: SetClock, taken: bool
) -> None:
    """At most one duplicate, and it carries the same id."""
    still_office.submit(email=ME)
    ids: list[str] = []

    def dies(dispatch: Dispatch) -> None:
        if taken:
            ids.append(dispatch.id)
        raise Killed

    with pytest.raises(Killed):
        outbox_of(still_office, dies).work_off()
    successor = outbox_of(still_office, lambda dispatch: ids.append(dispatch.id))
    work_off(successor)
    assert len(ids) == taken  # its claim still holds
    clock.now += LEASE
    work_off(successor)
    assert len(ids) == 1 + taken
    assert len(set(ids)) == 1
    assert outcomes(still_office) == [("confirmation", "sent")]


def test_many_workers_send_each_once(office: Office, url: str, open_store: OpenStore) -> None:
    for n in range(30):
        office.submit(n, email=f"customer{n}@example.org")
    sent: Counter[str] = Counter()
    mutex = Lock()

    def send(dispatch: Dispatch) -> None:
        with mutex:
            sent[dispatch.wish.email] += 1

    workers = [outbox_of(office, send, open_store(url)) for _ in range(4)]
    results = at_once(*[lambda worker=worker: work_off(worker) for worker in workers])
    assert failures(results) == []
    assert len(sent) == 30
    assert set(sent.values()) == {1}


def test_the_limit_per_address_holds_among_workers(
    office: Office, url: str, open_store: OpenStore
) -> None:
    for n in range(14):
        office.submit(n, email=ME)
    sent: list[str] = []
    workers = [
        outbox_of(office, lambda dispatch: sent.append(dispatch.id), open_store(url))
        for _ in range(4)
    ]
    assert failures(at_once(*[lambda worker=worker: work_off(worker) for worker in workers])) == []
    assert len(sent) == 10


def test_a_lost_lease_does_not_undo_what_was_sent(still_office: Office, clock: SetClock) -> None:
    """A worker that slept past its lease: both sent, one row, and it ends once."""
    still_office.submit(email=ME)
    ids: list[str] = []
    second = outbox_of(still_office, lambda dispatch: ids.append(dispatch.id))

    def sleeps(dispatch: Dispatch) -> None:
        ids.append(dispatch.id)
        clock.now += LEASE
        work_off(second)

    work_off(outbox_of(still_office, sleeps))
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert outcomes(still_office) == [("confirmation", "sent")]


WORKER = """
    import os, signal, sys
    from asterisk_callback.notify.customer import Sender
    from asterisk_callback.services.telling.outbox import Outbox
    from asterisk_callback.store import SqlStore
    from tests import post
    from tests.factories import callback_queue
    url, port, die = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "die"
    company = Sender(name="Larkmoor", base_url="http://localhost", zone="Europe/London",
                      country="GB")
    way = post.customer_mail(post.mail_server(port), company, "callback@example.org")
    def send(dispatch):
        way.send(dispatch)
        if die:
            os.kill(os.getpid(), signal.SIGKILL)
    Outbox(store=SqlStore(url), queues={"sales": callback_queue()}, secret_key="test secret",
           send=send).work_off()
"""


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_real_kill_between_the_250_and_the_commit(office: Office, url: str, dialect: str) -> None:
    office.submit(email=ME)

    def worker(how: str, port: int) -> int:
        command = [sys.executable, "-c", textwrap.dedent(WORKER), url, str(port), how]
        limit = scaled(60)
        return subprocess.run(command, cwd=ROOT, timeout=limit, check=False).returncode

    with MailServer() as server:
        assert worker("die", server.port) == -signal.SIGKILL
        assert len(server.received) == 1
        with office.store.connect() as connection, connection.begin():
            # Instead of waiting for the lease to end.
            connection.exec_driver_sql("UPDATE message SET next_at = created_at")
        assert worker("live", server.port) == 0
        assert worker("live", server.port) == 0
    first, second = server.received
    assert first["Message-ID"] == second["Message-ID"]
    assert outcomes(office) == [("confirmation", "sent")]
