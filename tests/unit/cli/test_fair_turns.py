"""Whose request gets the next thread."""

import pytest

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


HEAD = b"GET /board/x HTTP/1.1\r\nHost: x\r\nx-forwarded-for: 6.6.6.6, 192.0.2.9\r\n"


@pytest.mark.parametrize(
    ("head", "proxies", "lane"),
    [
        (HEAD, 0, Lane("192.0.2.1", True)),
        (HEAD, 1, Lane("192.0.2.9", True)),
        (HEAD + b"X-Forwarded-For: 192.0.2.8\r\n\r\n", 1, Lane("192.0.2.8", True)),
        (HEAD + b"\r\nname=x\r\nX-Forwarded-For: 192.0.2.8\r\n", 1, Lane("192.0.2.9", True)),
        (HEAD, 2, Lane("6.6.6.6", True)),
        (HEAD, 3, Lane("192.0.2.1", True)),
        (HEAD.replace(b"/board", b"//board"), 1, Lane("192.0.2.9", True)),
        (HEAD.replace(b"/board/x", b"/"), 1, Lane("192.0.2.9", False)),
        (b"GET /boardroom HTTP/1.1\r\n", 0, Lane("192.0.2.1", False)),
        (b"", 1, Lane("192.0.2.1", False)),
        (b"\xff\0\r\nX-Forwarded-For: \xff\r\n", 1, Lane("unknown", False)),
    ],
)
def test_whose_it_is(head: bytes, proxies: int, lane: Lane) -> None:
    assert lane_of(head, "192.0.2.1", proxies) == lane
