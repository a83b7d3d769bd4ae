"""The words of the AMI link: where it goes, how long it waits, what state it is in, what can go
wrong."""

import random
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


@dataclass(frozen=True)
class AmiAddress:
    """One Asterisk server's AMI port and our user there. `tls`: None = plain TCP (loopback
    only)."""

    host: str
    port: int
    username: str
    secret: str = field(repr=False)
    tls: ssl.SSLContext | None = None

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class LinkTimings:
    """All in seconds. `connect` covers TCP, TLS and the banner; `boot` the wait for FullyBooted."""

    connect: float = 5.0
    login: float = 5.0
    boot: float = 15.0
    action: float = 5.0
    ping_every: float = 5.0
    ping_deadline: float = 5.0
    backoff_first: float = 0.5
    backoff_max: float = 30.0


class LinkState(Enum):
    """Only READY takes actions. From LOGIN_REFUSED on: the connection is gone and will be tried
    again."""

    CONNECTING = "connecting"
    LOGGING_IN = "logging in"
    BOOTING = "booting"
    READY = "ready"
    LOGIN_REFUSED = "login refused"
    BOOT_SILENT = "no FullyBooted"
    UNREACHABLE = "unreachable"
    SILENT = "silent"
    LOST = "lost"
    BROKEN = "broken stream"
    CLOSED = "closed"


@dataclass(frozen=True)
class LinkFault:
    """Why a connection ended: the state that follows and one sentence with cause and fix."""

    state: LinkState
    reason: str


@dataclass(frozen=True)
class Response:
    """Asterisk's direct answer to an action. `success` False: Asterisk understood and refused."""

    success: bool
    message: str
    fields: Mapping[str, str]


class LinkError(Exception):
    """An action without a usable answer. `was_sent`: may Asterisk have executed it?"""

    was_sent: bool


class LinkNotReady(LinkError):
    """Certainly not sent: not one byte of the action was written."""

    was_sent = False


class ActionTimeout(LinkError):
    """Written, then silence. It proves nothing: it may have been, or yet be, executed. Never send
    it again."""

    was_sent = True


class ActionRefused(LinkError):
    """A list was asked for and Asterisk answered with an error (for DBGet: no such entry)."""

    was_sent = True


def unreachable(address: AmiAddress, error: BaseException) -> LinkFault:
    """Why no connection came about, in words for the admin."""
    if isinstance(error, ssl.SSLCertVerificationError):
        cause = (
            f"its TLS certificate was not accepted ({error.verify_message}); check ca and host name"
        )
    elif isinstance(error, ssl.SSLError):
        cause = "the TLS handshake failed; is this the tlsbindaddr port of manager.conf?"
    elif isinstance(error, ConnectionRefusedError):
        cause = "nobody listens there; is Asterisk up, and manager.conf enabled=yes with this port?"
    elif isinstance(error, TimeoutError):
        cause = "no AMI banner in time; check firewall, port, and that Asterisk is not frozen"
    else:
        cause = f"{error.__class__.__name__}: {error}; check host and port"
    return LinkFault(LinkState.UNREACHABLE, f"Cannot reach Asterisk at {address}: {cause}")


# What Asterisk says with allowmultiplelogin=no, whatever the secret (manager.c).
IN_USE = "Login Already In Use"


def login_refused(address: AmiAddress, message: str) -> LinkFault:
    """Asterisk answers the same to a wrong secret, an unknown user and a refused address."""
    if message == IN_USE:
        return LinkFault(
            LinkState.LOGIN_REFUSED,
            f"Asterisk at {address} refused a second login of the AMI user {address.username!r}: "
            "allowmultiplelogin=no in manager.conf, and somebody has the first",
        )
    return LinkFault(
        LinkState.LOGIN_REFUSED,
        f"Asterisk at {address} refused the AMI user {address.username!r} ({message}): wrong "
        "secret, unknown user, or this machine is not permitted; check [user], secret and "
        "permit/deny in manager.conf",
    )


def boot_silent(address: AmiAddress, seconds: float) -> LinkFault:
    """FullyBooted goes only to users that may read `system`."""
    return LinkFault(
        LinkState.BOOT_SILENT,
        f"Asterisk at {address} sent no FullyBooted within {seconds:g} s: the AMI user "
        f"{address.username!r} lacks the right read=system in manager.conf, or Asterisk is still "
        "starting",
    )


def silent(address: AmiAddress, seconds: float) -> LinkFault:
    """A half-open connection or a frozen Asterisk."""
    return LinkFault(
        LinkState.SILENT,
        f"Asterisk at {address} did not answer within {seconds:g} s: frozen, overloaded, or the "
        "network swallows packets",
    )


class Backoff:
    """How long to wait before the next try: doubling, capped, and spread by chance, so that many
    dispatchers don't march in step."""

    def __init__(self, timings: LinkTimings) -> None:
        self._timings = timings
        self._failures = 0

    def reset(self) -> None:
        """The connection that just ended had been a good one."""
        self._failures = 0

    def next(self) -> float:
        """Seconds."""
        ceiling = self._timings.backoff_first * 2.0 ** min(self._failures, 16)
        self._failures += 1
        spread = random.uniform(0.5, 1.0)  # noqa: S311  (no secret)
        return min(self._timings.backoff_max, ceiling) * spread
