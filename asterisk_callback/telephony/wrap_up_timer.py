"""When the next agent's wrap-up is over: no event of Asterisk tells of that."""

import asyncio
import math
from collections.abc import Callable
from typing import Final

# Events of members come in groups; so long after the first all members are looked at, in seconds.
SETTLES: Final = 0.05


class WrapUpTimer:
    """next_end: seconds until the next wrap-up ends; None or infinity: none that is known. on_over:
    called when one has ended."""

    def __init__(self, next_end: Callable[[], float | None], on_over: Callable[[], object]) -> None:
        self._next_end = next_end
        self._on_over = on_over
        self._looks: asyncio.TimerHandle | None = None
        self._ends: asyncio.TimerHandle | None = None

    def look_soon(self) -> None:
        """Something changed. Asked of all members at once, not after each of the events that a call
        makes of each."""
        if self._looks is None:
            self._looks = asyncio.get_running_loop().call_later(SETTLES, self._look)

    def _look(self) -> None:
        self._looks = None
        if self._ends is not None:
            self._ends.cancel()
            self._ends = None
        after = self._next_end()
        if after and after < math.inf:
            self._ends = asyncio.get_running_loop().call_later(after, self._over)

    def _over(self) -> None:
        self._look()  # there may be more of them
        self._on_over()
