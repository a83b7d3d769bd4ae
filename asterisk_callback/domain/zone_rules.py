"""The time zone rules in use: their version, and what is kept of what was computed from them.

An update of the system's rules must reach a process that runs on: `forget` lets go of everything at
once, the zones that Python keeps and each function that was marked with `kept`.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import version as package_version
from pathlib import Path
from typing import ParamSpec, TypeVar, cast
from zoneinfo import TZPATH, ZoneInfo

P = ParamSpec("P")
T = TypeVar("T")
_forgetters: list[Callable[[], None]] = []


def kept(most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Decorates a pure function of hashable arguments: so many of its results are kept, until the
    rules change."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        cached = lru_cache(maxsize=most)(function)
        _forgetters.append(cached.cache_clear)
        return cast(Callable[P, T], cached)

    return decorate


def version() -> str:
    """The version of the rules in use: those that were read last."""
    return _version_read()


def forget() -> None:
    """From now on the rules are read afresh."""
    ZoneInfo.clear_cache()
    for forgetter in _forgetters:
        forgetter()


def forget_if_changed() -> bool:
    """Forgets if another version lies on the disk than the one in use. True if it does."""
    changed = version() != _version_on_disk()
    if changed:
        forget()
    return changed


@kept(1)
def _version_read() -> str:
    return _version_on_disk()


def _version_on_disk() -> str:
    """The system's rules come first (PEP 615), and name it in the first line of `tzdata.zi`; else
    those of the tzdata package."""
    for folder in map(Path, TZPATH):
        if (folder / "UTC").exists():
            return _system_version(folder / "tzdata.zi")
    return package_version("tzdata")


def _system_version(file: Path) -> str:
    try:
        with file.open(encoding="ascii", errors="replace") as lines:
            found = re.fullmatch(r"# version ([0-9a-z.-]{1,16})", lines.readline().strip())
    except OSError:
        found = None
    return f"system {found[1]}" if found else "system"
