"""The kinds of values in the configuration, each with the one sentence that says what is right.

A validator raises ValueError with that sentence; it never repeats the value, which may be a secret.
"""

import re
import string
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit, urlunsplit

from pydantic import AfterValidator, Field, PlainValidator, SecretStr

from asterisk_callback.config import database_url
from asterisk_callback.domain import appointment, colour, phone
from asterisk_callback.domain.email_address import is_address
from asterisk_callback.domain.errors import InvalidInput
from asterisk_callback.domain.host_name import in_ascii
from asterisk_callback.domain.languages import LANGUAGES
from asterisk_callback.domain.mobile import is_number
from asterisk_callback.domain.queue import QUESTIONS, QUEUE_OPTIONS
from asterisk_callback.domain.queue_member import is_pattern
from asterisk_callback.domain.trunk import NATIONAL

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"([0-9]{1,9})(s|m|h|d)")
_PLACEHOLDERS = frozenset({"e164", "digits", "national", "prefix"})
# No '&' (a second phone), no ',' '|' (arguments of Dial), no '$' (evaluated by the dialplan).
_DIAL = re.compile(r"[A-Za-z0-9_./@:+-]*")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server of ours listens. port 0: any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str) and (found := _DURATION.fullmatch(value)):
        return timedelta(seconds=int(found[1]) * _UNITS[found[2]])
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9:
        return timedelta(seconds=value)
    if isinstance(value, str) and value.isdigit() and len(value) < 10:
        return timedelta(seconds=int(value))  # the environment has no numbers
    raise ValueError('must be a time: seconds as a number, or text like "30s", "5m", "24h", "2d"')


def _address(value: Any) -> Address:
    if isinstance(value, Address):
        return value
    host, colon, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError("must be an address and a port, HOST:PORT")
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        raise ValueError("must have its IPv6 address in brackets, [HOST]:PORT")
    host = host.strip("[]")
    if not re.fullmatch(r"[A-Za-z0-9._:%-]{1,253}", host):
        raise ValueError("must be an address and a port, HOST:PORT")
    return Address(host, int(port))


def _zone(value: str) -> str:
    try:
        appointment.zone(value)
    except InvalidInput:
        raise ValueError("must be an IANA time zone") from None
    return value


def _region(value: str) -> str:
    if not phone.calling_code(value):
        raise ValueError("must be the ISO 3166 code of a country, two capital letters")
    return value


def _dial(value: str) -> str:
    try:
        parts = list(string.Formatter().parse(value))
    except ValueError:
        raise ValueError("has a brace without its other half") from None
    names = [name for _, name, _, _ in parts if name is not None]
    if any(name not in _PLACEHOLDERS or spec or conv for _, name, spec, conv in parts if name):
        raise ValueError("may hold only the placeholders {e164} {digits} {national} {prefix}")
    if "" in names or not {"e164", "digits", "national"} & set(names):
        raise ValueError("must hold the number: one of {e164} {digits} {national}")
    if not all(_DIAL.fullmatch(literal) for literal, *_ in parts):
        raise ValueError("may hold only letters, digits, _ . / @ : + - beside the placeholders")
    return value


def _dial_foreign(value: str) -> str:
    if NATIONAL in value:
        raise ValueError("must hold the country's code, too: {digits} or {e164}, not {national}")
    return _dial(value) if value else value


def _recording(value: str) -> str:
    """A later talk of the same request must not write over an earlier one."""
    literal = value.replace("{id}", "").replace("{attempt}", "")
    if not value:
        return value
    if not re.fullmatch(r"[A-Za-z0-9_./-]{1,120}\.[a-z0-9]{2,5}", literal):
        raise ValueError(
            "must be a file with its ending: letters, digits, _ . / - and placeholders"
        )
    if not {"{id}", "{attempt}"} <= set(re.findall(r"\{\w+\}", value.rpartition("/")[2])):
        raise ValueError("must hold {id} and {attempt} in the file's name: of each talk a file")
    return value


def _mailbox(value: str) -> str:
    name, address = parseaddr(value)
    # What comes back must be what was written: else half of it was taken for something else.
    plain = value == address or value in (f"{name} <{address}>", f'"{name}" <{address}>')
    if not plain or not value.isprintable() or not is_address(address):
        raise ValueError("must be one e-mail address, with or without a name before it")
    if not address.rpartition("@")[0].isascii():
        raise ValueError("must have no accents before its @: many mail servers take none there")
    return value


