"""Who is asking: the client's address, as the limits count it."""

import ipaddress

from flask import request


def address() -> str:
    """The address that limits are counted by; an IPv6 household is one /56
    (RFC 6177 section 2: sites get more than one /64, so that a /64 is no limit to anybody).

    Behind a proxy it is right only if `trusted_proxies` is configured.
    """
    return network_of(request.remote_addr or "")


def network_of(text: str) -> str:
    """The text itself for IPv4 and for what is no address; the /56 for IPv6."""
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 56), strict=False))
    return str(found)
