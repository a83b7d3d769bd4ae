"""What differs from PBX to PBX in what `init` writes and says: one row for each kind."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class PbxKind:
    """dialplan, manager: the files of /etc/asterisk that get our lines, at their end. sounds: the
    folder of the English sounds. members: what a user's queue member may be; empty: the setting's
    default. log_in: the sample of [asterisk.log_in] is its own way. numbered: its queues have
    numbers for names. reload: what loads the files."""

    dialplan: str
    manager: str
    sounds: str
    members: tuple[str, ...]
    log_in: bool
    numbered: bool
    reload: str


ASTERISK = PbxKind(
    dialplan="extensions.conf",
    manager="manager.conf",
    sounds="/usr/share/asterisk/sounds/en",
    members=(),
    log_in=False,
    numbered=False,
    reload="asterisk -rx 'dialplan reload'; asterisk -rx 'manager reload'",
)
# FreePBX writes extensions.conf and manager.conf anew at each Apply Config, but leaves alone what
# ends in _custom.conf.
FREEPBX = PbxKind(
    dialplan="extensions_custom.conf",
    manager="manager_custom.conf",
    sounds="/var/lib/asterisk/sounds/en",
    members=("Local/*@from-queue/n",),
    log_in=True,
    numbered=True,
    reload="fwconsole reload",
)