def _accent(value: str) -> str:
    if not colour.is_colour(value):
        raise ValueError("must be a colour of six hexadecimal digits with a # in front")
    ratio = colour.contrast(value, colour.LIGHT_PAGE)
    if ratio < colour.LEGIBLE:
        raise ValueError(
            f"must be darker: text in it has a contrast of {ratio:.1f}:1 to the page, and "
            f"{colour.LEGIBLE}:1 is the least that people can read (WCAG 2.2)"
        )
    return value


ETC = Path("/etc/asterisk")  # where Asterisk's packages have its own files


def _folder(value: Path) -> Path:
    if not value.is_absolute():
        raise ValueError("must be a folder's whole path, such as /etc/asterisk")
    return value


def _matching(pattern: str, sentence: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(sentence)
        return value

    return AfterValidator(check)


def _languages(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value or len(set(value)) < len(value) or not set(value) <= set(LANGUAGES):
        raise ValueError(f"must be some of {', '.join(LANGUAGES)}, each once, your own first")
    return value


def _long(least: int) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < least:
            raise ValueError(f"must have at least {least} characters")
        return value

    return AfterValidator(check)


def _web_address(value: SecretStr) -> SecretStr:
    """Never shown: the address of a hook is often its only secret."""
    if not re.fullmatch(r"https?://[^\s/]\S*", value.get_secret_value()):
        raise ValueError("must begin with http:// or https://")
    return SecretStr(_in_ascii(value.get_secret_value()))


def _in_ascii(url: str) -> str:
    """With its host as the DNS has it: left to Python's sockets, faß.de would be fass.de."""
    try:
        given = urlsplit(url)
        if not given.hostname or given.port == 0:
            raise ValueError
        user, at, host = given.netloc.rpartition("@")
        name, colon, port = host.partition(":")
        if not name.isascii():
            url = urlunsplit(given._replace(netloc=f"{user}{at}{in_ascii(name)}{colon}{port}"))
    except ValueError:
        raise ValueError("must have a host, and a port of 1 to 65535 if any") from None
    if not url.isascii():
        raise ValueError("must have its letters beyond ASCII as %XX, but those of its host")
    return url


def _no_line_end(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().isprintable():
        raise ValueError("must not hold control characters or line ends")
    return value


def _database_url(value: SecretStr) -> SecretStr:
    if wrong := database_url.fault(value.get_secret_value()):
        raise ValueError(wrong)
    return value


def _sendable(value: SecretStr) -> SecretStr:
    """A key with any other character could never come in a header, and so never fit."""
    if not re.fullmatch(r"[\x21-\x2b\x2d-\x7e]*", value.get_secret_value()):
        raise ValueError("must be ASCII letters, digits and signs, without spaces and commas")
    return value


def _members(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value or not all(map(is_pattern, value)):
        raise ValueError(
            "must be the phones that agents may have, as Asterisk names them; * stands for "
            "letters, digits and _ . -"
        )
    return value


def _questions(value: tuple[str, ...]) -> tuple[str, ...]:
    if not set(value) <= set(QUESTIONS):
        raise ValueError(f"may hold only {', '.join(QUESTIONS)}")
    return value


def _number(value: str) -> str:
    if not is_number(value):
        raise ValueError(
            "must be a telephone number with its country's code, such as +447400900123"
        )
    return value


def _pattern(value: Any) -> re.Pattern[str]:
    if isinstance(value, re.Pattern):
        return value
    if value == "":
        raise ValueError("must not be empty, which is in every answer; leave it out instead")
    try:
        return re.compile(value, re.DOTALL)
    except (TypeError, re.error):
        raise ValueError("must be a regular expression, as Python's re has them") from None


Duration = Annotated[timedelta, PlainValidator(_duration)]
Listen = Annotated[Address, PlainValidator(_address)]


def _reached(value: Any) -> Address:
    address = _address(value)
    if address.host in ("0.0.0.0", "::"):  # noqa: S104
        raise ValueError(
            f"{address.host} is all addresses of a machine, and none that another can reach: say "
            f'the one by which it is reached, such as "192.0.2.7:{address.port}"'
        )
    return address


# Not where a server listens, but where it is reached.
Reached = Annotated[Address, PlainValidator(_reached)]
Zone = Annotated[str, AfterValidator(_zone)]
Region = Annotated[str, AfterValidator(_region)]
Questions = Annotated[tuple[str, ...], AfterValidator(_questions)]
Languages = Annotated[tuple[str, ...], AfterValidator(_languages)]
Accent = Annotated[str, AfterValidator(_accent)]
Members = Annotated[tuple[str, ...], AfterValidator(_members)]
Dial = Annotated[str, AfterValidator(_dial)]
DialForeign = Annotated[str, AfterValidator(_dial_foreign)]
Name = Annotated[
    str, _matching(r"[a-z0-9-]{1,64}", "must be 1 to 64 small letters, digits and hyphens")
]
# It is kept with each wish, behind a few letters.
SiteName = Annotated[
    str, _matching(r"[a-z0-9-]{1,40}", "must be 1 to 40 small letters, digits and hyphens")
]
Origin = Annotated[
    str,
    _matching(
        r"https?://([a-z0-9.-]{1,253}|\[[0-9a-f:]{2,39}\])(:[0-9]{1,5})?",
        "must be http:// or https:// and a host in small letters, without a path",
    ),
]
AsteriskName = Annotated[
    str,
    _matching(
        r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}", "may hold only letters, digits, _ . - (80 at most)"
    ),
]
Host = Annotated[str, _matching(r"[A-Za-z0-9._:-]{1,253}", "must be a host name or an IP address")]
Sounds = Annotated[
    str,
    _matching(r"[A-Za-z0-9_./&-]{0,200}", "must be sound files without their ending, divided by &"),
]
Folder = Annotated[Path, AfterValidator(_folder)]
Recording = Annotated[str, AfterValidator(_recording)]
QueueOptions = Annotated[
    str,
    _matching(
        rf"(?:([{QUEUE_OPTIONS}])(?!.*\1))*",
        f"may hold only {' '.join(QUEUE_OPTIONS)}, each once: Queue()'s options for the agent",
    ),
]
# What begins our own contexts in Asterisk can't be a name there (telephony/contract.py).
Instance = Annotated[
    str,
    _matching(
        r"(?!(?:account|agent|connected|customer|dial|doctor|facts|first|forget|gate|lamp|left"
        r"|member|members|no|preview|report|routes|settings|tell|whisper|witness)$)([a-z][a-z0-9]{0,15})?",
        "must be 1 to 16 small letters and digits, a letter first, and no word of our contexts",
    ),
]
Codecs = Annotated[
    str, _matching(r"[a-z0-9]{2,16}(,[a-z0-9]{2,16}){0,7}", "must be codecs as Asterisk names them")
]
CallerId = Annotated[
    str, _matching(r"(\+?[0-9]{1,20})?", "must be digits, with or without a + in front")
]
Range = Annotated[
    str,
    _matching(r"\+[1-9][0-9]{0,14}", "must be the first digits of a number, with a + in front"),
]
Number = Annotated[str, AfterValidator(_number)]
Pattern = Annotated[re.Pattern[str], PlainValidator(_pattern)]
HeaderName = Annotated[
    str, _matching(r"[A-Za-z0-9-]{1,64}", "must be a header's name: letters, digits and -")
]
HttpStatus = Annotated[int, Field(ge=100, le=599)]
Prefix = Annotated[str, _matching(r"[0-9*#+]{0,16}", "must be digits, * # or +")]
Url = Annotated[
    str,
    _matching(r"https?://[^\s/]+", "must be http:// or https:// and a host, without a path"),
    AfterValidator(_in_ascii),
]
AnyUrl = Annotated[str, _matching(r"https?://\S+", "must begin with http:// or https://")]
Line = Annotated[str, _matching(r"[^\x00-\x1f\x7f]{0,80}", "must be one line of 80 characters")]
Title = Annotated[str, _matching(r"[^\x00-\x1f\x7f]{1,80}", "must be one line of 1 to 80 letters")]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
MailSecurity = Literal["starttls", "tls", "none"]
Secret = Annotated[SecretStr, AfterValidator(_no_line_end), _long(1)]
SecretKey = Annotated[SecretStr, AfterValidator(_no_line_end), _long(32)]
ApiKey = Annotated[SecretStr, AfterValidator(_sendable), _long(16)]
Webhook = Annotated[SecretStr, AfterValidator(_web_address)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
