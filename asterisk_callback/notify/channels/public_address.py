"""Where a webhook may go: never to an inside address, whatever its name resolves to.

The name is resolved once, every address of the answer is judged, and the connection goes to one
that was judged: a second answer (DNS rebinding) is never asked for.
"""

import socket
from collections.abc import Callable, Collection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

Resolve = Callable[[str, int], list[str]]

# Addresses that carry an IPv4 address inside: the gateway goes there (RFC 6052, RFC 3056).
_NAT64 = IPv6Network("64:ff9b::/96")
_LAST_32 = 0xFFFFFFFF


class PrivateAddress(OSError):
    """An address that is not of the public internet."""


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def public_addresses(
    host: str, port: int, allowed: Collection[str] = (), look_up: Resolve = resolve
) -> list[str]:
    """The addresses to which a connection may go. allowed: hosts that may be inside, by name.

    Raises PrivateAddress if one of them is not public: who controls a name must not choose among
    them. Raises OSError if the host has no address.
    """
    addresses = look_up(host, port)
    if not addresses:
        raise OSError("its host has no address")
    if host in allowed:
        return addresses
    if not all(is_public(address) for address in addresses):
        raise PrivateAddress("its host has an address that is not public; see allow_hosts")
    return addresses


def is_public(text: str) -> bool:
    """Is this an address of the public internet, as far as anybody can tell from it?"""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        inner = _carried(address)
        if inner is not None:
            return _public(inner)
    return _public(address)


def _public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def _carried(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & _LAST_32)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour
