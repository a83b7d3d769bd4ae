"""All the checks, in the order in which an admin would fix what they find."""

import asyncio
import itertools
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from asterisk_callback.config import Settings
from asterisk_callback.doctor import (
    calendar,
    channels,
    configuration,
    database,
    host_files,
    mail,
    pbx,
    service_user,
    team,
)
from asterisk_callback.doctor.finding import Finding

Seen = Callable[[Finding], None]


def examine(settings: Settings, file: Path | None, seen: Seen) -> list[Finding]:
    """Runs every check; `seen` gets each finding as it comes. Ends within about a minute, whatever
    does not answer."""
    findings: list[Finding] = []

    def note(finding: Finding) -> None:
        findings.append(finding)
        seen(finding)

    today = datetime.now(ZoneInfo(settings.company.zone)).date()
    own = (
        configuration.check(settings, file), calendar.check(settings, today),
        database.check(settings), mail.check(settings), team.check(settings),
        channels.check(settings, file),
        [service_user.check(settings, file)], host_files.check(settings),
    )  # fmt: skip
    for finding in itertools.chain.from_iterable(own):
        note(finding)
    asyncio.run(pbx.check(settings, note))
    return findings
