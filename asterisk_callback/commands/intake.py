"""`intake`: offer no callbacks for a while, in all or in one callback queue."""

from asterisk_callback.commands.holds import Words, group
from asterisk_callback.domain.hold import Held

intake = group(
    Held.INTAKE,
    Words(
        group="Stop the taking of new wishes, in all or for one callback queue, and resume it.",
        stop="Take no new wishes from now on, for QUEUE or for all of them.\n\n"
        "The form and the API say so. Wishes that there are go on being called.",
        resume="Take wishes again, for QUEUE, or for all whose own queue is not stopped.",
        why="For whoever asks why callbacks are not offered.",
    ),
)
