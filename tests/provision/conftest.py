"""The slowest tests of all: they start first, and on different workers."""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """xdist deals the list out in equal runs: put one proof at the head of each of the first."""
    proofs = [item for item in items if item.get_closest_marker("provision")]
    if not proofs or len(proofs) == len(items):
        return
    rest = [item for item in items if item not in proofs]
    step = max(1, len(rest) // (2 * len(proofs)))
    for place, proof in enumerate(proofs):
        rest.insert(place * (step + 1), proof)
    items[:] = rest
