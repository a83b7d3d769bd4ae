"""tests/second_look.py with a real pytest inside: what is forgiven, and what never is."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab.harm import Harm
from tests.lab.waiting import LabError
from tests.outcomes import harmful
from tests.second_look import MOST, Outcomes, objection

ROOT = Path(__file__).resolve().parents[3]
# once(): fails the first time that it is called in this folder, as a test on a busy machine.
HEAD = """
import os, pathlib, pytest
from tests.lab.harm import Harm
from tests.lab.waiting import LabError

def once(error):
    mark = pathlib.Path("seen")
    if not mark.exists():
        mark.touch()
        raise error

def test_steady(): pass
"""


@dataclass
class Look:
    """Runs tests in `folder` as test.sh runs ours. workers: 0 where no second look is reached."""

    folder: Path
    code: int = -1
    text: str = ""

    def at(self, tests: str, *options: str, workers: int = 2) -> None:
        (self.folder / "test_these.py").write_text(HEAD + tests)
        (self.folder / "pytest.ini").write_text("[pytest]\nmarkers = promise: a promise\n")
        program = (
            "import sys; from pathlib import Path; from tests.second_look import main;"
            "sys.exit(main(sys.argv[1:], Path('outcomes.json')))"
        )
        # Other plugins are not asked: loading them takes most of the time.
        bare = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "-p xdist"}
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
        command = [sys.executable, "-c", program, "-n", str(workers)]
        done = subprocess.run(
            [*command, "--max-worker-restart", "0", *options],
            cwd=self.folder, env=inherited | bare | {"PYTHONPATH": str(ROOT)},
            capture_output=True, text=True,
        )  # fmt: skip
        self.code, self.text = done.returncode, done.stdout + done.stderr

    @property
    def closing(self) -> str:
        """The last line: pytest's, without the time."""
        return re.sub(r" in [\d.]+s$", "", self.text.strip().splitlines()[-1].strip("= "))


@pytest.fixture
def look(tmp_path: Path) -> Look:
    return Look(tmp_path)


@pytest.mark.slow
def test_what_passes_alone_is_said_and_forgiven(look: Look) -> None:
    look.at("def test_shaky(): once(LabError('waited'))")
    assert look.code == 0, look.text
    assert "UNSTEADY, passed alone: test_these.py::test_shaky" in look.text
    assert "first look: 1 failed, 1 passed" in look.text
    assert look.closing == "1 passed, 1 unsteady"


@pytest.mark.slow
def test_what_fails_again_is_a_failure(look: Look) -> None:
    look.at("def test_shaky(): once(OSError())\ndef test_broken(): assert 1 == 2")
    assert look.code == 1
    assert "FAILED AGAIN: test_these.py::test_broken" in look.text
    assert "UNSTEADY, passed alone: test_these.py::test_shaky" in look.text
    assert look.closing == "1 failed, 1 passed, 1 unsteady"


HARMFUL = """
def test_judge(): raise Harm("rung twice")

@pytest.mark.promise
def test_marker(): raise OSError

def test_text():
    invites = [1, 2]
    assert invites == []

@pytest.fixture
def oracle():
    yield
    raise Harm("rung twice")

def test_after_the_test(oracle): pass
"""


@pytest.mark.slow
def test_a_broken_promise_has_no_second_look(look: Look) -> None:
    look.at(HARMFUL + "def test_shaky(): once(OSError())", workers=1)
    assert look.code == 1
    named = "judge", "marker", "text", "after_the_test"
    tests = ", ".join(f"test_these.py::test_{name}" for name in named)
    assert f"second look: a broken promise is not forgiven: {tests}" in look.text
    assert "UNSTEADY" not in look.text
    assert look.closing == "4 failed, 2 passed, 1 error"


@pytest.mark.slow
def test_a_worker_that_died_took_others_with_it(look: Look) -> None:
    look.at("def test_dies(): os._exit(3)")
    assert look.code != 0
    assert "second look: not every test was run" in look.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tests", "options"), [("nonsense", []), ("def test_shaky(): once(OSError())", ["-x"])]
)
def test_nor_is_there_one_where_tests_were_not_run(
    look: Look, tests: str, options: list[str]
) -> None:
    look.at(tests, *options, workers=0)
    assert look.code != 0
    assert "UNSTEADY" not in look.text


@pytest.mark.slow
def test_all_pass_and_nothing_is_said(look: Look) -> None:
    look.at("", workers=0)
    assert (look.code, look.closing) == (0, "1 passed")
    assert "look" not in look.text


def test_many_failures_are_no_accident() -> None:
    few = {f"test_{n}": False for n in range(MOST)}
    assert objection(Outcomes(failed=few)) == ""
    assert objection(Outcomes(failed=few | {"one": False})) != ""


def test_what_was_written_is_read(tmp_path: Path) -> None:
    outcomes = Outcomes(passed=3, failed={"a[é\n]": True}, complete=False)
    outcomes.write(tmp_path / "file")
    assert Outcomes.read(tmp_path / "file") == outcomes


@pytest.mark.parametrize(
    ("error", "statement", "promise", "harm"),
    [
        (AssertionError("3 != 2"), "assert count == 2", False, False),
        (AssertionError("[1] != []"), "assert world.invites == []", False, True),
        (ValueError("too many values to unpack"), "[one] = world.invites_for(x)", False, True),
        (ValueError("not enough values to unpack"), "[one] = world.invites_for(x)", False, False),
        (LabError("waited 60 s for an INVITE"), "invites.wait(number)", False, False),
        (LabError("waited 60 s for PostgreSQL"), "", True, False),
        (OSError("anything"), "", True, True),
        (Harm("rung twice"), "", False, True),
        (ExceptionGroup("two", [OSError(), Harm("rung twice")]), "", False, True),
    ],
)
def test_what_is_harm(error: Exception, statement: str, promise: bool, harm: bool) -> None:
    assert harmful(error, statement, promise) is harm
