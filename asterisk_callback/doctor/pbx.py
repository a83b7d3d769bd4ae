"""Asterisk: every check that needs the AMI link."""

import asyncio
from collections.abc import Callable

from asterisk_callback import bootstrap
from asterisk_callback.config import Settings
from asterisk_callback.doctor import dialplan, gate, queues, recording, rights, routes
from asterisk_callback.doctor.ami_probe import DoctorAmi
from asterisk_callback.doctor.finding import Finding, ok, skipped, warning, wrong
from asterisk_callback.domain.errors import CallbackError
from asterisk_callback.telephony.ami import LinkError, LinkState

_LINK = "asterisk.link"
_MEND = {
    LinkState.UNREACHABLE: "start Asterisk, or mend host and port in [asterisk]; manager.conf "
    "needs enabled=yes",
    LinkState.LOGIN_REFUSED: "compare username and secret in [asterisk] with the user in "
    "manager_callback.conf, and its permit with this machine; then: manager reload",
    LinkState.BOOT_SILENT: "add system to read in manager_callback.conf; then: manager reload",
}
_LATER = "asterisk -rx 'core show uptime' tells whether it is well"

Note = Callable[[Finding], None]


def _lets_in(settings: Settings) -> str:
    """The dispatcher that Asterisk has let in with these very credentials, or ""."""
    try:
        store = bootstrap.store(settings)
        try:
            found, needed = bootstrap.schema(store)
            if found != needed:
                return ""
            with store.reading() as tx:
                mine = [one for one in tx.servers.all() if one.server == settings.asterisk.name]
                return next((one.dispatcher for one in mine if one.ready_now(tx.now)), "")
        finally:
            store.close()
    except CallbackError:
        return ""


def _only_one(settings: Settings, dispatcher: str) -> Finding:
    return warning(
        _LINK,
        f"Asterisk refuses a second login of {settings.asterisk.username!r}, and dispatcher "
        f"{dispatcher!r} has the first: allowmultiplelogin=no in manager.conf. Calls are made, but "
        "after a link that broke the dispatcher is let in again only once Asterisk has noticed",
        "allowmultiplelogin = yes in [general] of manager.conf, and: manager reload; a second "
        "dispatcher and doctor need it",
    )


async def check(settings: Settings, note: Note) -> None:
    """Notes each finding as it comes. Every step has a deadline."""
    try:
        line = DoctorAmi(
            bootstrap.ami_address(settings),
            bootstrap.timings(settings),
            settings.asterisk.instance,
        )
    except bootstrap.SetupError as error:
        note(wrong(_LINK, error.sentence, "mend it, and run doctor again"))
        return
    async with line:
        await line.settled()
        link = line.link
        if link.state is not LinkState.READY:
            state, reason = line.worst
            other = _lets_in(settings) if "allowmultiplelogin" in reason else ""
            note(
                _only_one(settings, other)
                if other
                else wrong(_LINK, reason, _MEND.get(state, _LATER))
            )
            note(skipped("asterisk.rest", "rights, dialplan, queues and gate were not looked at"))
            return
        note(ok(_LINK, f"{link.reason}, as {settings.asterisk.username!r}"))
        parts = (
            rights.check, dialplan.check, queues.check, dialplan.check_trunks, gate.check,
            routes.check, recording.check,
        )  # fmt: skip
        for part in parts:
            try:
                async with asyncio.timeout(60):
                    for finding in await part(line, settings):
                        note(finding)
            except (LinkError, TimeoutError) as error:
                what = str(error) or "no answer within a minute"
                note(wrong(_LINK, f"the link failed half-way: {what}", "run doctor again"))
