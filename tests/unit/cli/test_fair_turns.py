"""Whose request gets the next thread."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_callback.commands.fair_turns import FairTurns, Lane, lane_of

ALICE, BOB = Lane("192.0.2.1", False), Lane("192.0.2.2", False)


def test_nobody_has_more_than_a_quarter_of_the_threads() -> None:
    running: list[str] = []
    turns = FairTurns[str](8, running.append)
    for name in ("a1", "a2", "a3", "a4"):
        turns.ask(ALICE, name)
    turns.ask(BOB, "b1")
    assert running == ["a1", "a2", "b1"] and turns.waiting() == ["a3", "a4"]
    turns.over(BOB)
    assert running == ["a1", "a2", "b1"]
    turns.drop(ALICE, "a3")
    turns.over(ALICE)
    assert running == ["a1", "a2", "b1", "a4"] and turns.waiting() == []
    turns.over(ALICE)
    turns.over(ALICE)
    turns.ask(ALICE, "a5")
    assert running[-1] == "a5"


def lanes(count: int) -> list[Lane]:
    return [Lane(f"192.0.2.{n}", False) for n in range(count)]


def test_a_lane_that_has_no_thread_finds_one_however_many_hold_theirs() -> None:
    """Four that flood used to hold all eight."""
    running: list[Lane] = []
    turns = FairTurns[Lane](8, running.append)
    *flooding, newcomer = lanes(5)
    for lane in flooding:
        for _ in range(50):
            turns.ask(lane, lane)
    assert len(running) == 7 and newcomer not in running
    turns.ask(newcomer, newcomer)
    assert running[7:] == [newcomer]
    turns.over(newcomer)
    turns.ask(newcomer, newcomer)
    assert running[8:] == [newcomer]


def test_a_free_thread_is_for_who_has_the_fewest_and_then_in_turn() -> None:
    running: list[Lane] = []
    turns = FairTurns[Lane](4, running.append)
    some = lanes(7)
    for lane in some:
        for _ in range(3):
            turns.ask(lane, lane)
    assert running == some[:4]  # a share of one thread each
    for lane in some[:4]:
        turns.over(lane)
    assert running[4:] == [*some[4:], some[0]]
    for lane in (*some[4:], some[0]):
        turns.over(lane)
    assert running[8:] == [*some[1:4], some[4]]


@given(
    st.integers(1, 12),
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["ask", "over", "drop"])), max_size=120),
)
def test_whatever_comes_nobody_is_forgotten_and_no_thread_idles(
    threads: int, steps: list[tuple[int, str]]
) -> None:
    running: list[tuple[Lane, int]] = []
    begun: list[tuple[Lane, int]] = []

    def submit(one: tuple[Lane, int]) -> None:
        running.append(one)
        begun.append(one)

    turns, some, asked = FairTurns[tuple[Lane, int]](threads, submit), lanes(6), 0
    for n, step in steps:
        lane = some[n]
        mine = [one for one in running if one[0] == lane]
        waits = [one for one in turns.waiting() if one[0] == lane]
        if step == "ask":
            turns.ask(lane, (lane, asked))
            asked += 1
        elif step == "over" and mine:
            running.remove(mine[0])
            turns.over(lane)
        elif step == "drop" and waits:
            turns.drop(lane, waits[-1])
        held = Counter(lane for lane, _ in running)
        assert len(running) <= threads and max(held.values(), default=0) <= max(1, threads // 4)
        for waiting in {lane for lane, _ in turns.waiting()}:
            # It has its share, or as many as there are left for others.
            free = threads - len(running)
            left = held[waiting] if threads >= 4 else 0
            assert held[waiting] == max(1, threads // 4) or free <= left
    for lane in some:
        order = [number for one, number in begun if one == lane]
        assert order == sorted(order)  # of one lane the first comes first


HEAD = b"GET /board/x HTTP/1.1\r\nHost: x\r\nx-forwarded-for: 6.6.6.6, 192.0.2.9\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "proxies", "lane"),
    [
        (HEAD, 0, Lane("192.0.2.1", True)),
        (HEAD, 1, Lane("192.0.2.9", True)),
        (HEAD[:-2] + b"X-Forwarded-For: 192.0.2.8\r\n\r\n", 1, Lane("192.0.2.8", True)),
        (HEAD + b"name=x\r\nX-Forwarded-For: 192.0.2.8\r\n", 1, Lane("192.0.2.9", True)),
        # Padded, so that what the proxy adds is not seen: it is the proxy's own.
        (HEAD[:-8], 1, Lane("192.0.2.1", True)),
        (b"GET / HTTP/1.1\r\nX-Forwarded-For: 6.6.6.6" + b" " * 9000, 1, Lane("192.0.2.1", False)),
        (HEAD, 2, Lane("6.6.6.6", True)),
        (HEAD, 3, Lane("192.0.2.1", True)),
        (HEAD.replace(b"/board", b"//board"), 1, Lane("192.0.2.9", True)),
        (HEAD.replace(b"/board/x", b"/"), 1, Lane("192.0.2.9", False)),
        (b"GET /boardroom HTTP/1.1\r\n", 0, Lane("192.0.2.1", False)),
        (b"", 1, Lane("192.0.2.1", False)),
        (b"\xff\0\r\nX-Forwarded-For: \xff\r\n\r\n", 1, Lane("unknown", False)),
    ],
)
def test_whose_it_is(head: bytes, proxies: int, lane: Lane) -> None:
    assert lane_of(head, "192.0.2.1", proxies) == lane
