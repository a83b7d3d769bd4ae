"""tests/order.py: nothing is lost, and each hand begins with what takes long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.order import deal

KINDS = {"s": "slow", "h": "heavy", "l": ""}


def kind(item: str) -> str:
    return KINDS[item[0]]


def named(counts: dict[str, int]) -> list[str]:
    return [f"{letter}{n}" for letter, count in counts.items() for n in range(count)]


@given(st.lists(st.sampled_from("shl"), max_size=60), st.integers(2, 9))
def test_every_test_is_in_it_once(letters: list[str], workers: int) -> None:
    items = [f"{letter}{n}" for n, letter in enumerate(letters)]
    assert sorted(deal(items, workers, kind)) == sorted(items)


@pytest.mark.parametrize(
    ("workers", "hands"),
    [
        (2, ["h0 h1 h2 h3 l0 l1", "s0 s1 s2 l2 l3 l4"]),
        (3, ["h0 h1 l0 l1", "h2 h3 l2 l3", "s0 s1 s2 l4"]),
        (4, ["h0 h1 l0", "h2 h3 l1", "s0 s2 l2", "s1 l3 l4"]),
    ],
)
def test_each_hand_begins_with_what_takes_long(workers: int, hands: list[str]) -> None:
    items = named({"h": 4, "s": 3, "l": 5})
    assert deal(items, workers, kind) == " ".join(hands).split()


def test_only_heavy_ones_stay_as_they_were() -> None:
    items = named({"h": 20})
    assert deal(items, 4, kind) == items
