"""For all suites: the repository on the path, and the fixtures of the test bed."""

import signal
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # however pytest was started

pytest_plugins = ["tests.lab.fixtures"]

# Who ends a run (`kill`, `timeout`) ends what it started: the fixtures close their servers, as at
# Ctrl-C. By default the process would be gone at once, and leave them behind.
signal.signal(signal.SIGTERM, signal.default_int_handler)
# What is started here asks whether a terminal's end is to be ignored, as under nohup(1): not by us.
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# A slow machine is no failure: speed is measured by `make bench`. And what was not changed passes
# today if it did yesterday: whoever searches for more says `--hypothesis-profile=search`.
slow_is_fine = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ours", slow_is_fine, derandomize=True)
settings.register_profile("search", slow_is_fine, print_blob=True)
settings.load_profile("ours")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What was chosen, in the order in which several workers are soonest done with it."""
    from tests.order import deal, weight

    for item in items:  # for the report that tests/wild/before.sh reads
        item.user_properties += [("case", one.args[0]) for one in item.iter_markers("case")]
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    if workers > 1:
        # The proof of provision takes longest of all: it is dealt first.
        items.sort(key=lambda item: item.get_closest_marker("provision") is None)
        items[:] = deal(items, workers, weight)
