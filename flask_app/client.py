"""Who is asking: the client's address, as the limits count it."""

import ipaddress
import logging

from flask import Flask, request

log = logging.getLogger(__name__)

# All clients whose address can't be read count as one: nobody gains by sending nonsense.
UNKNOWN = "unknown"


def address() -> str:
    """The address that limits are counted by: an IPv4 address, or a /64 of IPv6.

    A /64 is one network (RFC 4291 section 2.5.4). A larger block is often more than one
    household: a mobile operator gives each telephone its own /64 beside those of strangers
    (RFC 6459 section 5.2). Behind a proxy it is right only if `trusted_proxies` is configured.
    """
    return network_of(request.remote_addr or "")


def watch_for_proxies(app: Flask) -> None:
    """For an app that trusts no proxy: says once in the log that there is one all the same.

    Only a neighbour on this machine is believed; anybody else may send the header for nothing.
    """
    told: list[bool] = []

    @app.before_request
    def _look() -> None:
        if told or "X-Forwarded-For" not in request.headers or not _on_this_machine():
            return
        told.append(True)
        log.warning(
            "a proxy is in front, and all customers count as one client: "
            "set trusted_proxies in [web] to the number of proxies"
        )


def _on_this_machine() -> bool:
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return True  # a Unix socket


def network_of(text: str) -> str:
    """The address for IPv4, the /64 for IPv6, UNKNOWN for what is no address.

    Some proxies write the client's port, too: `192.0.2.7:5060`, `[2001:db8::7]:5060`. It is taken
    off, or each connection would be another client.
    """
    try:
        found = ipaddress.ip_address(_without_port(text).partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
