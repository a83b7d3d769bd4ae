"""Which user Asterisk runs as, on the machine that doctor runs on."""

import grp
import os
import pwd
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from asterisk_callback.config.fields import ETC

# capabilities(7): CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH; either reads every file.
_READS_ALL = 1 << 1 | 1 << 2
# Options that take no value, up to one that makes it a console of the Asterisk that runs already.
_CONSOLE = re.compile(r"-[BcdeFfghIiLmnpqTtvVWX]*[rRx]")
# Its own name, or that of a loader which it is started by where it brings its own libraries.
_PROGRAMS = ("asterisk\n", "ld-")


@dataclass(frozen=True, kw_only=True, slots=True)
class AsteriskUser:
    """group: the name of its first one. reads_all: root, unless that right was taken away."""

    name: str
    group: str
    uid: int
    groups: frozenset[int]
    reads_all: bool = False


def find(etc: Path) -> AsteriskUser | None:
    """The user of the Asterisk that runs on this folder; none runs: the one that its asterisk.conf
    names; None: nothing tells. Raises OSError."""
    for process in sorted(Path("/proc").glob("[0-9]*")):
        try:
            if _runs_on(process, etc):
                return of_process((process / "status").read_text())
        except OSError:
            continue  # ended meanwhile
    return _of_file(etc / "asterisk.conf")


def _runs_on(process: Path, etc: Path) -> bool:
    if not (process / "comm").read_text().startswith(_PROGRAMS):
        return False
    arguments = os.fsdecode((process / "cmdline").read_bytes()).split("\0")
    while arguments and Path(arguments.pop(0)).name != "asterisk":
        pass
    if not arguments or any(map(_CONSOLE.match, arguments)):
        return False
    folder = next(_folders(arguments), ETC)
    return folder.exists() and folder.samefile(etc)


def _folders(arguments: list[str]) -> Iterator[Path]:
    """Of `-C FILE`."""
    for option, value in zip(arguments, [*arguments[1:], ""], strict=True):
        if option.startswith("-C"):
            yield Path(option[2:] or value).parent


def of_process(status: str) -> AsteriskUser:
    """From proc_pid_status(5): the ids that count for files are the last ones of Uid and Gid."""
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    uid, gid = int(fields["Uid"].split()[3]), int(fields["Gid"].split()[3])
    return AsteriskUser(
        name=user_name(uid),
        group=group_name(gid),
        uid=uid,
        groups=frozenset({gid, *map(int, fields["Groups"].split())}),
        reads_all=bool(int(fields["CapEff"], 16) & _READS_ALL),
    )


def _of_file(file: Path) -> AsteriskUser | None:
    """With rungroup, Asterisk has that group alone; else all groups of runuser."""
    if not file.exists():
        return None
    text = file.read_text(errors="replace")
    told = dict(re.findall(r"(?m)^\s*(runuser|rungroup)\s*=>?\s*([^;\s]+)", text))
    try:
        user = pwd.getpwnam(told["runuser"])
        group = grp.getgrnam(told["rungroup"]).gr_gid if "rungroup" in told else user.pw_gid
    except KeyError:
        return None
    groups = {group} if "rungroup" in told else set(os.getgrouplist(user.pw_name, group))
    return AsteriskUser(
        name=user.pw_name, group=group_name(group), uid=user.pw_uid, groups=frozenset(groups),
        reads_all=user.pw_uid == 0,
    )  # fmt: skip


def user_name(uid: int) -> str:
    """Its number, if it has no name here."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    """Its number, if it has no name here."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
