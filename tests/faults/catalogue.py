"""All faults by name, in the order in which they were written down."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from .case import Case
from .stage import POSTGRESQL, SQLITE

BOTH = (SQLITE, POSTGRESQL)
_MODULES = (
    "of_dispatcher", "of_web", "of_database", "of_asterisk", "of_link", "of_gate", "of_trunk",
    "of_clock", "of_locks", "of_preview", "of_upgrade", "of_load",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """name: as in the table. act: brings the fault about; healing is not its business."""

    name: str
    act: Callable[[Case], None]
    databases: tuple[str, ...]


_faults: dict[str, Fault] = {}


def fault(
    name: str, databases: tuple[str, ...] = BOTH
) -> Callable[[Callable[[Case], None]], Callable[[Case], None]]:
    """Registers a function as a fault."""

    def register(act: Callable[[Case], None]) -> Callable[[Case], None]:
        if name in _faults:
            raise ValueError(f"two faults are called {name!r}")
        _faults[name] = Fault(name, act, databases)
        return act

    return register


def rows(only: str = "", databases: str = "") -> list[tuple[Fault, str]]:
    """Every fault with each of its databases. only: words that the name must contain. databases:
    one of them, "main": one for each fault, that are taken in turns, or "rest": the other.
    """
    for module in _MODULES:
        importlib.import_module(f"{__package__}.{module}")
    return [
        (one, kind)
        for number, one in enumerate(sorted(_faults.values(), key=_place))
        for kind in one.databases
        if only in one.name and databases in ("", kind, _share(number, one, kind))
    ]


def _share(number: int, one: Fault, database: str) -> str:
    return "main" if database == one.databases[number % len(one.databases)] else "rest"


def _place(one: Fault) -> int:
    """Modules import each other, too; within one the order is that of the file."""
    return _MODULES.index(one.act.__module__.rpartition(".")[2])
