"""The page on which somebody asked for a call: an address that is shown, and never fetched.

It says where somebody was when they wanted a call, and no more: what stands behind a “?” or a “#”
may be a secret or say who they are, and is not kept.
"""

import re
from collections.abc import Iterable

from asterisk_callback.domain.errors import InvalidInput

LONGEST = 200
# As browsers write addresses: all else is percent-encoded, and names of hosts are in punycode. So
# there is nothing in it that looks like what it is not. ASCII: else “ſ” would be an “s”.
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://"
    r"(?:[^/?#\\]*@)?"  # who signed in there: not kept
    r"(?P<host>(?:[a-z0-9_](?:[a-z0-9._-]*[a-z0-9])?\.?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?)"
    r"(?P<path>/[a-z0-9._~!$&'()*+,;=:@%/|\[\]^-]*)?"
    r"(?:[?#].*)?",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)


def origin_and_path(typed: str) -> str:
    """What is kept of a page's address: nothing of nothing, and of one whose path makes it longer
    than `LONGEST` only the origin. Raises InvalidInput (page) for what is no http(s) address."""
    text = typed.strip()
    if not text:
        return ""
    found = _ADDRESS.fullmatch(text)
    origin = f"{found['scheme']}://{found['host']}".lower() if found else ""
    if found is None or len(origin) > LONGEST:
        raise InvalidInput(
            "page",
            "This is no address of a web page. Write one like https://www.example.org/offers.",
        )
    page = origin + (found["path"] or "")
    return page if len(page) <= LONGEST else origin


def on_one_of(origins: Iterable[str], told: str) -> str:
    """The same for an address that a browser told us, which nobody can correct: empty unless it is
    a page of one of these origins."""
    try:
        page = origin_and_path(told)
    except InvalidInput:
        return ""
    return page if "/".join(page.split("/", 3)[:3]) in origins else ""


def shown(page: str) -> str:
    """As people say it: larkmoor.example/moving."""
    return page.partition("://")[2].removesuffix("/")
