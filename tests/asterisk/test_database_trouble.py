"""The whole service on a database that can't be written any more, and then can."""

import json
import time
from collections.abc import Iterator

import pytest

from asterisk_callback.doctor import CheckStatus
from asterisk_callback.doctor import database as database_check
from tests.lab import behaviours
from tests.lab.calls import ask
from tests.lab.deployment import Deployment
from tests.lab.hook_server import Hooks, hook_server
from tests.lab.postgres import Postgres
from tests.lab.postgres_role import OwnedDatabase
from tests.lab.speed import scaled
from tests.lab.waiting import PATIENCE, until
from tests.lab.web_client import WebClient

pytestmark = pytest.mark.thorough

LONGEST = 60.0  # s from the failure to the alarm


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with hook_server() as server:
        yield server


@pytest.mark.case("CASES 6: a database that can't be written: 503, the service stays, an alarm")
@pytest.mark.parametrize(
    ("fails", "works_again"),
    [
        (OwnedDatabase.turn_read_only, OwnedDatabase.turn_writable),
        (OwnedDatabase.take_rights, OwnedDatabase.give_rights),
    ],
    ids=["read-only", "rights lost"],
)
def test_it_goes_on_by_itself(postgres: Postgres, hooks: Hooks, fails, works_again) -> None:  # type: ignore[no-untyped-def]
    database = OwnedDatabase(postgres)
    url = f"http://127.0.0.1:{hooks.server_port}"
    webhook = {"webhook": f"{url}/alarms", "webhook_secret": "known-to-both-sides"}
    told = {"alarms": {**webhook, "heartbeat": f"{url}/beat"}}
    lease = {"dispatcher": {"lease": 15}}  # as shipped: the seconds to the alarm depend on it
    with Deployment("22", database=database.url, settings={**told, **lease}) as lab:
        until(lambda: heard(hooks, "/beat"), PATIENCE, "a heartbeat")
        halves = lab.halves()
        earlier = ask(lab, behaviours.ring())
        earlier.customer_rings()
        fails(database)
        failed = time.monotonic()

        browser = WebClient(lab.base_url)
        answer = browser.submit(phone=lab.number(), queue="support", name="Ada Lovelace")
        assert answer.code == 503 and "Ada Lovelace" in answer.text
        assert lab.page(earlier.secret).code == 200
        assert lab.api("POST", "", {"phone": lab.number(), "queue": "support"})[0] == 503

        until(lambda: alarms(hooks) == ["raised"], scaled(LONGEST), "the alarm")
        took = time.monotonic() - failed
        print(f"database_away was told after {took:.0f} s")
        assert took <= scaled(LONGEST)
        beats = len(heard(hooks, "/beat"))
        assert lab.halves() == halves
        found = {one.check: one.verdict for one in database_check.check(lab.settings)}
        assert found["database.writable"] is CheckStatus.WRONG

        works_again(database)
        until(lambda: alarms(hooks) == ["raised", "cleared"], PATIENCE, "the alarm's end")
        later = ask(lab, behaviours.answer(talk=0.1))
        later.wait("completed")
        assert lab.halves() == halves
        until(lambda: len(heard(hooks, "/beat")) > beats, PATIENCE, "a heartbeat again")


def heard(hooks: Hooks, path: str) -> list[bytes]:
    return [body for where, _, body in hooks.heard if where == path]


def alarms(hooks: Hooks) -> list[str]:
    told = [json.loads(body) for body in heard(hooks, "/alarms")]
    return [one["event"] for one in told if one["alarm"] == "database_away"]
