"""One installation owns a database, one living process a dispatcher's name. On both databases."""

import os
import subprocess
from datetime import timedelta

import pytest

from asterisk_callback.doctor import port_owner
from asterisk_callback.domain.alarm import AlarmName
from asterisk_callback.domain.errors import Occupied
from asterisk_callback.store import SqlStore, process
from tests.factories import Office, SetClock
from tests.lab import ports

LEASE = timedelta(seconds=15)


def enrol(store: SqlStore, who: str, ended: bool = False) -> int:
    with store.writing() as tx:
        return tx.servers.register("d1", "pbx", LEASE, who, lambda _: ended)


@pytest.mark.case("CASES 5: a second dispatcher of a living one's name is refused")
def test_a_name_belongs_to_its_process(still_office: Office, clock: SetClock) -> None:
    store = still_office.store
    first = enrol(store, "a/boot/space/1/100")
    with pytest.raises(Occupied, match="alive on a, process 1"):
        enrol(store, "b/boot/space/2/200")
    with store.writing() as tx:
        tx.servers.renew_lease("d1", first, LEASE, True, "")  # the one that was there goes on
    assert enrol(store, "a/boot/space/1/100") == first + 1  # the same one, again
    assert enrol(store, "b/boot/space/2/200", ended=True) == first + 2  # killed: at once
    clock.advance(seconds=16)
    assert enrol(store, "c/boot/space/3/300") == first + 3  # on another machine: after its lease


@pytest.mark.case("CASES 5: a second installation on one database is refused")
def test_a_database_belongs_to_the_installation_that_came_first(store: SqlStore) -> None:
    with store.writing() as tx:
        tx.servers.own("ours", "Larkmoor Broadband")
    with store.writing() as tx:
        tx.servers.own("ours", "Larkmoor Broadband Ltd")  # its name may change
    with pytest.raises(Occupied, match="Larkmoor Broadband Ltd"), store.writing() as tx:
        tx.servers.own("theirs", "Brackwater Water")
    with store.writing() as tx:
        tx.servers.own("theirs", "Brackwater Water", take=True)
    with pytest.raises(Occupied, match="Brackwater"), store.writing() as tx:
        tx.servers.own("ours", "Larkmoor Broadband")


def test_who_was_refused_is_an_alarm(still_office: Office, clock: SetClock) -> None:
    store = still_office.store
    for text in ("once", "again"):
        with store.writing() as tx:
            tx.servers.note_stranger(AlarmName.SECOND_OWNER, "d1", text)
    clock.advance(minutes=5)
    with store.reading() as tx:
        (told,) = tx.servers.strangers(tx.now - timedelta(minutes=10))
        assert (told.name, told.subject, told.text) == (AlarmName.SECOND_OWNER, "d1", "again")
        assert tx.servers.strangers(tx.now - timedelta(minutes=1)) == []


def test_a_process_is_known_to_have_ended_only_where_that_is_certain() -> None:
    child = subprocess.Popen(["sleep", "60"])
    mine = process.identity()
    host, boot, space, _, _ = mine.split("/")
    started = process._started(child.pid)
    theirs = f"{host}/{boot}/{space}/{child.pid}/{started}"
    assert not process.has_ended(mine) and not process.has_ended(theirs)
    assert process.has_ended(f"{theirs}0")  # the number came again, for another program
    child.kill()
    while not process.has_ended(theirs):  # a zombie counts as ended, before anybody waits for it
        pass
    child.wait()
    assert process.has_ended(theirs)
    assert process.has_ended(f"{host}/another-boot/{space}/1/1")
    assert not process.has_ended(f"{host}/{boot}/pid:[1]/{child.pid}/1")  # another container
    assert not process.has_ended(f"elsewhere/{boot}/{space}/{child.pid}/1")
    assert not process.has_ended("")


def test_who_sits_on_a_port() -> None:
    import socket

    port = ports.single()
    assert port_owner.at(port) == ""
    with socket.create_server(("127.0.0.1", port)):
        assert f"(process {os.getpid()})" in port_owner.at(port)
