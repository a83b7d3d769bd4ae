"""tests/lab/speed.py: limits grow with the machine's slowness, and only with it."""

import time
from pathlib import Path

import pytest

from tests.lab import speed
from tests.lab.waiting import LabError, until

Measure = tuple[float, float]


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[Measure]:
    """What the next probes take: seconds of processor, and of time."""
    probes: list[Measure] = []
    monkeypatch.setattr(speed, "_probe", lambda: probes[-1])
    monkeypatch.setattr(speed, "_load", lambda: 0.0)
    monkeypatch.setattr(speed, "_measured", None)
    return probes


@pytest.mark.parametrize(
    ("used", "wall", "slow"),
    [
        (0.007, 0.007, 1.0),
        (0.003, 0.003, 1.0),  # a faster machine gets no shorter limits
        (0.007, 0.0175, 1.0),  # two and a half threads want each processor: the usual
        (0.007, 0.070, 4.0),
        (0.021, 0.021, 3.0),
        (0.021, 0.210, 12.0),
        (7.0, 700.0, 50.0),
    ],
)
def test_slowness(measured: list[Measure], used: float, wall: float, slow: float) -> None:
    measured.append((used, wall))
    assert speed.slowness() == pytest.approx(slow)
    assert speed.scaled(2) == pytest.approx(2 * slow)


def test_the_load_of_the_last_minute_counts(
    measured: list[Measure], monkeypatch: pytest.MonkeyPatch
) -> None:
    measured.append((0.007, 0.007))
    monkeypatch.setattr(speed, "_load", lambda: 5.0)
    assert speed.slowness() == 2.0


def test_the_load_is_read_a_processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "loadavg").write_text("6.00 1.00 0.50 3/100 4711\n")
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert speed._load(tmp_path / "loadavg") == 3.0
    assert speed._load(tmp_path / "none") == 0.0


def test_a_deadline_moves_once_it_is_reached(
    measured: list[Measure], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    measured.append((0.014, 0.014))
    limit = speed.Deadline(10)
    assert limit.left() == 10
    now[0] += 11
    assert limit.left() == pytest.approx(9)
    now[0] += 9
    assert limit.left() <= 0


def test_what_never_comes_ends_with_what_was_waited_for(measured: list[Measure]) -> None:
    measured.append((0.007, 0.007))
    with pytest.raises(LabError, match=r"waited 0.01 s for a bus"):
        until(lambda: None, 0.01, "a bus")
