"""Each channel of alarms has a loop of its own."""

import asyncio
import threading
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

from asterisk_callback.dispatcher.alarming import Alarming


class Telling:
    """Tells once; `until`: not before this is set."""

    def __init__(self, until: threading.Event) -> None:
        self.until, self.told = until, threading.Event()

    def tell(self) -> int:
        assert self.until.wait(60)
        self.told.set()
        return 1


def test_a_channel_that_hangs_delays_no_other() -> None:
    free = threading.Event()
    free.set()
    quick = Telling(free)
    hanging = Telling(quick.told)  # it hangs until the other one has told
    settings = SimpleNamespace(alarm_every=timedelta(hours=1))
    context = cast(Any, SimpleNamespace(settings=settings))
    alarming = Alarming(context, cast(Any, None), cast(Any, [hanging, quick]))

    async def both() -> None:
        task = asyncio.create_task(alarming.tell())
        assert await asyncio.to_thread(hanging.told.wait, 10)
        task.cancel()

    asyncio.run(both())
