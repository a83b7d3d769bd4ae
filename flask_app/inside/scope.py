"""Which callback queues a supervisor's page shows: one that is asked for, or all of theirs."""

from collections.abc import Sequence

from flask import abort, request

from asterisk_callback.domain.account import EVERY_QUEUE, Role
from asterisk_callback.domain.queue import CallbackQueue
from flask_app.shared import access
from flask_app.shared.app_services import parts


def queue() -> str:
    """`?queue`: the one that is asked for, "" for all of theirs. Another's is not there: 404."""
    name = request.args.get("queue", "")
    if name and not (name in parts().queues and access.may(Role.SUPERVISOR, name)):
        abort(404)
    return name


def names() -> Sequence[str] | None:
    """Of the queues to show; None: of all, also of those that are no longer configured."""
    name = queue()
    if name:
        return (name,)
    if access.may(Role.SUPERVISOR, EVERY_QUEUE):
        return None
    return access.me().queues(Role.SUPERVISOR, parts().queues)


def theirs() -> Sequence[CallbackQueue]:
    """Those that may be asked for."""
    return [one for one in parts().queues.values() if access.may(Role.SUPERVISOR, one.name)]
