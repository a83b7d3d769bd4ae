"""requests and why: what an operator reads and does."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from asterisk_callback import bootstrap, config
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.services.booking.booking import BookingResult, Origin, Submission
from tests.unit.cli.conftest import Run


@pytest.fixture
def booked(company: Run, folder: Path) -> BookingResult:
    settings = config.load(folder / "callback.toml", {})
    store = bootstrap.store(settings)
    try:
        return bootstrap.booking(settings, store).submit(
            Submission(phone="020 7946 0100", queue="support", name="Ada"),
            Origin(scope="test", actor="test"),
        )
    finally:
        store.close()


def test_numbers_are_masked_unless_asked_for(company: Run, booked: BookingResult) -> None:
    for command in (["list"], ["list", "--json"], ["show", "1"], ["show", "1", "--json"]):
        shown = company("requests", *command)
        assert shown.exit_code == 0
        assert "79460100" not in shown.stdout.replace(" ", "")
        assert "100" in shown.stdout
        assert "+442079460100" in company("requests", *command, "--full").stdout


def test_json_for_programs(company: Run, booked: BookingResult) -> None:
    (one,) = json.loads(company("requests", "list", "--json").stdout)
    assert (one["id"], one["state"], one["queue"]) == (1, "queued", "support")
    shown = json.loads(company("requests", "show", booked.wish.public_id, "--json").stdout)
    assert shown["trail"][0]["new"] == "queued"
    told = json.loads(company("why", "1", "--json").stdout)
    assert told["reason"] == "no_dispatcher"


def test_a_public_id_is_no_option(booked: BookingResult) -> None:
    """One in 64 began with “-”, and `why` took it for one."""
    assert booked.wish.public_id.isalnum()


def test_why(company: Run, booked: BookingResult) -> None:
    out = company("why", booked.wish.public_id).stdout
    assert "queued: no_dispatcher (no dispatcher is running)" in out
    assert "the customer reads: " in out and "expected" not in out


@pytest.mark.case("CASES 8: why says the time that the pages say")
def test_why_says_when(company: Run, booked: BookingResult, folder: Path) -> None:
    settings = config.load(folder / "callback.toml", {})
    server, queue = settings.asterisk.name, settings.queues["support"].asterisk_queue
    with bootstrap.ready_store(settings).writing() as tx:
        epoch = tx.servers.register("d1", server, timedelta(days=1))
        tx.servers.renew_lease("d1", epoch, timedelta(days=1), True, "")
        tx.servers.put_queue_facts(server, queue, QueueStatus(known=True, logged_in=2, free=1))
    told = json.loads(company("why", "1", "--json").stdout)
    assert told["reason"] == "next" and told["expected"]["latest"] > told["expected"]["earliest"]
    assert "expected between 2" in company("why", "1").stdout


def test_who_else_asked_and_what_they_said(
    company: Run, booked: BookingResult, folder: Path
) -> None:
    settings = config.load(folder / "callback.toml", {})
    store = bootstrap.store(settings)
    said = {"name": "Bert", "topic": "Router", "about": "Call +442079460999 instead"}
    bootstrap.booking(settings, store).submit(
        Submission(phone="020 7946 0100", queue="support", **said),
        Origin(scope="test", actor="test"),
    )
    store.close()
    for command in (["requests", "show", "1"], ["why", "1"]):
        out = company(*command).stdout
        assert "stands, Ada" in out and "stands, Bert, Router, Call ••• instead" in out
        wishes = json.loads(company(*command, "--json").stdout)["wishes"]
        assert [one["name"] for one in wishes] == ["Ada", "Bert"]
        assert wishes[1]["about"] == "Call ••• instead"
        assert not {"nonce", "body_hash"} & set(wishes[1])
    assert "+442079460999" in company("requests", "show", "1", "--json", "--full").stdout
    with bootstrap.ready_store(settings).writing() as tx:
        tx.wishes.withdraw(booked.wish.id)
    assert "withdrawn 2" in company("requests", "show", "1").stdout
    assert "Ada" not in company("why", "1").stdout


def test_on_which_page_they_asked(company: Run, booked: BookingResult, folder: Path) -> None:
    store = bootstrap.store(settings := config.load(folder / "callback.toml", {}))
    bootstrap.booking(settings, store).submit(
        Submission(
            phone="020 7946 0100", queue="support", page="https://shop.example/+442079460999?a"
        ),
        Origin(scope="site:shop", actor="customer"),
    )
    store.close()
    for command in (["requests", "show", "1"], ["why", "1"]):
        out = company(*command).stdout
        assert "stands, asked on shop.example/•••\n" in out and out.count("asked on") == 1
        wishes = json.loads(company(*command, "--json").stdout)["wishes"]
        assert [one["page"] for one in wishes] == ["", "https://shop.example/•••"]
    whole = company("requests", "show", "1", "--full").stdout
    assert "asked on shop.example/+442079460999" in whole


def test_cancel_and_retry(company: Run, booked: BookingResult, folder: Path) -> None:
    file = folder / "callback.toml"
    # The host's clock is used here, and may say that it is night.
    file.write_text(
        file.read_text().replace('# permitted = "08:00-21:00"', 'permitted = "00:00-24:00"')
    )
    refused = company("requests", "retry", "1")
    assert refused.exit_code == 1
    assert "is queued" in refused.stderr and "why 1" in refused.stderr
    assert "is cancelled" in company("requests", "cancel", "1").stdout
    again = company("requests", "retry", "1")
    assert again.exit_code == 0, again.stderr
    assert "callback request 2 takes the place of 1" in again.stdout
    assert "/c/" in again.stdout
    states = [one["state"] for one in json.loads(company("requests", "list", "--json").stdout)]
    assert states == ["queued", "cancelled"]
    assert len(json.loads(company("requests", "list", "--state=queued", "--json").stdout)) == 1


@pytest.mark.parametrize("name", ["7", "no-such-id", "99999999999999999999", "'; --"])
def test_an_unknown_request(company: Run, name: str) -> None:
    for command in (["requests", "show", name], ["requests", "cancel", name], ["why", name]):
        result = company(*command)
        assert result.exit_code == 1
        assert "there is no callback request" in result.stderr


def test_what_the_line_said_is_masked(company: Run, booked: BookingResult, folder: Path) -> None:
    store = bootstrap.store(config.load(folder / "callback.toml", {}))
    with store.writing() as tx:
        tx.attempts.add(
            request_id=booked.request.id, token="1" * 27, server="pbx", trunk="main", owner="d",
            epoch=1, e164=booked.request.e164, claimed_at=tx.now, gate_by=tx.now,
            detail="no route to 442079460100",
        )  # fmt: skip
    store.close()
    shown = company("requests", "show", "1", "--json").stdout
    assert "no route to •••" in json.loads(shown)["attempts"][0]["detail"]
    assert "442079460100" in company("requests", "show", "1", "--json", "--full").stdout


@pytest.mark.case("CASES 7: control characters on a terminal")
def test_what_is_stored_does_not_steer_the_terminal(
    company: Run, booked: BookingResult, folder: Path
) -> None:
    """Stored by a version that took it, or by another program."""
    evil = "Ada\x1b]0;x\x07\ntrail        forged\u202e"
    with bootstrap.ready_store(config.load(folder / "callback.toml", {})).writing() as tx:
        found = tx.requests.lock(booked.request.id)
        assert found is not None
        tx.requests.change(found, found.evolve(name=evil, note=evil), actor=evil, reason=evil)
    for command in (
        ["requests", "list"],
        ["requests", "show", "1"],
        ["requests", "show", "x\x1b"],
        ["report", "--requests", "--since", "2026-01-01"],
    ):
        result = company(*command)
        for line in (result.stdout + result.stderr).splitlines():
            assert line.isprintable(), command
            assert command[0] == "report" or not line.startswith("trail        forged"), command
    assert r"Ada\x1b]0;x\x07\ntrail        forged\u202e" in company("requests", "show", "1").stdout


@pytest.mark.case("CASES 7: control characters in an operator's reason")
@pytest.mark.parametrize("command", [("dialling", "stop"), ("intake", "stop"), ("suppress",)])
def test_an_operators_reason(company: Run, command: tuple[str, ...]) -> None:
    number = ("+442079460123",) if command == ("suppress",) else ()
    refused = company(*command, *number, "--reason", "\x1b[2J")
    assert refused.exit_code == 1 and "invisible character" in refused.stderr
    assert company(*command, *number, "--reason", "Fire drill").exit_code == 0


@pytest.mark.case("CASES 6: a queue renamed with open wishes")
def test_a_renamed_queue_is_told_of_and_its_requests_can_be_given(
    company: Run, booked: BookingResult, folder: Path
) -> None:
    file = folder / "callback.toml"
    file.write_text(file.read_text().replace("[queues.support", "[queues.helpdesk"))
    told = json.loads(company("doctor", "--json").stdout)["findings"]
    (gone,) = [one for one in told if one["check"] == "queues.gone"]
    assert gone["mend"] == "asterisk-callback requests give --from support --to NAME"
    nowhere = company("requests", "give", "--from", "support", "--to", "sales")
    assert nowhere.exit_code == 1 and "We have: helpdesk" in nowhere.stderr
    given = company("requests", "give", "--from", "support", "--to", "helpdesk")
    assert "1 callback request of support is helpdesk's now." in given.stdout
    assert json.loads(company("requests", "list", "--json").stdout)[0]["queue"] == "helpdesk"
    again = company("requests", "give", "--from", "support", "--to", "helpdesk")
    assert (again.exit_code, again.stdout[:2]) == (0, "0 ")
