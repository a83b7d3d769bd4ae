"""What every far end that is asked by HTTP has in common: its limits of time, its addresses."""

import contextlib
import socket
import ssl
import threading
from pathlib import Path

import pytest

from asterisk_callback.notify.channels import http_client
from asterisk_callback.notify.channels.http_client import FarEnd
from asterisk_callback.services.telling.channel import ServerAway, TryLater
from tests.lab.hook_server import hook_server
from tests.lab.mail_server import certificate
from tests.lab.speed import scaled
from tests.lab.waiting import PATIENCE


class Dripping:
    """Speaks TLS and sends a header that does not end, a letter at a time, until it is cut off."""

    def __init__(self, folder: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(folder), folder / "key.pem")
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.was_cut = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> "Dripping":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        plain, _ = self._listener.accept()
        with (
            contextlib.suppress(OSError),
            self._context.wrap_socket(plain, server_side=True) as far,
        ):
            far.recv(4096)
            try:
                far.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                while not self._over.wait(0.02):
                    far.sendall(b"x")
            except OSError:
                self.was_cut.set()


def test_one_that_drips_over_tls_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each letter comes in time; the thread that sends would wait for hours."""
    monkeypatch.setattr(http_client, "ALL_SECONDS", scaled(0.5))
    with Dripping(tmp_path) as far:
        trusted = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
        url = f"https://127.0.0.1:{far.port}/"
        with pytest.raises(TryLater):
            FarEnd(url=url, allow_hosts=None, context=trusted).ask("POST", b"{}", {})
        assert far.was_cut.wait(scaled(PATIENCE))


def test_each_address_of_a_name_is_tried() -> None:
    with hook_server() as hooks:
        url = f"http://hooks.lan:{hooks.server_port}/"
        both = FarEnd(
            url=url, allow_hosts=("hooks.lan",), look_up=lambda *_: ["127.0.0.2", "127.0.0.1"]
        )
        assert both.ask("POST", b"{}", {}).status == hooks.code


def test_one_that_was_not_asked_is_away(tmp_path: Path) -> None:
    """Not even its certificate is right: nothing was sent, so all can wait for it together."""
    with Dripping(tmp_path) as far, pytest.raises(ServerAway):
        FarEnd(url=f"https://127.0.0.1:{far.port}/", allow_hosts=None).ask("POST", b"{}", {})
