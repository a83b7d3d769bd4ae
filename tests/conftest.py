"""For all suites: the repository on the path, and the fixtures of the test bed."""

import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # however pytest was started

pytest_plugins = ["tests.lab.fixtures"]

# A slow machine is no failure: speed is measured by `make bench`.
settings.register_profile("ours", deadline=None)
settings.load_profile("ours")
