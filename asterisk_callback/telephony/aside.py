"""What we ask of Asterisk beside calls, with no right of its own: lines of our dialplan that call
nobody, and what stands in AstDB."""

from asterisk_callback.telephony import contract
from asterisk_callback.telephony.link import ActionRefused, AmiLink

Fields = dict[str, str | int | list[str]]


def lines(channel: str, instance: str = "", *variables: str) -> Fields:
    """The Originate that runs them. channel: Local, to their extension and context; instance: our
    name among several; variables: what they read, each "NAME=value"."""
    return {
        "Channel": contract.of_instance(channel, instance),
        "Context": contract.of_instance(contract.CONTEXT_DOCTOR, instance),
        "Exten": "wait",
        "Priority": 1,
        "Timeout": 2000,
        "Async": "true",
        "Variable": list(variables),
    }


async def stored(link: AmiLink, family: str, key: str) -> str | None:
    """What AstDB has there; None: nothing. Raises LinkNotReady and ActionTimeout."""
    try:
        items = await link.list_action(
            "DBGet", {"Family": family, "Key": key}, complete="DBGetComplete"
        )
    except ActionRefused:
        return None
    return next((item["Val"] for item in items if "Val" in item), None)
