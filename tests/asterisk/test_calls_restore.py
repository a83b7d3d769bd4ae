"""A database restored from an older copy calls nobody: Asterisk remembers how far it had come."""

import sqlite3
from contextlib import closing
from pathlib import Path

from asterisk_callback.services.calling import holds
from tests.lab import behaviours
from tests.lab.calls import ask
from tests.lab.deployment import Deployment
from tests.lab.fixtures import on_22_and_16
from tests.lab.waiting import PATIENCE, until

TALKS = behaviours.answer(after=0.1, talk=0.2)


def copied(source: Path, target: Path) -> None:
    """As any tool would, without a word to the product."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def remembered(lab: Deployment) -> str:
    return lab.bed.pbx.cli("database show callback-witness")


def mark(lab: Deployment) -> int:
    with lab.store.reading() as tx:
        return tx.servers.call_counter()


@on_22_and_16
def test_a_restored_database_calls_nobody_until_somebody_has_looked(
    lab: Deployment, tmp_path: Path
) -> None:
    file = Path(str(lab.store.url.database))
    waiting = ask(lab, behaviours.ring())
    waiting.customer_rings()
    copied(file, tmp_path / "yesterday.db")
    before = mark(lab)
    waiting.world.hang_up(waiting.number, cause=17)
    waiting.ended("busy")
    # The mark may have been raised for the first one before the copy was made. This one, which the
    # copy does not know, never gets beyond an agent.
    later = ask(lab, agents=behaviours.ring_reject(0.1))
    until(lambda: mark(lab) > before, 60, "the mark to be raised")
    until(lambda: f"{mark(lab):015d}" in remembered(lab), PATIENCE, "Asterisk to remember it")
    lab.cancel(later.secret)
    lab.bed.pbx.wait_idle()
    lab.stop_product()
    lab.store.close()
    for end in ("", "-wal", "-shm"):
        Path(f"{file}{end}").unlink(missing_ok=True)
    copied(tmp_path / "yesterday.db", file)
    try:
        lab.start_product()
        until(lambda: "gone back in time" in lab.log_file.read_text(), PATIENCE, "it to be noticed")
        fresh = ask(lab, TALKS)
        fresh.why("held")
        assert "stopped calling" in lab.page(fresh.secret).words
        fresh.rings(0)
    finally:
        with lab.store.writing() as tx:
            holds.resume(tx, actor="operator")
    fresh.wait("completed")
    fresh.rings(1)
