"""[asterisk.log_in.NAME]: how *Log in* on our pages makes a phone a member of a queue."""

import re
from typing import Annotated

from pydantic import AfterValidator

from asterisk_callback.config.sections import Section, key
from asterisk_callback.domain.queue_member import is_pattern

# Where a value stands in Asterisk's own database.
_DB = r"db:[A-Za-z0-9_]+(/[A-Za-z0-9_.-]+)+"


def _template(pattern: str, sentence: str) -> AfterValidator:
    """Text with {extension} and {queue} in it; "" is none."""
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        filled = value.replace("{extension}", "1").replace("{queue}", "1")
        if value and not compiled.fullmatch(filled):
            raise ValueError(f"{sentence}; {{extension}} and {{queue}} may stand in it")
        return value

    return AfterValidator(check)


def _one(value: str) -> str:
    if not is_pattern(value) or value.count("*") != 1:
        raise ValueError("must be interfaces as Asterisk names them, with one * for the extension")
    return value


class LogInSettings(Section):
    """Keys left out are not sent."""

    members: Annotated[str, AfterValidator(_one)] = key('members = "Local/*@from-queue/n"')
    state_interface: Annotated[
        str,
        _template(
            r"hint:[\w.-]+@[\w.-]+|[A-Za-z][A-Za-z0-9]*[:/][A-Za-z0-9_.@/*+-]+",
            "must be a device such as PJSIP/1001, or hint:EXTENSION@CONTEXT",
        ),
    ] = key('state_interface = "hint:{extension}@ext-local"', "")
    member_name: Annotated[
        str,
        _template(
            rf"{_DB}|(?!db:)\w[\w .()'/-]{{0,79}}",
            "must be a name of letters, digits, spaces and . ( ) ' / -, or db:FAMILY/KEY",
        ),
    ] = key('member_name = "Agent {extension}"', "")
    penalty: Annotated[
        str,
        _template(rf"{_DB}|[0-9]{{1,4}}", "must be a number in quotes, or db:FAMILY/KEY"),
    ] = key('penalty = "2"', "")
    lamp: Annotated[
        str,
        _template(r"Custom:[A-Za-z0-9_.*#-]{1,120}", "must be a device state such as Custom:NAME"),
    ] = key('lamp = "Custom:QUEUE{extension}*{queue}"', "")
