"""A plugin of pytest (`-p tests.outcomes`) for tests/second_look.py: writes down what failed, and
whether that broke a promise; and of a second look it says what it showed."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.harm import Harm
from tests.lab.waiting import LabError
from tests.second_look import Outcomes, objection

CRASHED = "???"  # what pytest-xdist calls the phase in which a worker ended


def harmful(error: BaseException, statement: str = "", promise: bool = False) -> bool:
    """Did this break a promise, or did a test only not come about?

    promise: the test's marker: what it says is believed, unless the test bed itself failed.
    statement: the line that raised; one that judges INVITEs judges rings.
    """
    if isinstance(error, Harm):
        return True
    if isinstance(error, LabError):
        return False
    if isinstance(error, BaseExceptionGroup):
        return any(harmful(one, statement, promise) for one in error.exceptions)
    if promise:
        return True
    of_rings = "invite" in f"{statement} {error}".lower()
    judged = isinstance(error, AssertionError) or "too many values" in str(error)
    return of_rings and judged


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("second look")
    group.addoption("--outcomes", type=Path, metavar="FILE", help="write down what failed")
    group.addoption("--second-look-of", type=Path, metavar="FILE", help="what --outcomes wrote")


def pytest_configure(config: pytest.Config) -> None:
    in_worker = hasattr(config, "workerinput")
    if not in_worker and (config.option.outcomes or config.option.second_look_of):
        config.pluginmanager.register(Clerk(config))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In the process of the test, which has the exception; the report takes it to the other."""
    report = yield
    if report.failed and call.excinfo is not None:
        statement = str(call.excinfo.traceback[-1].statement)
        promise = item.get_closest_marker("promise") is not None
        report.harm = harmful(call.excinfo.value, statement, promise)
    return report


class _Earlier:
    """In the place of a report of the first look: it only counts."""

    count_towards_summary = True


class Clerk:
    """Hears every report of a run."""

    def __init__(self, config: pytest.Config) -> None:
        self._seen = Outcomes()
        self._to: Path | None = config.option.outcomes
        of: Path | None = config.option.second_look_of
        self._first = Outcomes.read(of) if of else None

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            harm = bool(getattr(report, "harm", False))
            self._seen.failed[report.nodeid] = harm or self._seen.failed.get(report.nodeid, False)
            self._seen.complete &= report.when != CRASHED
        elif report.when == "call" and report.passed:
            self._seen.passed += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._seen.complete &= not report.failed

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self._seen.complete &= not session.shouldfail and not session.shouldstop
        if self._to:
            self._seen.write(self._to)

    @pytest.hookimpl(trylast=True)  # whoever else looks at the reports has seen them by then
    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._first is None:
            if self._seen.failed:
                why = objection(self._seen) or "follows, since these may be accidents"
                terminalreporter.section("second look", "=", red=True)
                terminalreporter.line(f"second look: {why}")
            return
        terminalreporter.section("second look", "=", yellow=True)
        passed = self._first.passed
        terminalreporter.line(f"first look: {len(self._first.failed)} failed, {passed} passed")
        for test in self._first.failed:
            again = "FAILED AGAIN" if test in self._seen.failed else "UNSTEADY, passed alone"
            terminalreporter.line(f"{again}: {test}")
        # The closing line, which stands last, counts both looks.
        stats = terminalreporter.stats
        stats["unsteady"] = stats.pop("passed", [])
        stats["passed"] = [_Earlier()] * passed
