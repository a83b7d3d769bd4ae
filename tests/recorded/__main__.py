"""Records what the product says of the database of before, and compares two recordings.

    python -m tests.recorded record FOLDER [--only PREFIX …]
    python -m tests.recorded compare BEFORE AFTER
    python -m tests.recorded keep

To see what a change does to pages, answers and commands: record on the tree without it and on the
one with it (this folder works on any version that can upgrade the database), and compare.

`keep` writes anew what a test compares in each run (`kept.txt`, by `kept.py`): after a change that
is meant to tell these stories differently. The difference is read in the commit.
"""

import argparse
import difflib
import sys
from collections.abc import Callable
from pathlib import Path

from tests.recorded import acting, kept, reading
from tests.recorded.company import company


def record(folder: Path, only: tuple[str, ...] = ("",)) -> int:
    """Writes a file for each recording; returns how many."""
    with company() as ours:
        read = sum(_write(folder, name, act, only) for name, act in reading.all_of(ours))
    return read + sum(_write(folder, name, act, only) for name, act in acting.all_of())


def _write(folder: Path, name: str, act: Callable[[], str], only: tuple[str, ...]) -> int:
    if not name.startswith(only):
        return 0
    file = folder / f"{name}.txt"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(act())
    return 1


def compare(one: Path, other: Path) -> list[str]:
    """A unified diff for each recording that differs, or that only one folder has."""
    names = {file.relative_to(folder) for folder in (one, other) for file in folder.rglob("*.txt")}
    found = []
    for name in sorted(names):
        before, after = _lines(one / name), _lines(other / name)
        if before != after:
            ends = {"fromfile": f"{one}/{name}", "tofile": f"{other}/{name}"}
            diff = difflib.unified_diff(before, after, **ends, n=1, lineterm="")
            found.append("\n".join(diff))
    return found


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def main() -> int:
    """Exit 0: done, and with `compare`: equal; 1: they differ."""
    parser = argparse.ArgumentParser(prog="python -m tests.recorded")
    what = parser.add_subparsers(dest="what", required=True)
    one = what.add_parser("record")
    one.add_argument("folder", type=Path)
    one.add_argument("--only", nargs="+", default=[""], help="names that begin so: board/ api/")
    two = what.add_parser("compare")
    two.add_argument("before", type=Path)
    two.add_argument("after", type=Path)
    what.add_parser("keep")
    given = parser.parse_args()
    if given.what == "keep":
        with company() as ours:
            kept.write(ours)
        return 0
    if given.what == "record":
        print(f"{record(given.folder, tuple(given.only))} recordings in {given.folder}")
        return 0
    differences = compare(given.before, given.after)
    print("\n".join([*differences, f"{len(differences)} recordings differ"]))
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
