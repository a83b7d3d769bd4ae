"""Who is asking: the client's address, as the limits count it."""

import ipaddress
import logging

from flask import Flask, request

from asterisk_callback.domain import client_network

log = logging.getLogger(__name__)


def address() -> str:
    """The address that limits are counted by (domain/client_network.py). Behind a proxy it is right
    only if `trusted_proxies` is configured."""
    return client_network.counted(request.remote_addr or "")


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
