"""E-mail addresses: what one is, what stands on the envelope, whose mailbox it most probably is.

A domain in another script is judged and written as host_name.py says.
"""

import re
import unicodedata
from contextlib import suppress

from asterisk_callback.domain.host_name import in_ascii

# A guard against header tricks and lists of addresses, not a judgement on RFC 5321: no white
# space or control character, none of the signs that divide or quote addresses, one @.
# Nor `=?`, with which an encoded word begins (RFC 2047): once decoded it may be any of these.
_ADDRESS = re.compile(r"(?!.*=\?)([^\s\x00-\x1f\x7f@,;:<>()\[\]\\\"]{1,64})@([^@]{1,253})")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
# The last label is a name or an international one in its ASCII form, such as xn--p1ai.
_HOST = re.compile(rf"(?:{_LABEL}\.)+(?:[A-Za-z]{{2,63}}|[Xx][Nn]--{_LABEL})")
LONGEST = 254  # RFC 5321, section 4.5.3.1.3, without the angle brackets


def is_address(text: str) -> bool:
    """Does this look like exactly one e-mail address?"""
    try:
        on_envelope(text)
    except ValueError:
        return False
    return True


def on_envelope(text: str) -> str:
    """The address with its domain in ASCII; what stands before the @ is left as it is.

    Raises ValueError if it is not exactly one address.
    """
    found = _ADDRESS.fullmatch(text)
    if found is None or len(text) > LONGEST or not text.isprintable():
        raise ValueError("this is not one e-mail address")
    address = f"{found[1]}@{_in_ascii(found[2])}"
    if len(address) > LONGEST:
        raise ValueError("this e-mail address is too long")
    return address


def _in_ascii(domain: str) -> str:
    written = in_ascii(domain)
    if not _HOST.fullmatch(written):
        raise ValueError("this is no domain of an e-mail address")
    return written


def mask(address: str) -> str:
    """The address with all but its first letter and its domain hidden; empty stays empty."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}•••{at}{domain}" if at else ""


# One mailbox under two domains, whatever dots its name is written with (Google's help, "Dots don't
# matter in Gmail addresses").
_GMAIL = ("gmail.com", "googlemail.com")


def mailbox(address: str) -> str:
    """The mailbox that an address most probably is: without what follows a `+`, in one writing of
    its letters and its domain. Only to count by: who has many such addresses has one mailbox."""
    local, _, domain = unicodedata.normalize("NFKC", address).rpartition("@")
    with suppress(ValueError):
        domain = _in_ascii(domain)
    local, domain = local.casefold().partition("+")[0], domain.lower()
    if domain in _GMAIL:
        return f"{local.replace('.', '')}@{_GMAIL[0]}"
    return f"{local}@{domain}"
