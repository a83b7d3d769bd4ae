"""What a check finds."""

from dataclasses import dataclass
from enum import StrEnum


class CheckStatus(StrEnum):
    OK = "ok"
    WARNING = "warning"  # it works, but it should be looked at
    WRONG = "wrong"
    SKIPPED = "skipped"  # could not be looked at; another finding says why


@dataclass(frozen=True, slots=True)
class Finding:
    """check: stable, for programs. what: one sentence on what is. mend: what to do, if anything."""

    check: str
    verdict: CheckStatus
    what: str
    mend: str = ""


def ok(check: str, what: str) -> Finding:
    return Finding(check, CheckStatus.OK, what)


def warning(check: str, what: str, mend: str) -> Finding:
    return Finding(check, CheckStatus.WARNING, what, mend)


def wrong(check: str, what: str, mend: str) -> Finding:
    return Finding(check, CheckStatus.WRONG, what, mend)


def skipped(check: str, what: str) -> Finding:
    return Finding(check, CheckStatus.SKIPPED, what)
