"""The map in CONTRIBUTING.md is the house as it is built: its rooms, its arrows, its files."""

import configparser
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "CONTRIBUTING.md").read_text()
MAP = re.findall(r"^```\n(.*?)^```$", PAGE, re.M | re.S)[1]
PACKAGES = ("asterisk_callback", "flask_app")


def contract(name: str) -> list[str]:
    """The layers of an import-linter contract, the lowest first."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    layers = config[f"importlinter:contract:{name}"]["layers"].strip().splitlines()
    return [layer.replace("asterisk_callback.", "") for layer in reversed(layers)]


def test_every_room_is_on_the_map() -> None:
    named = set(re.findall(r"([a-z_]+)/", MAP))
    rooms = {
        file.parent.name
        for package in PACKAGES
        for file in (ROOT / package).rglob("*.py")
        if "versions" not in file.parts
    }
    assert rooms - named == set()
    shown = re.findall(r"^ +(?:[a-z_]+/ ?)+", MAP, re.M)
    tops = [ROOT / name for name in (*PACKAGES, "dialplan", "tests")]
    folders = {path.name for top in tops for path in (top, *top.rglob("*")) if path.is_dir()}
    assert {name for line in shown for name in re.findall(r"([a-z_]+)/", line)} <= folders


def test_its_arrows_are_those_that_lint_checks() -> None:
    arrows = [
        "{" + ", ".join(layer.split(" | ")) + "}" if "|" in layer else layer
        for layer in contract("arrows")
        if "(" not in layer
    ]
    assert f"`{' ← '.join(arrows)}`" in PAGE


def test_the_rooms_stand_in_the_order_in_which_they_may_import() -> None:
    """Where lint puts several side by side, their order on the map is free."""
    below = MAP.partition("\n  services/")[2]
    for name in ("services", "pages"):
        rooms = [room for room in contract(name) if re.search(rf"^ +{room}/", below, re.M)]
        places = [re.search(rf"^ +{room}/", below, re.M) for room in rooms]
        starts = [place.start() for place in places if place is not None]
        assert starts == sorted(starts), rooms


def test_the_files_that_it_names_exist() -> None:
    how = PAGE[PAGE.index("## The house") :]
    paths = re.findall(r"`((?:[\w.]+/)+(?:[\w-]+\.[a-z]+)?|[\w-]+\.py)`", how)
    kept = [path for path in paths if not path.startswith("var/")]  # the rest is written by runs
    missing = [
        path
        for path in kept
        if not any((ROOT / base / path).exists() for base in (".", *PACKAGES))
        and not (ROOT / "flask_app" / "inside" / path).exists()
    ]
    assert missing == []
    assert len(paths) > 50
