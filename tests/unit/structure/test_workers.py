"""tests/workers.py: as many side by side as a machine carries."""

from pathlib import Path

import pytest

from tests.workers import MOST, megabytes, processors, workers


@pytest.mark.parametrize(
    ("count", "free", "wanted"),
    [
        (2, 16_000, 3),
        (1, 16_000, 2),
        (0.5, 16_000, 1),  # half a processor of a container's
        (8, 3_000, 4),  # memory is short
        (2, 100, 1),
        (64, 256_000, MOST),
    ],
)
def test_no_more_than_it_carries(count: float, free: float, wanted: int) -> None:
    assert workers(count, free) == wanted


def test_a_quota_counts_as_so_many_processors(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    assert processors(tmp_path) == 0.5


@pytest.mark.parametrize("text", ["max 100000\n", "", None])
def test_without_a_quota_all_of_the_machine_counts(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "cpu.max").write_text(text)
    assert processors(tmp_path) >= 1


def test_memory_that_is_free_is_read_in_megabytes(tmp_path: Path) -> None:
    file = tmp_path / "meminfo"
    file.write_text("MemTotal:  24683000 kB\nMemAvailable:   2048000 kB\n")
    assert megabytes(file) == 2000
