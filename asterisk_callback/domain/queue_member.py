"""Queue members: which channels may be rung as somebody's phone.

A member's interface is a dial string: without a list of what is allowed, whoever can name one has
Asterisk dial any number by any line.
"""

import re
from dataclasses import dataclass

from asterisk_callback.domain.account import InvalidAccount, is_member

# Phones, and the Local channels of FreePBX and of ours whose agents confirm by a key.
PHONES = (
    "PJSIP/*",
    "SIP/*",
    "Local/*@from-queue/n",
    "Local/*@callback-member",
    "Local/*@callback-member/n",
)
_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9]{1,15}/[A-Za-z0-9_*][A-Za-z0-9_.@/+*-]{0,62}")
# What `*` stands for: no @ and no /, so that none reaches into another context or trunk.
_ANY = "[A-Za-z0-9_.-]+"


def is_pattern(text: str) -> bool:
    """Can it stand in a list of what is allowed?"""
    return _PATTERN.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class MemberRules:
    """patterns: the interfaces that may be rung; `*` is one or more of letters, digits, _ . -"""

    patterns: tuple[str, ...] = PHONES

    def allow(self, interface: str) -> bool:
        """May calls go to this interface?"""
        return is_member(interface) and any(
            re.fullmatch(_ANY.join(map(re.escape, one.split("*"))), interface)
            for one in self.patterns
        )

    def checked(self, text: str) -> str | None:
        """The interface that somebody typed; None for an empty one. Raises InvalidAccount
        (member)."""
        member = text.strip()
        if not member:
            return None
        if not self.allow(member):
            known = ", ".join(self.patterns)
            raise InvalidAccount(
                "member",
                f"Write the queue member as Asterisk does, such as PJSIP/anna. Allowed are {known} "
                "(* is letters, digits and _ . -); [asterisk] members in callback.toml names more.",
            )
        return member
