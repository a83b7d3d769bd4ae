"""Is the configuration in the file the one that this process works with?"""

import os
from pathlib import Path

import pytest

from asterisk_callback.commands.app import App
from asterisk_callback.commands.in_force import InForce
from asterisk_callback.config import Given


def test_a_file_that_changed(folder: Path) -> None:
    file = folder / "callback.toml"
    app = App(file)
    assert app.settings.company.name == "Our company"
    in_force, before = InForce(app), file.read_text()
    assert in_force() == ""
    file.write_text("# a note\n" + before)
    assert in_force() == ""
    file.write_text(before.replace("Our company", "Larkmoor Broadband"))
    os.utime(file, (0, 1_700_000_000))
    said = in_force()
    assert "at 2023-11-14 22:13 UTC" in said and "asterisk-callback reload" in said
    assert in_force() == said
    file.write_text(before.replace("[limits]", "[nonsense]"))
    assert "can't be used" in in_force() and "nonsense" in in_force()
    file.unlink()
    assert "can't be read" in in_force()
    file.write_text(before)
    assert in_force() == ""


def test_a_secret_in_a_file_of_its_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = folder / "ami"
    secret.write_text("the first secret\n")
    monkeypatch.setenv("ASTERISK_CALLBACK_ASTERISK__SECRET_FILE", str(secret))
    app = App(folder / "callback.toml")
    in_force = InForce(app)
    assert app.settings.asterisk.secret.get_secret_value() == "the first secret"
    assert in_force() == ""
    secret.write_text("the second secret\n")
    assert "not in force" in in_force() and "secret\n" not in in_force()
    # Whoever is handed what was given reads the first one.
    given = Given.loads(app.given.dumps())
    assert given == app.given and "the first" not in repr(given)
