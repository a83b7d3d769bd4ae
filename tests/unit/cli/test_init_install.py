"""init --install: our files where Asterisk reads them, nothing of others changed unasked."""

import stat
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.case("CASES 5: init can put the files in place itself")
def test_it_puts_files_in_place_and_leaves_what_was_edited(run: Run, tmp_path: Path) -> None:
    etc, sounds = tmp_path / "etc", tmp_path / "sounds/en"
    etc.mkdir()
    (etc / "extensions.conf").write_text("[theirs]\nexten => 1,1,NoOp()")
    (etc / "manager.conf").write_text("[general]\nenabled=yes\n")
    place = ["--install", "--asterisk-etc", str(etc), "--sounds", str(sounds)]

    first = run("init", tmp_path / "ours", *place)
    assert first.exit_code == 0, first.output
    assert "#tryinclude extensions_callback.conf" in first.stdout
    assert "callback" not in (etc / "extensions.conf").read_text()  # nobody asked for it
    assert mode(etc / "manager_callback.conf") == 0o640
    assert mode(etc / "extensions_callback.conf") == mode(sounds / "callback/busy.gsm") == 0o644

    (etc / "callback_settings.conf").write_text("; mine\n")
    (etc / "extensions_callback.conf").unlink()
    for _ in range(2):
        again = run("init", tmp_path / "ours", *place, "--add-includes")
        assert again.exit_code == 0, again.output
        assert "callback_settings.conf differs" in again.stdout
    assert (etc / "callback_settings.conf").read_text() == "; mine\n"
    assert (etc / "extensions_callback.conf").exists()
    assert (etc / "extensions.conf").read_text() == (
        "[theirs]\nexten => 1,1,NoOp()\n"
        "#tryinclude callback_settings.conf\n#tryinclude extensions_callback.conf\n"
    )
    assert (etc / "manager.conf").read_text().count("#tryinclude") == 1
