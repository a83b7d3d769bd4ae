"""The commands, called in this process on a fresh configuration that `init` wrote."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from asterisk_callback.cli import cli
from tests.unit.cli.service import Service

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    """Runs a command line. Nothing may end in a traceback."""

    def run(*args: object) -> Result:
        result = CliRunner().invoke(cli, [str(arg) for arg in args])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return result

    return run


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Path:
    result = run("init", tmp_path / "made", "--caller-id", "+442079460000")
    assert result.exit_code == 0, result.stderr
    return tmp_path / "made"


@pytest.fixture
def company(run: Run, folder: Path) -> Run:
    """Runs a command for the company of `folder`, whose database is ready."""

    def company(*args: object) -> Result:
        return run("--config", folder / "callback.toml", *args)

    assert company("db", "upgrade").exit_code == 0
    return company


@pytest.fixture
def service(folder: Path) -> Iterator[Service]:
    made = Service(folder)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.process.kill()
            made.process.wait()
