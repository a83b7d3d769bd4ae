"""The clock goes on whatever the machine says of its zone."""

import subprocess
import sys

import pytest

# A process of its own: what the machine's zone is, is looked up once.
PROGRAM = """
import asyncio
from datetime import UTC, datetime, timedelta
from asterisk_callback.dispatcher.clock import Clock

async def scene():
    rang = asyncio.Event()
    clock = Clock(rang.set, sweep=timedelta(hours=1))
    clock.start()
    clock.aim(datetime.now(UTC))
    await rang.wait()
    clock.stop()

asyncio.run(scene())
"""


@pytest.mark.case("CASES 4: TZ as Python can't read it")
@pytest.mark.parametrize(
    "zone", ["America/New York", "EST5EDT,M3.2.0,M11.1.0", "Etc/Unknown", '"Europe/London"']
)
def test_a_zone_of_the_machine_that_is_none(zone: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env={"TZ": zone}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
