"""AMI over TLS: connected only to the server that the configured authority vouches for."""

import asyncio
import contextlib
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_callback.telephony.link import AmiAddress, AmiLink, LinkState, LinkTimings
from tests.lab import asterisk_base, ports
from tests.lab.pbx import Pbx
from tests.lab.speed import scaled
from tests.lab.trees import tree
from tests.lab.waiting import PATIENCE
from tests.marks import mainly


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for the host `name`, which is its own authority, and its key."""
    cert, key = folder / f"{name}.crt", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-keyout", key, "-out", cert, "-subj", f"/CN={name}",
         "-addext", f"subjectAltName=DNS:{name}"],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    certificate(folder, "localhost")
    certificate(folder, "stranger")
    return folder


@pytest.fixture(scope="module", params=mainly(["22", "16"], "22"))
def tls_pbx(request: pytest.FixtureRequest, keys: Path) -> Iterator[tuple[Pbx, int]]:
    """A PBX with TLS for AMI, and the port of it. Its certificate is for `localhost`."""
    port = ports.single()
    general = (
        f"tlsenable=yes\ntlsbindaddr=127.0.0.1:{port}\n"
        f"tlscertfile={keys}/localhost.crt\ntlsprivatekey={keys}/localhost.key\n[lab]"
    )
    manager = asterisk_base.MANAGER.replace("[lab]", general, 1)
    pbx = Pbx(tree(request.param), extra_files={"manager.conf": manager})
    with pbx:
        yield pbx, port


def connect(pbx: Pbx, host: str, port: int, authority: Path) -> tuple[LinkState, str]:
    """Where the link comes to rest first: READY, or a fault; with its reason."""

    async def scene() -> tuple[LinkState, str]:
        rest: asyncio.Future[tuple[LinkState, str]] = asyncio.get_running_loop().create_future()

        def seen(state: LinkState) -> None:
            on_the_way = (LinkState.CONNECTING, LinkState.LOGGING_IN, LinkState.BOOTING)
            if state not in on_the_way and not rest.done():
                rest.set_result((state, link.reason))

        context = ssl.create_default_context(cafile=str(authority))
        long = scaled(PATIENCE)
        timings = LinkTimings(
            connect=long, login=long, boot=long, backoff_first=0.1, backoff_max=0.2
        )
        address = AmiAddress(host, port, "lab", pbx.secret, context)
        link = AmiLink(address, on_event=lambda _: None, on_state=seen, timings=timings)
        running = asyncio.create_task(link.run())
        try:
            return await asyncio.wait_for(rest, scaled(PATIENCE))
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    return asyncio.run(scene())


def test_the_server_that_is_vouched_for(tls_pbx: tuple[Pbx, int], keys: Path) -> None:
    pbx, port = tls_pbx
    assert connect(pbx, "localhost", port, keys / "localhost.crt")[0] is LinkState.READY


def test_another_authority_is_refused(tls_pbx: tuple[Pbx, int], keys: Path) -> None:
    pbx, port = tls_pbx
    state, reason = connect(pbx, "localhost", port, keys / "stranger.crt")
    assert state is LinkState.UNREACHABLE
    assert "certificate" in reason and pbx.secret not in reason


def test_another_host_is_refused(tls_pbx: tuple[Pbx, int], keys: Path) -> None:
    pbx, port = tls_pbx
    state, reason = connect(pbx, "127.0.0.1", port, keys / "localhost.crt")
    assert state is LinkState.UNREACHABLE
    assert "certificate" in reason


def test_tls_on_the_plain_port_says_so(tls_pbx: tuple[Pbx, int], keys: Path) -> None:
    pbx, _ = tls_pbx
    state, reason = connect(pbx, "localhost", pbx.ami_port, keys / "localhost.crt")
    assert state is LinkState.UNREACHABLE
    assert "tlsbindaddr" in reason
