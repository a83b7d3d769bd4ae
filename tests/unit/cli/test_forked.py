"""A child that is a fork keeps no file of its parent's but those it is given."""

import os
import subprocess
import sys

CODE = """
import os
from asterisk_callback.commands.forked import _close_all_but
made = [os.open("/dev/null", os.O_RDONLY) for _ in range(6)]
_close_all_but({made[1], made[4]})
def is_open(fd):
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True
print([is_open(fd) for fd in made])
"""


def test_what_it_is_not_given_is_closed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout == "[False, True, False, False, True, False]\n"
