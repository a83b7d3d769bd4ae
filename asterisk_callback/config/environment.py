"""The configuration's keys in the environment."""

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from asterisk_callback.config.paths import KeyDefinition, spot

PREFIX = "ASTERISK_CALLBACK_"
CONFIG_VARIABLE = PREFIX + "CONFIG"
COPY_VARIABLE = PREFIX + "COPY_TO"
# What commands take from the environment in place of an option: no keys.
_OF_COMMANDS = (CONFIG_VARIABLE, COPY_VARIABLE)
_LARGEST_SECRET = 64 * 1024


def variable(path: tuple[str | int, ...]) -> str:
    """The name under which the environment may give this key."""
    steps = [str(step) for step in path if isinstance(step, str)]
    return PREFIX + "__".join(steps).upper().replace("-", "_")


def of_ours(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that are meant for us."""
    return {name: value for name, value in environ.items() if name.startswith(PREFIX)}


def secrets(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """What stands in the file that a `…_FILE` names, by variable; without those that can't be
    read, which `read` tells of."""
    found = {}
    for name, value in of_ours(environ).items():
        if _path(name)[1]:
            with contextlib.suppress(OSError, ValueError):
                found[name] = _secret(folder / value)
    return found


def read(
    environ: Mapping[str, str], folder: Path, known: Mapping[str, str]
) -> tuple[dict[tuple[str, ...], Any], dict[tuple[str, ...], str], list[str]]:
    """Values by path, the variable that each came from, and what is wrong, one line each.

    folder: what the path in a `…_FILE` is relative to. known: what `secrets` found. A variable of
    ours that names no key is an error, as it is in the file: a typing mistake must not go
    unnoticed.
    """
    values: dict[tuple[str, ...], Any] = {}
    sources: dict[tuple[str, ...], str] = {}
    problems: list[str] = []
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in _OF_COMMANDS:
            continue
        path, from_file = _path(name)
        here = spot(path) if path else None
        if path is None or here is None or here.section or here.table:
            problems.append(
                f"{name} (environment): names no key; it must be {PREFIX}SECTION__KEY with two "
                f"underscores between, for example {PREFIX}WEB__LISTEN=127.0.0.1:8080"
            )
            continue
        if path in values:
            problems.append(
                f"{name} (environment): given twice, with and without _FILE; keep one of the two"
            )
            continue
        try:
            text = environ[name]
            if from_file:
                text = known[name] if name in known else _secret(folder / environ[name])
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is no text file of moderate size"
            problems.append(f"{name} (environment): can't read this file: {reason}")
            continue
        values[path], sources[path] = _typed(text, here), name
    return values, sources, problems


def _path(name: str) -> tuple[tuple[str, ...] | None, bool]:
    """The key that a variable names, and whether it names a file instead of a value.

    The names of queues, trunks and sites have no underscore, and the environment no hyphen.
    """
    steps = name.removeprefix(PREFIX).lower().split("__")
    if steps[0] in ("queues", "trunks", "sites") and len(steps) > 1:
        steps[1] = steps[1].replace("_", "-")
    path = tuple(steps)
    if spot(path) is not None:
        return path, False
    if steps[-1].endswith("_file"):
        without = (*path[:-1], steps[-1].removesuffix("_file"))
        here = spot(without)
        if here is not None and here.secret:
            return without, True
    return None, False


def _secret(path: Path) -> str:
    """A secret's file as Docker and systemd write them: the text, perhaps with a line end."""
    with path.open(encoding="utf-8-sig") as file:
        text = file.read(_LARGEST_SECRET + 1)
    if len(text) > _LARGEST_SECRET:
        raise ValueError
    return text.strip("\r\n")


def _typed(text: str, here: KeyDefinition) -> Any:
    """The text as the file would have it; left as it is where it can't be, for the error's sake."""
    if here.listed:
        return [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]
    if here.annotation in (int, float, bool):
        try:
            return json.loads(TypeAdapter(here.annotation).dump_json(_parsed(text, here)))
        except ValidationError:
            return text
    return text


def _parsed(text: str, here: KeyDefinition) -> Any:
    return TypeAdapter(here.annotation).validate_strings(text.strip())
