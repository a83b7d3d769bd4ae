"""The files of the service, judged as its user would meet them: doctor is often run as root, who
may do everything, and a file that root once made is one that the service can't write."""

import os
import pwd
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISDIR

from asterisk_callback import bootstrap
from asterisk_callback.config import Settings
from asterisk_callback.doctor.asterisk_user import AsteriskUser, group_name, user_name
from asterisk_callback.doctor.finding import Finding, ok, skipped, wrong
from asterisk_callback.doctor.host_files import blocked

_NAME = "service.files"
UNITS = (Path("/etc/systemd/system"), Path("/usr/lib/systemd/system"))
# Beside the database's own file: SQLite's, and the lock of the one dispatcher.
_BESIDE = ("", "-wal", "-shm", ".dispatcher.lock")
_WRITE_FILE, _WRITE_FOLDER = 0o6, 0o3  # of path_resolution(7): read and write; make, and enter


def check(settings: Settings, file: Path | None) -> Finding:
    """file: callback.toml, if there is one. Never raises."""
    try:
        user = find(bootstrap.database_file(settings), file)
        if user is None:
            return skipped(_NAME, "not looked at: nothing tells which user the service runs as")
        if user.uid == os.geteuid():
            return ok(_NAME, f"doctor runs as {user.name}, as the service does")
        return judged(bootstrap.database_file(settings), file, user)
    except OSError as error:
        return skipped(_NAME, f"not looked at: {error.filename}: {error.strerror}")


def find(database: Path | None, file: Path | None) -> AsteriskUser | None:
    """The user of the systemd unit that names this callback.toml; else the owner of the folder in
    which the database lies. Raises OSError."""
    if file is not None and (name := _of_a_unit(file.resolve())) is not None:
        return name
    return _of(database.resolve().parent.stat().st_uid) if database is not None else None


def _of_a_unit(file: Path) -> AsteriskUser | None:
    for unit in (one for folder in UNITS for one in sorted(folder.glob("*callback*.service"))):
        text = unit.read_text(errors="replace")
        named = re.search(r"(?m)^User=(\S+)\s*$", text)
        if named and re.search(rf"(?m)^ExecStart=.*\s{re.escape(str(file))}(\s|$)", text):
            try:
                return _of(pwd.getpwnam(named[1]).pw_uid)
            except KeyError:
                return None
    return None


def _of(uid: int) -> AsteriskUser:
    try:
        user = pwd.getpwuid(uid)
    except KeyError:
        return AsteriskUser(name=str(uid), group=str(uid), uid=uid, groups=frozenset())
    groups = frozenset(os.getgrouplist(user.pw_name, user.pw_gid))
    group = group_name(user.pw_gid)
    return AsteriskUser(name=user.pw_name, group=group, uid=uid, groups=groups, reads_all=uid == 0)


def judged(database: Path | None, file: Path | None, user: AsteriskUser) -> Finding:
    """Owners and modes alone are judged, no ACL. Raises OSError."""
    unread = blocked(file, user) if file is not None else None
    unwritten = list(_unwritten(database, user)) if database is not None else []
    if unread is None and not unwritten:
        return ok(_NAME, f"{user.name}, as whom the service runs, may use its files")
    said, mend = [], []
    if unread is not None:
        said.append(unread.said)
        mend.append(f"chgrp {shlex.quote(user.group)} {shlex.quote(str(unread.path))}, with g+r")
    for path in unwritten:
        said.append(f"may not write {path} ({user_name(path.stat().st_uid)}'s)")
    if unwritten:
        paths = " ".join(shlex.quote(str(path)) for path in unwritten)
        mend.append(f"chown {shlex.quote(f'{user.name}:{user.group}')} {paths}")
    who = f"the service runs as {user.name} and "
    return wrong(_NAME, who + "; ".join(said), "; ".join(mend) + "; run our commands as that user")


def _unwritten(database: Path, user: AsteriskUser) -> Iterator[Path]:
    real = database.resolve()
    for path in (real.parent, *(real.with_name(real.name + end) for end in _BESIDE)):
        if path.exists() and not may_write(path, user):
            yield path


def may_write(path: Path, user: AsteriskUser) -> bool:
    """By owner and mode of this file or folder alone. Raises OSError."""
    status = path.stat()
    shift = 6 if status.st_uid == user.uid else 3 if status.st_gid in user.groups else 0
    needed = _WRITE_FOLDER if S_ISDIR(status.st_mode) else _WRITE_FILE
    return user.reads_all or (status.st_mode >> shift) & needed == needed
