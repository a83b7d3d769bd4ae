"""The bench is no test; that each of its figures has a goal, and that both files have them, is."""

import json
from pathlib import Path

import pytest

from tests.bench import page
from tests.bench.figures import LINES, Figure, Figures, figure

KEYS = {"value", "unit", "peer", "ratio", "n", "spread", "goal", "met"}


def test_a_figure_without_a_goal_is_not_measured() -> None:
    with pytest.raises(KeyError):
        figure("calls: a figure of nobody's", "SQLite", [1.0])


def test_every_line_of_the_page_has_a_goal() -> None:
    rows = page.PAGE.read_text().split("|---|---|---|---|---|---|---|---|\n")[1].splitlines()
    cells = [[one.strip() for one in row.strip("|").split("|")] for row in rows]
    assert [row[0] for row in cells if not any(sign in row[6] for sign in "≤≥")] == []
    names = [row[0] for row in cells]
    assert [name for name in LINES if not any(name in one for one in names)] == []


def test_json_has_every_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "FIGURES", tmp_path / "var/bench.json")
    found: Figures = {}
    for name in LINES:
        for database in ("SQLite", "PostgreSQL"):
            found |= figure(name, database, [1.0, 3.0, 2.0], [2.0, 2.0, 2.0])
    page.write(found, tmp_path / "page.md", ("0", "0"), short=True)
    kept = json.loads((tmp_path / "var/bench.json").read_text())["figures"]
    assert len(kept) == 2 * len(LINES)
    assert all(set(one) == KEYS == set(Figure.__annotations__) for one in kept.values())
    assert (tmp_path / "page.md").read_text().count("| yes |") > 0


@pytest.mark.parametrize(
    ("ours", "peers", "met"),
    [([70.0, 71.0, 69.0], [100.0] * 3, True), ([69.0, 69.0, 99.0], [100.0] * 3, False)],
)
def test_the_median_of_the_pairs_is_judged(
    ours: list[float], peers: list[float], met: bool
) -> None:
    (found,) = figure("calls: rate", "SQLite", ours, peers).values()
    assert (found["met"], found["n"]) == (met, 3)


def test_what_comes_on_top_of_the_peer() -> None:
    (found,) = figure("spread: due to INVITE, p50", "SQLite", [20.0], [4.0]).values()
    assert not found["met"]
    assert found["spread"] == (16.0, 16.0)
