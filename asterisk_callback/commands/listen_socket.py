"""The listening sockets: bound before anything else, so that a taken port is told at once."""

import contextlib
import socket

from asterisk_callback.commands.app import CommandFailure
from asterisk_callback.config.fields import Address


def listen(where: Address) -> socket.socket:
    """The web's. Raises CommandFailure if the port is taken or the address is not ours."""
    try:
        return _listen(where)
    except OSError as error:
        raise CommandFailure(
            f"[web] listen: can't listen on {where} ({error.strerror}); is another one running?"
        ) from error


def listen_for_gate(where: Address) -> socket.socket:
    """The gate's, where a new configuration has it elsewhere. Raises CommandFailure."""
    try:
        return _listen(where)
    except OSError as error:
        raise CommandFailure(gate_taken(where, error)) from error


def gate_taken(where: Address, error: OSError) -> str:
    """The sentence for it. Who sits there is an extra, for which it must not fail: at a reload the
    program on the disk may be another one, or half of one."""
    sits = ""
    with contextlib.suppress(Exception):
        from asterisk_callback.doctor import port_owner  # the doctor knows half the house

        sits = port_owner.at(where.port)
    who = f"{sits} sits there" if sits else "is another dispatcher running?"
    return f"[gate] listen: can't listen on {where} ({error.strerror}); {who}"


def _listen(where: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    return socket.create_server((where.host, where.port), family=family, backlog=512)


def address(listener: socket.socket) -> Address:
    """Where it really listens; the port may have been 0."""
    host, port = listener.getsockname()[:2]
    return Address(host, port)
