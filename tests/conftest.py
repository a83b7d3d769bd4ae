"""For all suites: the repository on the path, and the fixtures of the test bed."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # however pytest was started

pytest_plugins = ["tests.lab.fixtures"]
