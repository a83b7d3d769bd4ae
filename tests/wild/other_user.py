"""An Asterisk that another user than root runs, as distributions' packages set it up."""

import contextlib
import dataclasses
import os
import pwd
import shutil
from pathlib import Path

from tests.lab.trees import Tree


def account() -> pwd.struct_passwd:
    """Whose Asterisk it is: ours, unless we are root."""
    return pwd.getpwuid(os.geteuid()) if os.geteuid() else pwd.getpwnam("nobody")


def launcher() -> tuple[str, ...]:
    """A command that runs the rest of its line as that user; nothing if that is who we are."""
    if os.geteuid():
        return ()
    user = account()
    return "setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"


def within_reach(tree: Tree, folder: Path) -> Tree:
    """The same program below `folder`, which everybody may enter then: root's home is closed."""
    top, copied = tree.program.parent, folder / "asterisk-tree"
    folder.chmod(0o711)
    shutil.copytree(top, copied, symlinks=True, copy_function=_link)
    places = {
        name: copied / path.relative_to(top)
        for name in ("program", "modules", "data")
        if (path := getattr(tree, name)).is_relative_to(top)
    }
    return dataclasses.replace(tree, **places)


def _link(source: str, target: str) -> None:
    """177 MB are no copy's worth, unless it is another disk."""
    with contextlib.suppress(OSError):
        os.link(source, target, follow_symlinks=False)
        return
    shutil.copy2(source, target)


def give(root: Path) -> None:
    """Asterisk's folders, to its user; its configuration as Debian has it: closed to others."""
    user = account()
    for path in (root, *root.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    for path in (root / "etc").rglob("*"):
        path.chmod(0o750 if path.is_dir() else 0o640)
    (root / "etc").chmod(0o750)
