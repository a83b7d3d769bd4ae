"""What a child leaves when it hands over arrives, however fast it ends."""

import socket
import subprocess
import sys

from asterisk_callback.commands import channel
from asterisk_callback.commands.channel import ControlChannel
from asterisk_callback.commands.children import Child, hand_over


def test_the_gate_of_one_that_ended_at_once_is_not_lost() -> None:
    """Else the next one finds the port taken, and agents who pick up meanwhile hear nothing."""
    ours, theirs = channel.pair()
    with socket.create_server(("127.0.0.1", 0)) as gate, theirs:
        address = gate.getsockname()
        ControlChannel(theirs).say(channel.OVER, listening=gate)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    child = Child("dispatcher", [], process=ended, channel=ours)
    hand_over(child, within=1.0)
    assert child.handed is not None
    with child.handed as left:
        assert left.getsockname() == address
    ours.close()


def test_one_that_ended_without_a_word_left_nothing() -> None:
    ours, theirs = channel.pair()
    theirs.close()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    child = Child("dispatcher", [], process=ended, channel=ours)
    hand_over(child, within=1.0)
    assert child.handed is None
    ours.close()
