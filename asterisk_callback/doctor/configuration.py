"""The configuration: it was read already, so what is left is who else can read it, and what is
allowed but unwise."""

import ipaddress
import stat
from collections.abc import Iterator
from pathlib import Path

from asterisk_callback.config import Settings
from asterisk_callback.doctor.finding import Finding, ok, warning, wrong


def check(settings: Settings, file: Path | None) -> Iterator[Finding]:
    """file: None if the configuration came from the environment alone."""
    yield _file(file)
    if not settings.asterisk.tls and not _local(settings.asterisk.host):
        yield warning(
            "configuration.tls",
            f"AMI goes over the network to {settings.asterisk.host} unencrypted, secret and all",
            "set tls = true and port = 5039 in [asterisk], and tlsenable=yes in manager.conf",
        )
    if settings.web.trusted_proxies and not _local(settings.web.listen.host):
        yield warning(
            "configuration.proxies",
            f"whoever reaches {settings.web.listen} past the proxy may claim any address",
            "let [web] listen on 127.0.0.1, or have a firewall let only the proxy in",
        )
    for name, trunk in settings.trunks.items():
        if not trunk.caller_id:
            yield warning(
                "configuration.caller_id",
                f"trunk {name} has no caller id: customers see an anonymous call",
                f'set caller_id = "+442079460000" in [trunks.{name}], with your own number',
            )
    if not _local(settings.gate.listen.host):
        yield warning(
            "configuration.gate",
            f"the gate listens on {settings.gate.listen}, for everybody who can reach it",
            "let it listen on 127.0.0.1 or on a private network, or have a firewall in front",
        )


def _file(file: Path | None) -> Finding:
    name = "configuration.file"
    if file is None:
        return ok(name, "the configuration comes from the environment")
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o007:
        return wrong(
            name,
            f"{file} holds secrets, and every user of this machine can read it (mode {mode:04o})",
            f"chmod o= {file}",
        )
    return ok(name, f"{file} is complete, and nobody else can read it")


def _local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
