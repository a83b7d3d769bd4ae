"""dialling: stop, resume, status; and a backup that is born stopped."""

import json
from pathlib import Path

import pytest

from asterisk_callback import bootstrap, config
from asterisk_callback.domain.alarm import AlarmCondition, AlarmName
from tests.unit.cli.conftest import Run


def test_stop_and_resume(company: Run) -> None:
    assert "nothing is stopped" in company("dialling", "status").stdout
    out = company("dialling", "stop", "--reason", "the switch is moved").stdout
    assert "all calls are stopped by operator: the switch is moved" in out
    assert "as before" in company("dialling", "stop").stdout
    (hold,) = json.loads(company("dialling", "status", "--json").stdout)
    assert (hold["scope"], hold["reason"]) == ("", "the switch is moved")
    assert "since 20" in company("dialling", "status").stdout
    assert "all calls go on" in company("dialling", "resume").stdout
    assert "were not stopped" in company("dialling", "resume").stdout


def test_one_queue(company: Run) -> None:
    assert "'support' are stopped" in company("dialling", "stop", "support").stdout
    out = company("dialling", "resume").stdout
    assert "all calls were not stopped" in out and "but calls of 'support' are stopped" in out
    assert "'support' go on" in company("dialling", "resume", "support").stdout
    refused = company("dialling", "stop", "suport")
    assert refused.exit_code == 1 and "there are: support" in refused.stderr


@pytest.mark.case("recovery: a callback queue that was stopped is renamed")
def test_a_queue_that_is_gone_can_be_resumed(company: Run, folder: Path) -> None:
    assert company("dialling", "stop", "support").exit_code == 0
    file = folder / "callback.toml"
    file.write_text(file.read_text().replace("[queues.support", "[queues.help"))
    assert "'support' go on" in company("dialling", "resume", "support").stdout
    assert "nothing is stopped" in company("dialling", "status").stdout
    assert company("dialling", "resume", "support").exit_code == 1


def test_a_backup_is_born_stopped(company: Run, folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert company("db", "backup", copy).exit_code == 0
    assert not list(tmp_path.glob("copy.db-*"))
    assert copy.stat().st_mode & 0o777 == 0o600
    assert "nothing is stopped" in company("dialling", "status").stdout
    restored = config.load(folder / "callback.toml", {
        "ASTERISK_CALLBACK_DATABASE__URL": f"sqlite:///{copy}"
    })  # fmt: skip
    store = bootstrap.ready_store(restored)
    with store.reading() as tx:
        (hold,) = tx.holds.active()
    store.close()
    assert hold.reason.startswith("restored from a backup of 20")
    assert "asterisk-callback dialling resume" in hold.reason


def test_alarms(company: Run, folder: Path) -> None:
    assert "no alarm" in company("alarms").stdout
    store = bootstrap.store(config.load(folder / "callback.toml", {}))
    with store.writing() as tx:
        text = "trunk main failed once"
        tx.alarms.raise_alarm(
            AlarmCondition(name=AlarmName.TRUNK, server="pbx", subject="main", text=text)
        )
    store.close()
    assert "trunk_paused: trunk main failed once" in company("alarms").stdout
    (alarm,) = json.loads(company("alarms", "--all", "--json").stdout)
    assert (alarm["name"], alarm["cleared_at"]) == ("trunk_paused", None)


def test_the_webhooks_address_is_a_secret(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "hook").write_text("https://ops.example.org/s3cret\n")
    secret = "0123456789abcdef"
    variable = "ASTERISK_CALLBACK_ALARMS__WEBHOOK"
    given = config.load(
        folder / "callback.toml",
        {f"{variable}_FILE": str(tmp_path / "hook"), f"{variable}_SECRET": secret},
    )
    assert "s3cret" not in repr(given)
    assert secret not in repr(given)
    (channel,) = bootstrap.alarm_channels(given)
    assert channel.name == "webhook"
    with pytest.raises(config.ConfigError, match="http") as error:
        config.load(folder / "callback.toml", {variable: "s3cret", f"{variable}_SECRET": secret})
    assert "s3cret" not in str(error.value)


def test_intake_beside_it(company: Run) -> None:
    out = company("intake", "stop", "support", "--reason", "storm").stdout
    assert "new wishes for 'support' are stopped by operator: storm" in out
    assert "nothing is stopped" in company("dialling", "status").stdout
    (hold,) = json.loads(company("intake", "status", "--json").stdout)
    assert (hold["kind"], hold["scope"], hold["reason"]) == ("intake", "support", "storm")
    out = company("intake", "resume").stdout
    assert "all new wishes were not stopped" in out and "but new wishes for 'support'" in out
    assert "new wishes for 'support' go on" in company("intake", "resume", "support").stdout
