"""Who is asking: the client's address, as the limits count it."""

import ipaddress

from flask import request


def address() -> str:
    """The address that limits are counted by; an IPv6 household is one /64 (RFC 6177).

    Behind a proxy it is right only if `trusted_proxies` is configured.
    """
    return network_of(request.remote_addr or "")


def network_of(text: str) -> str:
    """The text itself for IPv4 and for what is no address; the /64 for IPv6."""
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
