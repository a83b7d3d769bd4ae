"""The recordings that a test compares in each run: the stories of the database of before, as facts.

They are the small part of `reading.py` that is no page: pages are compared by whoever changes them
(`python -m tests.recorded`).
"""

from collections.abc import Iterator
from pathlib import Path

from tests.recorded import reading
from tests.recorded.company import Company
from tests.recorded.database import before

FILE = Path(__file__).parent / "kept.txt"
_OPEN = ("scheduled", "queued", "offered", "in_progress")
_HOW_OFTEN = 12  # Of the stories every twelfth is kept whole: each costs a command.


def names() -> list[str]:
    """Of the recordings that are kept."""
    ids, states = (before().column("callback_request", name) for name in ("id", "state"))
    waiting = [one for one, state in zip(ids, states, strict=True) if state in _OPEN]
    return [
        "command/requests_list_--limit_500",
        "command/report_--since_2026-11-23_--until_2026-11-25_--csv",
        *(f"command/why-{one:03}-json" for one in waiting[::4]),
        *(f"command/show-{one:03}" for one in ids[::_HOW_OFTEN]),
    ]


def read(company: Company) -> Iterator[tuple[str, str]]:
    """Each kept recording's name, and what the product says now."""
    wanted = set(names())
    for name, act in reading.commands(company):
        if name in wanted:
            yield name, act()


def write(company: Company) -> None:
    """Writes them anew: one file, so that a change is one difference to read."""
    FILE.write_text(one_text(company))


def one_text(company: Company) -> str:
    """All of them in one text."""
    return "\n".join(f"## {name}\n{text}" for name, text in read(company))
