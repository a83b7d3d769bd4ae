"""Runs pytest; if a few tests failed for no harm, runs just those once more, alone.

python -m tests.second_look [PYTEST ARGUMENT...]

Of thousands of tests with real parts a few depend on how busy the machine is. What fails among
many and passes alone is said loudly, and is no failure. A broken promise is one, at once: a ring
too many is a ring too many, however well the next run goes. The exit code is pytest's.
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType

MOST = 8  # more than so many are no accident
TESTS_FAILED = 1  # pytest's exit code: it ran to its end, and tests failed
OUTCOMES = Path("var/outcomes.json")


@dataclass
class Outcomes:
    """What a whole run of pytest gave.

    failed: by the test's id, whether that broke a promise. complete: every test was run.
    """

    passed: int = 0
    failed: dict[str, bool] = field(default_factory=dict)
    complete: bool = True

    @classmethod
    def read(cls, file: Path) -> "Outcomes":
        """What write() wrote."""
        return cls(**json.loads(file.read_text()))

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self)))


def objection(first: Outcomes) -> str:
    """Why these failures get no second look; empty if they get one, or if there are none."""
    harmful = [test for test, harm in first.failed.items() if harm]
    if harmful:
        return f"a broken promise is not forgiven: {', '.join(harmful)}"
    if not first.complete:
        return "not every test was run"
    if len(first.failed) > MOST:
        return f"{len(first.failed)} tests failed, more than {MOST} are no accident"
    return ""


def pytest(*arguments: str) -> int:
    """Its exit code; it writes where we write, and ends in its own way when we are told to."""
    command = [sys.executable, "-m", "pytest", "-p", "tests.outcomes", *arguments]
    child = subprocess.Popen(command)

    def pass_on(number: int, _: FrameType | None) -> None:
        if number != signal.SIGINT:  # which a terminal sends to both
            child.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, pass_on)
    return child.wait()


def main(arguments: list[str], outcomes: Path = OUTCOMES) -> int:
    """Both looks. Nothing is printed after pytest's closing line: that one stands last."""
    outcomes.parent.mkdir(parents=True, exist_ok=True)
    outcomes.unlink(missing_ok=True)
    code = pytest(*arguments, "--outcomes", str(outcomes))
    if code != TESTS_FAILED or not outcomes.exists():
        return code
    first = Outcomes.read(outcomes)
    if objection(first) or not first.failed:
        return code
    print(f"second look: {len(first.failed)} failed among many; each once more, alone", flush=True)
    alone = ("-n", "1", "--max-worker-restart", "0")
    return pytest(*alone, "--second-look-of", str(outcomes), *first.failed)


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parent.parent)
    sys.exit(main(sys.argv[1:]))
