"""init: what it writes is complete, loads back, and is nobody else's to read."""

import re
import stat
from pathlib import Path

import pytest

from asterisk_callback import bootstrap, config
from asterisk_callback.telephony import contract
from tests.unit.cli.conftest import Run


def test_it_loads_back(folder: Path) -> None:
    settings = config.load(folder / "callback.toml", {})
    queue = bootstrap.queues(settings)["support"]
    assert (queue.asterisk_queue, queue.trunk.dial) == ("support", "PJSIP/{digits}@trunk")
    assert settings.company.country == "GB"
    secret = settings.asterisk.secret.get_secret_value()
    assert f"secret = {secret}" in (folder / "asterisk/manager_callback.conf").read_text()
    assert len(settings.web.secret_key.get_secret_value()) >= 32


def test_every_option_arrives(run: Run, tmp_path: Path) -> None:
    name = 'Müller & "Söhne" \\ AG'
    options = ["--company", name, "--country", "DE", "--zone", "Europe/Berlin"]
    options += ["--queue", "north-west", "--asterisk-queue", "600"]
    options += ["--dial", "DAHDI/g0/{national}", "--caller-id", "+4930123456"]
    options += ["--listen", "127.0.0.1:81", "--gate", "127.0.0.1:82", "--ami", "10.0.0.1:83"]
    assert run("init", tmp_path, *options).exit_code == 0
    settings = config.load(tmp_path / "callback.toml", {})
    assert settings.company.name == name
    queue = bootstrap.queues(settings)["north-west"]
    assert (queue.asterisk_queue, queue.title) == ("600", "North west")
    assert (queue.trunk.dial, queue.trunk.caller_id) == ("DAHDI/g0/{national}", "+4930123456")
    assert (str(settings.web.listen), str(settings.gate.listen)) == ("127.0.0.1:81", "127.0.0.1:82")
    assert (settings.asterisk.host, settings.asterisk.port) == ("10.0.0.1", 83)
    text = (tmp_path / "asterisk/callback_settings.conf").read_text()
    assert "CALLBACK_GATE=agi://127.0.0.1:82/gate" in text


def test_every_commented_default_is_right(folder: Path) -> None:
    """Taking away the `# ` in front of a key changes nothing."""
    file = folder / "callback.toml"
    before = config.load(file, {})
    lines = file.read_text().splitlines()
    keys: tuple[str, ...] = (
        "# trusted",
        "# threads",
        "# kinds",
        "# requests_",
        "# wishes_",
        "# calls_per_n",
        "# tls",
    )
    keys += ("# sounds", "# timings", "# grace", "# drain", "# lease", "# reconcile")
    keys += ("# window", "# gives", "# queue_for")
    keys += ("# ring_for", "# topics", "# regions", "# prefix", "# whisper")
    opened = [line[2:] if line.startswith(keys) else line for line in lines]
    assert len([line for line in lines if line.startswith(keys)]) >= len(keys)
    file.write_text("\n".join(opened))
    assert config.load(file, {}) == before


def test_every_commented_line_can_be_used_as_it_stands(folder: Path) -> None:
    """Defaults and examples alike: with all of them opened the file still loads."""
    file = folder / "callback.toml"
    opened = re.sub(r"^# (?=\[[a-z]|[a-z0-9_]+ = )", "", file.read_text(), flags=re.M)
    assert "\n[mail]\n" in opened
    file.write_text(opened)
    settings = config.load(file, {})
    assert settings.alarms.email == ("ops@example.org",)
    assert settings.sites["shop"].origins == ("https://www.example.org",)
    queue = bootstrap.queues(settings)["support"]
    assert queue.max_waiting == 50
    assert bootstrap.email(settings)


@pytest.mark.case("CASES 5: two installations on one Asterisk")
def test_an_instance_shares_no_name_with_the_others(run: Run, tmp_path: Path, folder: Path) -> None:
    assert run("init", tmp_path / "north", "--instance", "north").exit_code == 0
    files = {path.name: path.read_text() for path in (tmp_path / "north/asterisk").glob("*.conf")}
    plain = {path.name: path.read_text() for path in (folder / "asterisk").glob("*.conf")}
    assert set(files) == {name.replace(".conf", "_north.conf") for name in plain}

    def contexts(texts: dict[str, str]) -> set[str]:
        return {one for text in texts.values() for one in re.findall(r"(?m)^\[(.+)\]", text)}

    def jumps(texts: dict[str, str]) -> set[str]:
        lines = "".join(re.sub(r"(?m)^\s*;.*$", "", text) for text in texts.values())
        return set(re.findall(r"(?:@|,|\?|\(|:|=)(callback-[a-z-]+)(?=,|/|\))", lines))

    assert not contexts(files) & contexts(plain)
    assert len(contexts(files)) == len(contexts(plain))
    assert jumps(plain) and not jumps(files) & contexts(plain)
    assert all("DB(callback/" not in text for text in files.values())
    assert "DB(callback-north/" in files["extensions_callback_north.conf"]
    settings = config.load(tmp_path / "north/callback.toml", {})
    assert (settings.asterisk.instance, settings.asterisk.username) == ("north", "callback-north")


