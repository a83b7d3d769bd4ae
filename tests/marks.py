"""Which values of a parametrized test `make test` runs; the others are left to `make test-all`."""

from collections.abc import Iterable
from typing import Any

import pytest


def mainly(values: Iterable[Any], *kept: Any) -> list[Any]:
    """The values for pytest.mark.parametrize: all but those that are `kept` are thorough."""
    values = list(values)
    assert set(kept) <= set(values), f"{set(kept) - set(values)} is none of the values"
    return [value if value in kept else _thorough(value) for value in values]


def _thorough(value: Any) -> Any:
    several = value if isinstance(value, tuple) else (value,)
    return pytest.param(*several, marks=pytest.mark.thorough)
