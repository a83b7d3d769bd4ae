"""`dialling`: stop all calls, or those of one callback queue, and go on later."""

from asterisk_callback.commands.holds import Words, group
from asterisk_callback.domain.hold import Held

dialling = group(
    Held.DIALLING,
    Words(
        group="Stop all calls, or those of one callback queue, and resume them.",
        stop="Ring nobody from now on, for QUEUE or for all of them. Talks go on.\n\n"
        "Wishes are accepted and keep their place in line; they expire at their time as always.",
        resume="Dial again, for QUEUE, or for all whose own queue is not stopped.",
        why="For whoever asks why nobody is called.",
    ),
)
