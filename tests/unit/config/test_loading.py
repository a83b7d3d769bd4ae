"""What a good configuration becomes, and where it is looked for."""

from datetime import timedelta
from pathlib import Path

import pytest

from asterisk_callback import bootstrap, config
from asterisk_callback.config import ConfigError
from asterisk_callback.domain.disposition import DEFAULT, Disposition, RetryAction
from tests.unit.config.conftest import SMALL, Load


def test_defaults(load: Load, tmp_path: Path) -> None:
    settings = load()
    assert settings.numbers.regions == ("GB",)
    assert str(settings.web.listen) == "127.0.0.1:8080"
    assert settings.database.url.get_secret_value() == f"sqlite:///{tmp_path}/callback.db"
    assert bootstrap.database_file(settings) == tmp_path / "callback.db"


def test_nothing_secret_shows(load: Load) -> None:
    settings = load(
        more='[database]\nurl = "postgresql://me:pass@db/x"\n'
        '[sites.shop]\napi_keys = ["0123456789abcdef"]\n'
    )
    shown = repr(settings) + str(settings)
    for secret in ("nobody-may", "pass", "0123456789abcdef"):
        assert secret not in shown
    assert "pass" not in bootstrap.database_name(settings)


def test_the_environment_goes_before_the_file(load: Load, tmp_path: Path) -> None:
    (tmp_path / "ami").write_text("from-a-file\n")
    settings = load(
        WEB__LISTEN="[::1]:81",
        ASTERISK__PORT="5040",
        ASTERISK__TLS="true",
        ASTERISK__SECRET_FILE="ami",
        SITES__OLD_SHOP__API_KEYS="0123456789abcdef,fedcba9876543210",
        NUMBERS__REGIONS="GB, IE",
        QUEUES__SUPPORT__TOPICS="My bill,A fault",
        QUEUES__SUPPORT__RETRY__NO_ANSWER__AFTER="20m",
        QUEUES__NORTH_WEST__TITLE="North-west",
        QUEUES__NORTH_WEST__ASTERISK_QUEUE="nw",
        QUEUES__NORTH_WEST__TRUNK="main",
    )
    assert str(settings.web.listen) == "[::1]:81"
    assert (settings.asterisk.port, settings.asterisk.tls) == (5040, True)
    assert settings.asterisk.secret.get_secret_value() == "from-a-file"
    assert len(settings.sites["old-shop"].api_keys) == 2
    assert settings.numbers.regions == ("GB", "IE")
    assert settings.queues["support"].topics == ("My bill", "A fault")
    assert set(settings.queues) == {"support", "north-west"}


@pytest.mark.case("CASES 4: a byte order mark in callback.toml")
def test_a_byte_order_mark_in_front_of_the_file(tmp_path: Path) -> None:
    """As some editors save."""
    (tmp_path / "callback.toml").write_text(SMALL, encoding="utf-8-sig")
    (tmp_path / "ami").write_text("from-a-file\r\n", encoding="utf-8-sig")
    given = {"ASTERISK_CALLBACK_ASTERISK__SECRET_FILE": "ami"}
    settings = config.load(tmp_path / "callback.toml", given)
    assert settings.company.name == "Larkmoor Broadband"
    assert settings.asterisk.secret.get_secret_value() == "from-a-file"


def test_the_environment_alone_is_enough(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    values = {
        "COMPANY__NAME": "Larkmoor",
        "COMPANY__ZONE": "Europe/London",
        "COMPANY__COUNTRY": "GB",
        "WEB__SECRET_KEY": "x" * 32,
        "ASTERISK__SECRET": "y",
        "TRUNKS__MAIN__DIAL": "DAHDI/g0/{national}",
        "QUEUES__SUPPORT__TITLE": "Support",
        "QUEUES__SUPPORT__ASTERISK_QUEUE": "600",
        "QUEUES__SUPPORT__TRUNK": "main",
    }
    settings = config.load(None, {f"ASTERISK_CALLBACK_{k}": v for k, v in values.items()})
    assert settings.queues["support"].asterisk_queue == "600"


def test_reactions_are_laid_over_the_defaults(load: Load) -> None:
    settings = load(
        more='[queues.support.retry.busy]\nafter = "90s"\n'
        '[queues.support.retry.rejected]\nthen = "retry"\nafter = "1h"\nlimit = 2\n'
    )
    reactions = bootstrap.queues(settings)["support"].reactions
    assert reactions[Disposition.BUSY].after == timedelta(seconds=90)
    assert reactions[Disposition.BUSY].limit == DEFAULT[Disposition.BUSY].limit
    assert reactions[Disposition.REJECTED].then is RetryAction.RETRY
    assert reactions[Disposition.NO_ANSWER] == DEFAULT[Disposition.NO_ANSWER]


def test_where_it_is_looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("asterisk_callback.config.loading.SYSTEM", tmp_path / "etc.toml")
    with pytest.raises(ConfigError, match="asterisk-callback init"):
        config.load(None, {})
    (tmp_path / "etc.toml").write_text(SMALL.replace("Larkmoor", "System"))
    assert config.load(None, {}).company.name == "System Broadband"
    (tmp_path / "callback.toml").write_text(SMALL.replace("Larkmoor", "Here"))
    assert config.load(None, {}).company.name == "Here Broadband"
    named = tmp_path / "named.toml"
    named.write_text(SMALL.replace("Larkmoor", "Named"))
    environ = {"ASTERISK_CALLBACK_CONFIG": str(named)}
    assert config.load(None, environ).company.name == "Named Broadband"
    assert config.load(tmp_path / "etc.toml", environ).company.name == "System Broadband"


def test_every_example_is_right() -> None:
    """What an error message shows must work as it stands."""
    import tomllib

    from pydantic import TypeAdapter

    from asterisk_callback.config import settings as s
    from asterisk_callback.config.sections import Section

    sections = [one for one in vars(s).values() if isinstance(one, type)]
    checked = 0
    for section in sections:
        if not issubclass(section, Section):
            continue
        for name, field in section.model_fields.items():
            for example in field.examples or ():
                if example.startswith("["):
                    continue
                value = tomllib.loads(example)[name]
                import json

                kind = TypeAdapter(field.rebuild_annotation())
                kind.validate_json(json.dumps(value), strict=True)
                checked += 1
    assert checked > 40