def test_the_words_of_our_contexts_are_no_instance(run: Run, tmp_path: Path) -> None:
    for context in (*contract.CONTEXTS, "callback-member"):
        name = context.split("-")[1]
        assert run("init", tmp_path, "--instance", name).exit_code == 2, name
        assert not contract.INSTANCE.fullmatch(name)


def test_secrets_are_for_their_owner(folder: Path) -> None:
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*.*")}
    assert modes[folder / "callback.toml"] == 0o600
    assert modes[folder / "asterisk/manager_callback.conf"] == 0o600
    assert modes[folder / "asterisk/extensions_callback.conf"] == 0o644


def test_every_prompt_is_where_asterisk_looks(folder: Path) -> None:
    sounds = folder / "asterisk/sounds/en/callback"
    there = {path.stem for path in sounds.iterdir()}
    assert there >= set(contract.PROMPTS)
    assert there >= {f"waited-{minutes}" for minutes in contract.WAITED_MINUTES}
    assert not list(folder.rglob("*.py"))


def test_nothing_is_overwritten(run: Run, folder: Path) -> None:
    before = (folder / "callback.toml").read_bytes()
    (folder / "asterisk/manager_callback.conf").unlink()
    result = run("init", folder)
    assert result.exit_code == 1
    assert "callback.toml is in the way" in result.stderr
    assert (folder / "callback.toml").read_bytes() == before
    assert not (folder / "asterisk/manager_callback.conf").exists()


@pytest.mark.case("CASES 7: line ends in init")
@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--gate", "127.0.0.1\nCALLBACK_GATE=evil:4573"),
        ("--ami", "pbx\r\n[evil]:5038"),
        ("--listen", "127.0.0.1:80\n"),
        ("--listen", "a b:8080"),
        ("--company", "Larkmoor \udcff"),
        ("--company", "Larkmoor\u2028"),
        ("--company", "Lark\x7fmoor"),
        ("--dial", "PJSIP/{digits}@trunk\n"),
        ("--caller-id", "+44\n"),
        ("--asterisk-queue", "600\n"),
    ],
)
def test_what_is_not_one_line_writes_nothing(
    run: Run, tmp_path: Path, option: str, value: str
) -> None:
    result = run("init", tmp_path / "new", option, value)
    assert result.exit_code == 2
    assert [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert not (tmp_path / "new").exists()


def test_a_name_with_quotes_comes_back_as_it_was(run: Run, tmp_path: Path) -> None:
    name = 'Müller & "Söhne" \\ Co. 電話'
    assert run("init", tmp_path / "new", "--company", name).exit_code == 0
    assert config.load(tmp_path / "new/callback.toml", {}).company.name == name


def test_the_next_steps_name_the_real_files(run: Run, tmp_path: Path) -> None:
    out = run("init", tmp_path / "a b").stdout
    for words in ("'", "install -m 640 -g asterisk", "db upgrade", "doctor", "serve"):
        assert words in out


def test_for_a_freepbx_all_has_its_names(run: Run, tmp_path: Path) -> None:
    out = run("init", tmp_path, "--freepbx", "--asterisk-queue", "600").stdout
    for words in ("extensions_custom.conf:", "manager_custom.conf:", "fwconsole reload",
                  "/var/lib/asterisk/sounds/en/callback"):  # fmt: skip
        assert words in out
    for other in (" extensions.conf:", " manager.conf:", "/usr/share"):
        assert other not in out
    settings = config.load(tmp_path / "callback.toml", {})
    assert bootstrap.queues(settings)["support"].trunk.dial == "PJSIP/{digits}@trunk"
    assert settings.asterisk.members == ("Local/*@from-queue/n",)
    assert settings.asterisk.log_in["pbx"].lamp == "Custom:QUEUE{extension}*{queue}"


@pytest.mark.parametrize("queue", [[], ["--asterisk-queue", "support"]])
def test_a_freepbx_has_numbered_queues(run: Run, tmp_path: Path, queue: list[str]) -> None:
    result = run("init", tmp_path / "x", "--freepbx", *queue)
    assert result.exit_code == 2
    assert "--asterisk-queue 600" in result.stderr
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--dial", "PJSIP/x", "must hold the number"),
        ("--zone", "Mars", "IANA time zone"),
        ("--country", "Germany", "ISO 3166"),
        ("--queue", "Über uns", "small letters"),
        ("--gate", "4574", "HOST:PORT"),
        pytest.param(
            "--gate",
            "0.0.0.0:4574",
            "192.0.2.7:4574",
            marks=pytest.mark.case("CASES 4: init --gate 0.0.0.0"),
        ),
        ("--gate", "[::]:4574", "by which it is reached"),
    ],
)
def test_wrong_options_are_wrong_usage(
    run: Run, tmp_path: Path, option: str, value: str, sentence: str
) -> None:
    result = run("init", tmp_path / "x", option, value)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert not (tmp_path / "x").exists()
