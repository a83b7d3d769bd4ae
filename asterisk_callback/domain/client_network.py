"""Whose network an address is in: what limits of clients count by.

Counted is what somebody has to own or rent, not what they can choose freely within it.
"""

import ipaddress

# All clients whose address can't be read count as one: nobody gains by sending nonsense.
UNKNOWN = "unknown"
# What providers give one site at the least, and at the most without asking (RIPE-690, section 4.2).
_SITE, _PROVIDER = 56, 48
_TRANSLATED = (
    ipaddress.IPv6Network("64:ff9b::/96"),  # NAT64 (RFC 6052): the IPv4 address is at the end
    ipaddress.IPv6Network("::/96"),  # "IPv4-compatible" (RFC 4291, section 2.5.5.1)
)


def counted(text: str) -> str:
    """The IPv4 address, the /56 of IPv6, UNKNOWN for what is no address.

    An IPv6 address that carries an IPv4 one counts as that: mapped, 6to4, Teredo, NAT64. Who has
    one IPv4 address has 2^80 addresses of 6to4. Some proxies write the client's port, too:
    `192.0.2.7:5060`, `[2001:db8::7]:5060`. It is taken off, or each connection would be another.
    """
    try:
        found = ipaddress.ip_address(_without_port(text).partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(found, ipaddress.IPv6Address):
        inner = _inner(found)
        if inner is None:
            return str(ipaddress.ip_network((found, _SITE), strict=False))
        found = inner
    return str(found)


def around(network: str) -> str:
    """The network that surrounds what `counted` gave: the /48 of IPv6. An IPv4 address is one by
    itself: they are scarce, and providers put many of their customers behind neighbouring ones."""
    try:
        found = ipaddress.IPv6Network(network)
    except ValueError:
        return network
    return str(found.supernet(new_prefix=_PROVIDER))


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None or address.sixtofour is not None:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    low = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    # ::1 is this machine, and :: no address.
    carried = int(low) > 1 and any(address in network for network in _TRANSLATED)
    return low if carried else None


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
