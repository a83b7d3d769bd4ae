"""Another version upgrades the database under a running service, as hosts follow one another."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from asterisk_callback.store.upgrade import REVISION
from tests.lab.speed import scaled
from tests.lab.web_client import WebClient
from tests.unit.cli.service import DEADLINE, Service, listening

pytestmark = [pytest.mark.slow, pytest.mark.thorough]


def set_revision(folder: Path, to: str) -> None:
    file = folder / "callback.db"
    with closing(sqlite3.connect(file, timeout=DEADLINE)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (to,))


@pytest.mark.case("CASES 6: the older version refuses to go on with one sentence")
def test_it_stands_still_and_comes_back(service: Service, folder: Path) -> None:
    service.until(lambda: service.get("/healthz") == 200, "the web to answer")
    service.until(lambda: listening(service.gate), "the gate to listen")
    client = WebClient(f"http://127.0.0.1:{service.web}", scaled(DEADLINE))
    filled = client.fill(phone="020 7946 0100", queue="support")
    set_revision(folder, "0999")
    service.until(lambda: not listening(service.gate), "the gate to close")
    refused = client.post("/callbacks", filled)
    assert refused.code == 503 and "020 7946 0100" in refused.text
    assert service.get("/readyz") == 503
    service.until(lambda: "is newer (revision 0999)" in service.log.read_text(), "the sentence")
    log = service.log.read_text()
    assert log.count("has gone to revision 0999") >= 1 and "Traceback" not in log
    assert service.process.poll() is None

    set_revision(folder, REVISION)
    service.until(lambda: listening(service.gate), "the gate to listen again")
    assert client.post("/callbacks", filled).code == 303
