"""import-linter checks the arrows; this checks that no module stands outside of them."""

import configparser
import re
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


def test_every_part_of_the_core_has_its_place_in_the_arrows() -> None:
    config = configparser.ConfigParser(interpolation=None)
    config.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    layers = config["importlinter:contract:arrows"]["layers"]
    named = set(re.findall(r"asterisk_callback\.(\w+)", layers))
    folder = CHECKOUT / "asterisk_callback"
    parts = {p.stem for p in folder.glob("*.py")} | {
        p.parent.name for p in folder.glob("*/__init__.py")
    }
    assert parts - named - {"__init__"} == set()
