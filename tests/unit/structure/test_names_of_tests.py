"""pytest imports a file of a folder without __init__.py by its name alone: two would be one."""

from collections import Counter
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2]


def test_no_two_files_of_tests_have_one_name() -> None:
    files = [
        file for file in TESTS.rglob("test_*.py") if not (file.parent / "__init__.py").exists()
    ]
    names = Counter(file.name for file in files)
    assert [str(file) for file in files if names[file.name] > 1] == []
