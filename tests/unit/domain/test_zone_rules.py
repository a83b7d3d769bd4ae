"""The rules of time zones change while a process runs on."""

import zoneinfo
from datetime import timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from asterisk_callback.domain import tzdata
from asterisk_callback.domain.opening_hours import Hours
from asterisk_callback.domain.slots import SlotRules, starts
from flask_app.shared import tzdata_watch
from tests.factories import NOW


@tzdata.kept(8)
def _object(_: str) -> object:
    return object()


def test_what_was_computed_is_kept_until_other_rules_come(monkeypatch: pytest.MonkeyPatch) -> None:
    before, zone = _object("a"), ZoneInfo("Europe/London")
    assert not tzdata.forget_if_changed()
    assert _object("a") is before
    monkeypatch.setattr(tzdata, "_version_on_disk", lambda: "system 2099z")
    assert tzdata.forget_if_changed()
    assert tzdata.version() == "system 2099z"
    assert _object("a") is not before
    assert ZoneInfo("Europe/London") is not zone
    monkeypatch.undo()
    assert tzdata.forget_if_changed()


@pytest.mark.case("CASES 4: a host tzdata older than the package's")
@pytest.mark.parametrize(("machine", "ours"), [("2020a", True), ("2099z", False), ("", False)])
def test_the_newer_rules_are_used(
    machine: str, ours: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine's are a folder in which Berlin is where Tokyo is."""
    (tmp_path / "Europe").mkdir()
    for name in ("UTC", "Europe/Berlin"):
        tokyo = files("tzdata").joinpath("zoneinfo/Asia/Tokyo").read_bytes()
        (tmp_path / name).write_bytes(tokyo)
    (tmp_path / "tzdata.zi").write_text(f"# version {machine}\n" if machine else "# a comment\n")
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([tmp_path])
    monkeypatch.setattr(tzdata, "SYSTEM", (str(tmp_path),), raising=False)
    try:
        tzdata.forget()
        offset = NOW.astimezone(ZoneInfo("Europe/Berlin")).utcoffset()
        assert offset == timedelta(hours=1 if ours else 9)
        assert tzdata.version().startswith("system") is not ours
    finally:
        monkeypatch.undo()
        zoneinfo.reset_tzpath(before)
        tzdata.forget()


def test_a_web_process_looks_at_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[bool] = []
    monkeypatch.setattr(tzdata, "forget_if_changed", partial(looks.append, True))
    for every, expected in ((600.0, 0), (0.0, 2)):
        app = Flask(__name__)
        tzdata_watch.register(app, every)
        app.test_client().get("/")
        app.test_client().get("/")
        assert len(looks) == expected


def test_the_slots_of_a_day_are_kept_by_what_they_depend_on() -> None:
    """Other hours, other steps and other customers never share what is kept."""
    until, rules = NOW + timedelta(days=3), SlotRules(every=timedelta(hours=1))
    all_day = list(starts(Hours(), rules, NOW, until))
    closed = Hours(closed_on={NOW.date()})
    assert hash(closed) == hash(Hours())
    assert len(list(starts(closed, rules, NOW, until))) < len(all_day)
    assert list(starts(Hours(), rules, NOW, until, (closed,))) != all_day
    assert list(starts(Hours(), rules, NOW, until)) == all_day
    assert len(list(starts(Hours(), SlotRules(), NOW, until))) > len(all_day)
