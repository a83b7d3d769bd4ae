"""The web's listening socket: bound before anything else, so that a taken port is told at once."""

import socket

from asterisk_callback.commands.app import Failure
from asterisk_callback.config.fields import Address


def listen(where: Address) -> socket.socket:
    """Raises Failure if the port is taken or the address is not ours."""
    try:
        family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
        return socket.create_server((where.host, where.port), family=family, backlog=512)
    except OSError as error:
        raise Failure(
            f"[web] listen: can't listen on {where} ({error.strerror}); is another one running?"
        ) from error


def address(listener: socket.socket) -> Address:
    """Where it really listens; the port may have been 0."""
    host, port = listener.getsockname()[:2]
    return Address(host, port)
