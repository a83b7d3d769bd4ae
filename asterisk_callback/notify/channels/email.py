"""E-mail over SMTP. One connection a message, and an end to it whatever the server does."""

import logging
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from enum import StrEnum

from asterisk_callback.notify.channels import mail_head
from asterisk_callback.notify.channels.mail_head import Head
from asterisk_callback.services.telling.channel import (
    Attachment,
    Envelope,
    Never,
    Rejected,
    ServerAway,
    TryLater,
)

log = logging.getLogger(__name__)

# Of one word with the server, and of the whole message: well within the outbox's lease.
WORD_SECONDS, MESSAGE_SECONDS = 15.0, 120.0
_NO_ADDRESS = "this is no e-mail address that can be written to"


class Security(StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class MailServer:
    """ca_file: of a private certificate authority; None: those of the system."""

    host: str
    port: int
    security: Security
    username: str = ""
    password: str = ""
    ca_file: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """As it goes over the line. sender, recipients: addresses alone. content: head and text."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def in_ascii(self) -> bool:
        return all(one.isascii() for one in (self.sender, *self.recipients))


# Never 8 bit: not every server on the way takes that (RFC 6152).
_BODY = policy.SMTP.clone(cte_type="7bit")


def body(text: str) -> EmailMessage:
    """What stands below the head. Nothing that somebody typed may become one of its headers."""
    made = EmailMessage(policy=_BODY)
    made.set_content(text)
    return made


def put_together(head: Head, below: EmailMessage) -> Mail:
    """Raises Never for an address that can't be written to."""
    try:
        return Mail(
            sender=mail_head.address(head.sender),
            recipients=tuple(mail_head.address(one) for one in head.to),
            content=head.written() + below.as_bytes(),
        )
    except ValueError as error:
        raise Never(_NO_ADDRESS) from error


@dataclass(frozen=True, kw_only=True, slots=True)
class Email:
    """Sends envelopes as e-mails, one to all of their mailboxes. sender: "Name <address>" or an
    address."""

    server: MailServer
    sender: str
    name: str = "email"

    def send(self, envelope: Envelope) -> None:
        """Returns once the server took it for at least one mailbox. Raises a TransportError."""
        mail = self.mail(envelope)
        with session(self.server) as server:
            refused = hand_over(server, mail)
        if refused:
            log.warning("%s: the mail server refused %d addresses", envelope.id, refused)

    def mail(self, envelope: Envelope) -> Mail:
        """The e-mail, complete. Raises Never for an address that can't be written to."""
        if not envelope.mailboxes:
            raise Never(_NO_ADDRESS)
        below = body(envelope.text)
        if envelope.html:
            below.add_alternative(envelope.html, subtype="html")
        for attachment in envelope.attachments:
            _attach(below, attachment)
        head = Head(
            sender=self.sender,
            to=envelope.mailboxes,
            reply_to=envelope.reply_to,
            subject=envelope.subject,
            date=envelope.written_at,
            id=envelope.id,
            answers=envelope.answers,
            language=envelope.language,
        )
        return put_together(head, below)


def _attach(below: EmailMessage, attachment: Attachment) -> None:
    below.add_attachment(
        attachment.content, maintype="text", subtype=attachment.subtype, filename=attachment.name
    )
    part = list(below.iter_attachments())[-1]
    part.set_param("charset", "utf-8")
    for name, value in attachment.parameters.items():
        part.set_param(name, value)


@contextmanager
def session(server: MailServer) -> Iterator[smtplib.SMTP]:
    """A connection on which a message may be sent at once: encrypted and logged in as configured.

    Raises ServerAway, with the server's own words. Ends after MESSAGE_SECONDS in any case.
    """
    try:
        connection = _connect(server)
    except (OSError, smtplib.SMTPException) as error:
        raise ServerAway(f"{server.host}:{server.port}: {_words(error)}") from error
    limit = threading.Timer(MESSAGE_SECONDS, _cut, [connection])
    limit.daemon = True
    limit.start()
    try:
        yield connection
    finally:
        limit.cancel()
        try:
            connection.quit()
        except (OSError, smtplib.SMTPException):
            connection.close()


def _connect(server: MailServer) -> smtplib.SMTP:
    context = None
    if server.security is not Security.NONE:
        context = ssl.create_default_context(cafile=server.ca_file)
    connection: smtplib.SMTP
    if server.security is Security.TLS:
        connection = smtplib.SMTP_SSL(
            server.host, server.port, timeout=WORD_SECONDS, context=context
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=WORD_SECONDS)
    try:
        if server.security is Security.STARTTLS:
            # Refused or not offered raises: a password never goes out in the clear.
            connection.starttls(context=context)
        if server.username:
            connection.login(server.username, server.password)
        connection.ehlo_or_helo_if_needed()
    except BaseException:
        connection.close()
        raise
    return connection


def _cut(connection: smtplib.SMTP) -> None:
    """Each word has its time limit; a server that drips would have no limit in all."""
    if connection.sock is not None:
        with suppress(OSError):  # it is gone already
            connection.sock.shutdown(socket.SHUT_RDWR)


def hand_over(server: smtplib.SMTP, mail: Mail) -> int:
    """Returns how many of several recipients were refused; if it is all of them, it raises.

    5xx about the recipient or the text is Rejected, 4xx TryLater, and what the server says of the
    sender is about our configuration (ServerAway).
    """
    if not mail.in_ascii and not server.has_extn("smtputf8"):
        # Its domain could be written otherwise, what stands before the @ could not (RFC 6531).
        raise Never("the server can't write to addresses with such letters")
    options = [] if mail.in_ascii else ["SMTPUTF8", "BODY=8BITMIME"]
    try:
        return len(server.sendmail(mail.sender, mail.recipients, mail.content, options))
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise _verdict(code, f"{code} {_text(text)}") from error
    except smtplib.SMTPSenderRefused as error:
        raise ServerAway(f"it refuses the sender: {_words(error)}") from error
    except smtplib.SMTPResponseException as error:
        raise _verdict(error.smtp_code, _words(error)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise ServerAway(_words(error)) from error


def knock(server: smtplib.SMTP, sender: str, recipient: str) -> None:
    """Asks whether it would take a message for this address; none is sent. Raises like hand_over.

    sender, recipient: "Name <address>" or an address.
    """
    try:
        code, said = server.mail(mail_head.address(sender))
        if code != 250:
            raise ServerAway(f"it refuses the sender: {code} {_text(said)}")
        code, said = server.rcpt(mail_head.address(recipient))
        server.rset()
    except (OSError, smtplib.SMTPException) as error:
        raise ServerAway(_words(error)) from error
    if code not in (250, 251):
        raise _verdict(code, f"{code} {_text(said)}")


# Of the server itself, of the network behind it, or of what it lets us do: "relaying denied", say
# (RFC 3463, sections 3.4, 3.5 and 3.8). The others are of an address, a mailbox or a text.
_FOR_ALL = re.compile(r"\d{3} [45]\.[347]\.\d")


def _verdict(code: int, words: str) -> TryLater:
    for_all = _FOR_ALL.match(words) is not None
    return (Rejected if 500 <= code < 600 else TryLater)(words, for_all=for_all)


def _words(error: Exception) -> str:
    """One line, without addresses: servers like to repeat them, and this goes into the log."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return _text(str(error)) or type(error).__name__


def _text(text: str | bytes) -> str:
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    words = plain.split()
    return " ".join("…" if "@" in word else word for word in words)[:160]
