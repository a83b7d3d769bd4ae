"""Asterisk as a witness of how far our database had come.

AstDB keeps the highest mark that it was told of, under the name of our installation: whoever
restores the database from yesterday's dump meets it there. To write needs no right beyond
`originate`: it goes by way of the dialplan.
"""

import logging

from asterisk_callback.telephony import aside, contract
from asterisk_callback.telephony.link import ActionTimeout, AmiLink, LinkNotReady

log = logging.getLogger(__name__)


async def ask(link: AmiLink, installation: str, instance: str = "") -> int | None:
    """The mark that Asterisk was last told of; None if it knows nothing. Raises LinkNotReady and
    ActionTimeout."""
    family = contract.of_instance(contract.ASTDB_WITNESS, instance)
    value = await aside.stored(link, family, installation) or ""
    return int(value) if value.isascii() and value.isdigit() else None


async def tell(link: AmiLink, installation: str, mark: int, instance: str = "") -> None:
    """Leaves the mark in AstDB. What gets lost on the way is told again with the next one."""
    extension = contract.witness_extension(installation, mark)
    channel = f"Local/{extension}@{contract.CONTEXT_WITNESS}/n"
    try:
        await link.action("Originate", aside.lines(channel, instance))
    except (LinkNotReady, ActionTimeout) as error:
        log.info("mark %d was not left in AstDB: %s", mark, error)
