"""The demo's output: lines that only ever grow, so that a log file reads like the terminal."""

import sys
import time
from collections.abc import Iterable
from typing import TextIO

from tests.demo.moments import Moment, Source

# A moment is shown this late, so that one told later but earlier in time comes before it.
SETTLE_SECONDS = 0.3
_OURS = 43
_BOLD, _DIM, _CYAN, _GREEN, _RED, _PLAIN = (f"\x1b[{code}m" for code in (1, 2, 36, 32, 31, 0))


class Screen:
    """Colours only on a terminal."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._colour = self._out.isatty()
        self._began = time.monotonic()

    def say(self, text: str = "") -> None:
        print(text, file=self._out, flush=True)

    def step(self, text: str) -> None:
        """Something is ready, with the seconds since the demo began."""
        since = self._paint(f"{time.monotonic() - self._began:5.1f} s", _DIM)
        self.say(f"  {since}  {text}")

    def good(self, text: str) -> None:
        self.say(self._paint(text, _BOLD + _GREEN))

    def bad(self, text: str) -> None:
        self.say(self._paint(text, _BOLD + _RED))

    def heading(self) -> None:
        ours, far = "our own record".ljust(_OURS), "the far end's own log"
        self.say(self._paint(f"\n      s  {ours} {far}", _BOLD))

    def moment(self, moment: Moment, zero: float) -> None:
        """One line: seconds since `zero`, then what happened in the column of who saw it."""
        at = self._paint(f"{moment.at - zero:7.2f}", _DIM)
        text = f"{moment.what:<15} {moment.detail}".rstrip()
        if moment.far:
            text = " " * (_OURS + 1) + self._paint(text, _CYAN)
        elif moment.what == "gate passed":
            text = self._paint(text, _BOLD)
        self.say(f"{at}  {text}")

    def _paint(self, text: str, code: str) -> str:
        return f"{code}{text}{_PLAIN}" if self._colour else text


class Feed:
    """Shows what its sources tell, each moment once, in the order of time."""

    def __init__(self, screen: Screen, zero: float, sources: Iterable[Source]) -> None:
        self._screen = screen
        self._zero = zero
        self._sources = list(sources)
        self._shown: set[Moment] = set()

    def show(self, settle: float = SETTLE_SECONDS) -> None:
        """What is new and older than `settle` seconds."""
        until = time.time() - settle
        told = {moment for source in self._sources for moment in source.moments()}
        for moment in sorted(told - self._shown):
            # From before the request: an agent's phone may still have had another call.
            if self._zero <= moment.at <= until:
                self._screen.moment(moment, self._zero)
                self._shown.add(moment)
