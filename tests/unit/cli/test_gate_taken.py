"""A taken port is told, whatever can be found out of who sits there."""

import socket
import sys

import pytest

from asterisk_callback.commands import listen_socket
from asterisk_callback.commands.app import CommandFailure


def test_a_taken_port_is_told_without_the_doctor(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where an upgrade took its files away under the running program."""
    monkeypatch.setitem(sys.modules, "asterisk_callback.doctor", None)
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(CommandFailure, match="is another dispatcher running"),
    ):
        listen_socket.listen_for_gate(listen_socket.address(taken))
