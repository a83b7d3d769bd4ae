"""The time zone rules in use: their version, and what is kept of what was computed from them.

Python reads the machine's rules where there are any, however old they are (PEP 615); the `tzdata`
package comes with us and is often younger, as machines are not always kept up to date. So the newer
of the two are used.

An update of the system's rules must reach a process that runs on: `forget` lets go of everything at
once, the zones that Python keeps and each function that was marked with `kept`.
"""

import re
import zoneinfo
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.metadata import version as package_version
from pathlib import Path
from typing import ParamSpec, TypeVar, cast
from zoneinfo import ZoneInfo

import tzdata  # type: ignore[import-untyped]

# Where the machine keeps its rules.
SYSTEM: Sequence[str] = zoneinfo.TZPATH
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
    _use_the_newer()
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


def of_the_machine() -> str | None:
    """The release of the machine's rules, such as "2026a"; "" if they do not say it, None if it has
    none."""
    for folder in map(Path, SYSTEM):
        if (folder / "UTC").exists():
            return _release(folder / "tzdata.zi")
    return None


def of_the_package() -> str:
    """The release of the rules that came with us."""
    return str(tzdata.IANA_VERSION)


def package_is_newer() -> bool:
    """Than the machine's, if that says how old it is."""
    machine = of_the_machine()
    return machine is None or "" < machine < of_the_package()


def _use_the_newer() -> None:
    wanted = () if package_is_newer() else tuple(SYSTEM)
    if wanted != zoneinfo.TZPATH:
        zoneinfo.reset_tzpath(wanted)


def _version_on_disk() -> str:
    if package_is_newer():
        return package_version("tzdata")
    return f"system {of_the_machine()}".strip()


def _release(file: Path) -> str:
    """The machine names it in the first line of `tzdata.zi`."""
    try:
        with file.open(encoding="ascii", errors="replace") as lines:
            found = re.fullmatch(r"# version ([0-9a-z.-]{1,16})", lines.readline().strip())
    except OSError:
        found = None
    return found[1] if found else ""


_use_the_newer()
