"""`init --install`: our files for Asterisk put where Asterisk reads them. Others' files are never
written to, but for the lines of --add-includes at their end."""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

# A secret is in it: Asterisk's group reads it, nobody else.
_SECRET, _PLAIN = 0o640, 0o644


def place(written: Path, etc: Path, sounds: Path, secret: str) -> Iterator[str]:
    """Puts the files of `written` (init's folder `asterisk`) into `etc` and `sounds`, and says what
    it did, a line a file. What is there and differs, an admin may have edited: it is left alone.

    secret: the name of the file that Asterisk's group alone may read; the group is that of `etc`'s
    manager.conf, else of `etc`. Raises OSError.
    """
    theirs = etc / "manager.conf"
    group = (theirs if theirs.exists() else etc).stat().st_gid
    for source in sorted(written.glob("*.conf")):
        mode = _SECRET if source.name == secret else _PLAIN
        yield _put(source, etc / source.name, mode, group)
    for source in sorted(written.glob("sounds/*/callback/*")):
        folder = sounds / "callback"
        if source.parent.parent.name != "en":
            folder = sounds.parent / source.parent.parent.name / "callback"
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        _put(source, folder / source.name, _PLAIN, None)
    yield f"the prompts are in {sounds / 'callback'}"


def _put(source: Path, target: Path, mode: int, group: int | None) -> str:
    if target.exists() and target.read_bytes() != source.read_bytes():
        return f"{target} differs from {source} and was left alone; compare them"
    there = target.exists()
    if not there:
        part = target.with_name(f".{target.name}.new")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file, source.open("rb") as ours:
            shutil.copyfileobj(ours, file)
        part.replace(target)
    if group is not None and target.stat().st_gid != group:
        os.chown(target, -1, group)
    target.chmod(mode)
    return f"{target} {'was there already' if there else 'written'}"


def missing_lines(etc: Path, wanted: Mapping[str, str]) -> dict[Path, str]:
    """Which of these lines (by file) the files do not have yet, in any place."""
    missing = {}
    for name, text in wanted.items():
        file = etc / name
        there = set(file.read_text(errors="replace").splitlines()) if file.exists() else set()
        if lines := [line for line in text.splitlines() if line not in there]:
            missing[file] = "".join(f"{line}\n" for line in lines)
    return missing


def add(missing: Mapping[Path, str]) -> None:
    """Adds them at the files' ends; owner and mode stay. Raises OSError."""
    for file, lines in missing.items():
        before = file.read_bytes() if file.exists() else b""
        gap = "" if not before or before.endswith(b"\n") else "\n"
        with file.open("a") as end:
            end.write(f"{gap}{lines}")
