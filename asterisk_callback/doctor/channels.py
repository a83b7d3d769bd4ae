"""The channels of [channels], such as SMS: would they deliver? Nothing is sent."""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from asterisk_callback import bootstrap
from asterisk_callback.config import Settings
from asterisk_callback.doctor import service_user
from asterisk_callback.doctor.asterisk_user import AsteriskUser
from asterisk_callback.doctor.finding import Finding, ok, wrong
from asterisk_callback.services.telling.channel import TransportError


def check(settings: Settings, file: Path | None = None) -> Iterator[Finding]:
    """file: callback.toml, if there is one."""
    for name, given in settings.channels.given().items():
        folder = given.writes_into
        if folder is not None and (unwritten := refused(folder, _service(settings, file))):
            yield unwritten
            continue
        try:
            bootstrap.channel(name, given).knock()
        except TransportError as error:
            yield wrong(
                f"channels.{name}",
                f"nothing can be sent: {error.sentence}",
                f"mend [channels.{name}], or what takes its messages",
            )
        else:
            yield ok(f"channels.{name}", "who takes its messages is there; nothing was sent")


def _service(settings: Settings, file: Path | None) -> AsteriskUser | None:
    """As whom the service runs, if that is another user than ours; None, too, if nobody knows."""
    try:
        user = service_user.find(bootstrap.database_file(settings), file)
    except OSError:
        return None
    return None if user is None or user.uid == os.geteuid() else user


def refused(folder: Path, user: AsteriskUser | None) -> Finding | None:
    """Whether this user may not put files there, whatever we may: root may write everywhere."""
    try:
        if user is None or service_user.may_write(folder, user):
            return None
    except OSError:
        return None  # it is not there, or we may not look: the channel itself says so
    return wrong(
        "channels.sms",
        f"nothing can be sent: the service runs as {user.name} and may not write into {folder}",
        f"chgrp {shlex.quote(user.group)} {shlex.quote(str(folder))}; chmod g+rwx,g+s "
        f"{shlex.quote(str(folder))}",
    )
