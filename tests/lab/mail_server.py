"""A real SMTP server on a free port of 127.0.0.1, which keeps what it took and says what it is
told to say."""

import ssl
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.lab.ports import single

USER, PASSWORD = "callback", "a mailbox's password"
OK = "250 OK"


@dataclass
class MailServer:
    """received: the messages taken, in order. Answers may be changed at any time.

    refused: recipients that are never taken. smtputf8: letters beyond ASCII in addresses (RFC
    6531). tls: a folder with cert.pem and key.pem; then
    STARTTLS and a login are required.
    """

    tls: Path | None = None
    to_recipient: str = OK
    to_data: str = OK
    refused: frozenset[str] = frozenset()
    smtputf8: bool = True
    on_data: Callable[[], None] = lambda: None
    received: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)

    def __enter__(self) -> "MailServer":
        self.port = single()
        given = {"enable_SMTPUTF8": self.smtputf8} | self._secure()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **given)
        self._controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._controller.stop()

    def _secure(self) -> dict[str, Any]:
        if self.tls is None:
            return {}
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.tls / "cert.pem", self.tls / "key.pem")
        return {
            "tls_context": context,
            "require_starttls": True,
            "auth_required": True,
            "authenticator": _knows,
        }

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 no such mailbox"
        if self.to_recipient == OK:
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.on_data()
        if self.to_data == OK:
            assert isinstance(envelope.content, bytes)
            self.received.append(message_from_bytes(envelope.content, policy=policy.default))
            self.envelopes.append((envelope.mail_from or "", list(envelope.rcpt_tos)))
        return self.to_data


def _knows(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    wanted = LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=data == wanted, handled=False)


def certificate(folder: Path) -> Path:
    """A self-signed certificate for 127.0.0.1; returns cert.pem, which is its own authority."""
    command = [
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
        *(
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
        ),
        *("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "cert.pem"
