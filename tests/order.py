"""In which order the tests start: the long ones first, and real calls on half of the workers.

pytest-xdist's worksteal cuts the list into a hand for each worker; who is done takes from the end
of the longest hand. So each hand begins with what takes long, and ends with what is soon done.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest

T = TypeVar("T")

# With parts that mind a busy machine, and that take seconds to start on each worker.
HEAVY = ("asterisk", "browser", "wild")


def weight(item: pytest.Item) -> str:
    """ "slow", "heavy" or "": what of the suite an item is. provision is the slowest of all."""
    if item.get_closest_marker("slow"):
        return "slow"
    return "heavy" if item.path.parent.name in HEAVY else ""


def deal(items: Sequence[T], workers: int, weigh: Callable[[T], str]) -> list[T]:
    """The same items, laid so that worksteal gives each worker a hand that begins with its share.

    The heavy ones go to the first half of the workers, in their order: so few beds are started, and
    the other half has the slow ones and what is light. Of three workers two have heavy ones: those
    wait for their parts most of the time, and one alone was the last to be done by minutes.
    """
    kinds: dict[str, list[T]] = {"slow": [], "heavy": [], "": []}
    for item in items:
        kinds[weigh(item)].append(item)
    half = (workers + 1) // 2
    hands = [_share(kinds["heavy"], n, half) for n in range(half)]
    others = workers - half
    hands += [kinds["slow"][n::others] for n in range(others)]
    light, left = kinds[""], len(items)
    for n, hand in enumerate(hands):
        size = left // (workers - n)
        more = max(0, size - len(hand))
        hand += light[:more]
        light = light[more:]
        left -= len(hand)
    return [item for hand in hands for item in hand] + light


def _share(items: list[T], number: int, of: int) -> list[T]:
    return items[len(items) * number // of : len(items) * (number + 1) // of]
