"""docs/benchmarks.md and var/bench.json: what a run found, and where it fell short."""

import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.figures import LINES, Figure, Figures, Judged, Line
from tests.lab.deployment_files import REPOSITORY

PAGE = REPOSITORY / "docs/benchmarks.md"
FIGURES = REPOSITORY / "var/bench.json"

_HEAD = """# Benchmarks

Written by `make bench`, on a machine that does nothing else; `python -m tests.bench NAME …`
measures some of it and leaves this page alone. Rates of two machines, or of two runs, can't be
compared: what counts is the ratio to a peer that was measured in the same run, right before and
right after. Each figure is a median; the spread is the least and the largest of what its goal
speaks of. A line that says "not measured" has a goal, and nothing in the bench that measures it
yet, or was not part of the run.

- **bare AMI client**: the same Asterisk, agents, trunk and whisper, with a dialplan of six lines
  and a client that only sends Originate: what the machine can do without us.
- **FastAGI server that says yes**: our dialplan, with a gate that asks nobody.
- **pgqueuer, procrastinate, graphile-worker**: job queues on PostgreSQL that take and end a job,
  with no gate, no limits and no audit.
- **10,000 rows**: the same operation of ours before the table grew; **the first ten**: of forty on
  one connection.
- **smallest Flask view**: on the same server and threads, one that inserts a row durably.

A statement or a commit is counted by PostgreSQL itself (`pg_stat_statements`, all processes), on
SQLite by the driver's trace (what is read without a writer's transaction commits nothing there).
What the dispatcher does without any call is taken off for a lone call.

"""


def write(figures: Figures, page: Path | None, load: tuple[str, str], short: bool) -> None:
    """page: None: only the figures are kept. load: before and after."""
    FIGURES.parent.mkdir(exist_ok=True)
    FIGURES.write_text(json.dumps({"figures": figures}, indent=1) + "\n")
    if page is not None:
        page.write_text(_HEAD + _machine(load, short) + table(figures))


def _machine(load: tuple[str, str], short: bool) -> str:
    kind = "the short variant" if short else "the full variant"
    return (
        f"{datetime.now(UTC):%d %B %Y}, {kind}: Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, load {load[0]} before and {load[1]} after.\n\n"
    )


def table(figures: Mapping[str, Figure]) -> str:
    """Every line that has a goal, also where nothing was measured."""
    rows = [
        "| what | value | peer | ratio | spread | n | goal | reached |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, line in LINES.items():
        measured = {full: one for full, one in figures.items() if _is_of(full, name)}
        rows += [_row(full, one, line) for full, one in measured.items()]
        if not measured:
            rows.append(f"| {name} | – | {line.peer} | – | – | 0 | {_goal(line)} | not measured |")
    return "\n".join(rows) + "\n"


def _is_of(full: str, name: str) -> bool:
    """Is it this line's figure, on one of the databases?"""
    return full.rpartition(", ")[0] == name


def _row(name: str, one: Figure, line: Line) -> str:
    goal = _goal(line, one["goal"])
    peer = "–" if one["peer"] is None else f"{one['peer']:g}"
    ratio = "–" if one["ratio"] is None else f"{one['ratio']:.2f}"
    low, high = one["spread"]
    reached = "yes" if one["met"] else "**no**"
    cells: list[Any] = [name, f"{one['value']:g} {one['unit']}", peer, ratio]
    cells += [f"{low:g} – {high:g}", one["n"], goal, reached]
    return "| " + " | ".join(map(str, cells)) + " |"


def _goal(line: Line, reach: float | None = None) -> str:
    sign, number = "≥" if line.least else "≤", line.goal if reach is None else reach
    if line.judged is Judged.RATIO:
        return f"{sign} {number:g} × {line.peer}"
    if line.judged is Judged.EXCESS:
        return f"{sign} {line.peer} + {number:g} {line.unit}"
    return f"{sign} {number:g} {line.unit}"
