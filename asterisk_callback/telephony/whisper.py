"""What the agent hears first: that it is a callback, for which queue, and how long they waited."""

from datetime import timedelta

from asterisk_callback.domain.queue import CallbackQueue
from asterisk_callback.telephony.contract import WAITED_MINUTES


def whisper(sounds: str, queue: CallbackQueue, waited: timedelta) -> str:
    """Sound files divided by "&", as Playback() takes them. sounds: the folder of our prompts.

    Under a minute nothing is said of the wait.
    """
    files = [queue.whisper or f"{sounds}callback"]
    minutes = waited.total_seconds() / 60
    reached = [mark for mark in WAITED_MINUTES if mark <= minutes]
    if reached:
        files.append(f"{sounds}waited-{reached[-1]}")
    return "&".join(files)
