"""Whoever ends a run of the tests leaves nothing behind of what it had started."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.lab.waiting import PATIENCE, until

REPOSITORY = Path(__file__).resolve().parents[3]
WAITS = """
import pathlib
import time
from tests.lab import processes

def test_that_never_ends(tmp_path):
    child = processes.spawn(["sleep", "3600"], tmp_path / "log", tmp_path)
    pathlib.Path({told!r}).write_text(str(child.pid))
    while True:
        time.sleep(0.1)
"""


def test_sigterm_ends_what_a_test_started(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    (tmp_path / "test_waits.py").write_text(WAITS.format(told=str(told)))
    options = ["-q", "-p", "no:cacheprovider", "--rootdir", str(REPOSITORY)]
    command = [sys.executable, "-m", "pytest", *options, "-c", str(REPOSITORY / "setup.cfg")]
    run = subprocess.Popen(
        [*command, "-p", "tests.conftest", str(tmp_path / "test_waits.py")],
        cwd=REPOSITORY,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(lambda: told.exists() and told.read_text(), PATIENCE, "the test to start its child")
    child = int(told.read_text())
    run.send_signal(signal.SIGTERM)
    assert run.wait() == 2  # pytest's exit code for an interrupted run
    until(lambda: not _alive(child), PATIENCE, "the child to be gone")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
