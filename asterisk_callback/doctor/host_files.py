"""Our files in Asterisk's folders, read as Asterisk's user would: without a file that it may not
read, `#tryinclude` goes on in silence."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_IMODE, S_ISDIR

from asterisk_callback.config import Settings
from asterisk_callback.doctor.asterisk_user import AsteriskUser, find, group_name, user_name
from asterisk_callback.doctor.finding import Finding, ok, skipped, wrong
from asterisk_callback.telephony import contract

_FILES = "asterisk.files"
_READ, _SEARCH = 0o4, 0o1  # of path_resolution(7)
# Where Asterisk's packages, and its own Makefile, put what astdatadir of asterisk.conf says else.
_DATA = (Path("/usr/share/asterisk"), Path("/var/lib/asterisk"))


@dataclass(frozen=True, slots=True)
class Blocked:
    """path: the file or folder that the user may not read or enter; said, mend: sentences."""

    path: Path
    said: str
    mend: str


def check(settings: Settings) -> list[Finding]:
    """Never raises: what doctor itself may not look at is skipped."""
    etc = settings.asterisk.etc
    try:
        if not etc.is_dir():
            return [skipped(_FILES, f"not looked at: no {etc} here ([asterisk] etc names another)")]
        files = list(ours(settings))
        if (user := find(etc)) is None:
            return [skipped(_FILES, f"not looked at: nothing tells who runs Asterisk on {etc}")]
        return [_judged(files, user, etc)]
    except OSError as error:
        where = error.filename or etc
        return [skipped(_FILES, f"not looked at: {where}: {error.strerror}; run doctor as root")]


def _judged(files: list[Path], user: AsteriskUser, etc: Path) -> Finding:
    if not files:
        return skipped(_FILES, f"not looked at: no file of ours is in {etc}")
    found = {one.path: one for file in files if (one := blocked(file, user))}
    if not found:
        return ok(_FILES, f"Asterisk, which runs as {user.name}, may read our {len(files)} files")
    return wrong(
        _FILES,
        f"Asterisk runs as {user.name} and " + "; ".join(one.said for one in found.values()),
        "; ".join(one.mend for one in found.values()) + "; then: dialplan reload, manager reload",
    )


def ours(settings: Settings) -> Iterator[Path]:
    """Those of our files that are there, under the instance's names. Raises OSError."""
    etc, own = settings.asterisk.etc, settings.asterisk
    for name in contract.FILES:
        if (file := etc / contract.file_of(name, own.instance)).exists():
            yield file
    prompts = own.sounds.partition("&")[0].rpartition("/")[0]
    for data in _data_folders(etc):
        for language in own.prompts if prompts else ():
            if (folder := data / "sounds" / language / prompts).is_dir():
                yield from sorted(folder.iterdir())


def _data_folders(etc: Path) -> tuple[Path, ...]:
    """A section that is a template, as `[directories](!)`, counts for nothing in Asterisk."""
    file = etc / "asterisk.conf"
    text = file.read_text(errors="replace") if file.exists() else ""
    section = re.search(r"(?ms)^\[directories\]\s*$(.*?)(?=^\[|\Z)", text)
    found = section and re.search(r"(?m)^\s*astdatadir\s*=>?\s*([^;\n]*[^;\s])", section[1])
    return (Path(found[1]),) if found else _DATA


def blocked(file: Path, user: AsteriskUser) -> Blocked | None:
    """What keeps this user from reading the file: the first folder on the way to it that may not
    be entered, or the file. None: nothing does. Owners and modes alone are judged, no ACL. Raises
    OSError."""
    if user.reads_all:
        return None
    real = file.resolve(strict=True)
    for path in (*reversed(real.parents), real):
        status = path.stat()
        folder = S_ISDIR(status.st_mode)
        if not may(user, status.st_uid, status.st_gid, status.st_mode, folder=folder):
            return _blocked(path, user, folder=folder)
    return None


def may(user: AsteriskUser, owner: int, group: int, mode: int, *, folder: bool) -> bool:
    """Whether the user may read a file, or enter a folder, of this owner, group and mode: the first
    class that they belong to decides, even where another would give more (path_resolution(7))."""
    shift = 6 if owner == user.uid else 3 if group in user.groups else 0
    return user.reads_all or bool(mode >> shift & (_SEARCH if folder else _READ))


def _blocked(path: Path, user: AsteriskUser, *, folder: bool) -> Blocked:
    status = path.stat()
    owned = f"{user_name(status.st_uid)}:{group_name(status.st_gid)}"
    verb = "enter" if folder else "read"
    said = f"may not {verb} {path} ({owned}, mode {S_IMODE(status.st_mode):o})"
    return Blocked(path, said, _mend(path, user, status.st_uid == user.uid, folder=folder))


def _mend(path: Path, user: AsteriskUser, own: bool, *, folder: bool) -> str:
    name, right = shlex.quote(str(path)), "x" if folder else "r"
    if own:
        return f"chmod u+{right} {name}"
    if not folder and not path.name.startswith(contract.FILE_MANAGER.removesuffix(".conf")):
        return f"chmod 644 {name}"
    # A secret, or a folder that others may have closed on purpose: for Asterisk's group alone.
    mode = "g+x" if folder else "640"
    return f"chgrp {shlex.quote(user.group)} {name} && chmod {mode} {name}"
