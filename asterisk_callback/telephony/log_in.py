"""How a PBX's own code makes a phone a queue member, so that *Log in* on our pages does the same.

An agent who logs in now by a code and now on our pages must be one person to the PBX: in its queue
log, whose lines carry the member's name, and on its lamps. What is sent is made of the
configuration and of the interface's own extension. The name may also be one that the PBX itself
keeps (in AstDB); what a user of ours is called is typed text, and stays here (P14). Pure.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from asterisk_callback.telephony.wire import UnsafeField

# A value that stands in AstDB: "db:FAMILY/KEY"
_DB: Final = "db:"
# What `*` stands for in a pattern of interfaces: domain/queue_member.py
_EXTENSION: Final = "([A-Za-z0-9_.-]+)"
# Of a name that the PBX keeps: nothing that anything there evaluates or divides at (with
# setinterfacevar a comma would begin another variable).
_NAME: Final = re.compile(r"\w[\w .()'/&-]{0,79}")
_PENALTY: Final = re.compile(r"[0-9]{1,4}")


@dataclass(frozen=True, kw_only=True, slots=True)
class LogIn:
    """members: the interfaces it is for; `*` in it is their extension. The others hold {extension}
    and {queue}; "" for none.

    state_interface: whose state is the member's. member_name, penalty: as they are, or
    "db:FAMILY/KEY" of Asterisk's database. lamp: a device state, in use while logged in.
    """

    members: str
    state_interface: str = ""
    member_name: str = ""
    penalty: str = ""
    lamp: str = ""


# Members that are not the phone itself. Ours who confirm by a key (callback_member.conf), and
# FreePBX's.
BUILT_IN: Final = tuple(
    LogIn(members=f"Local/*@{context}", state_interface=state)
    for context, state in (
        ("callback-member", "PJSIP/{extension}"),
        ("callback-member/n", "PJSIP/{extension}"),
        ("from-queue", "hint:{extension}@ext-local"),
        ("from-queue/n", "hint:{extension}@ext-local"),
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Joining:
    """One phone's way into one queue. name, penalty: text, or a place in AstDB; see `place`."""

    state_interface: str = ""
    name: str = ""
    penalty: str = ""
    lamp: str = ""


def joining(log_ins: Sequence[LogIn], interface: str, queue: str) -> Joining:
    """How this phone joins this queue: as the first row says that is for it; none: as it is."""
    for row in (*log_ins, *BUILT_IN):
        pattern = _EXTENSION.join(map(re.escape, row.members.split("*")))
        if found := re.fullmatch(pattern, interface):
            return Joining(
                state_interface=_filled(row.state_interface, found[1], queue),
                name=_filled(row.member_name, found[1], queue),
                penalty=_filled(row.penalty, found[1], queue),
                lamp=_filled(row.lamp, found[1], queue),
            )
    return Joining()


def place(value: str) -> tuple[str, str] | None:
    """The family and the key in AstDB where the value stands; None: it is the value."""
    if not value.startswith(_DB):
        return None
    family, _, key = value.removeprefix(_DB).rpartition("/")
    return family, key


def fields(how: Joining, name: str, penalty: str) -> dict[str, str]:
    """What QueueAdd gets beside queue and interface. name, penalty: as they were found; one that
    can't be sent is left out, as if the PBX had none."""
    found = {"StateInterface": how.state_interface}
    found["MemberName"] = name if can_be_sent(name) else ""
    found["Penalty"] = penalty if _PENALTY.fullmatch(penalty) else ""
    return {key: value for key, value in found.items() if value}


def can_be_sent(name: str) -> bool:
    """Is it a name that nothing in Asterisk takes apart?"""
    return _NAME.fullmatch(name) is not None


def lamp(how: Joining) -> str:
    """The device state's name, or "". Raises UnsafeField where it is no custom one."""
    if how.lamp and not re.fullmatch(r"Custom:[A-Za-z0-9_.*#-]{1,120}", how.lamp):
        raise UnsafeField("Variable", "is no custom device state")
    return how.lamp


def _filled(template: str, extension: str, queue: str) -> str:
    return template.replace("{extension}", extension).replace("{queue}", queue)
