"""E-mail over SMTP. One connection a message, and an end to it whatever the server does."""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from enum import StrEnum

from asterisk_callback.domain.message import Kind, is_address
from asterisk_callback.notify.wording import Company, Letter, letter, status_url
from asterisk_callback.services.calendar_file import CANCEL, PUBLISH, calendar_file
from asterisk_callback.services.outbox import Dispatch, Never, NotNow, ServerAway

# Of one word with the server, and of the whole message: well within the outbox's lease.
WORD_SECONDS, MESSAGE_SECONDS = 15.0, 120.0


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
class Mailer:
    """Sends messages of the outbox as e-mails. sender, reply_to: "Name <address>" or an address."""

    server: MailServer
    sender: str
    company: Company
    reply_to: str = ""

    def __call__(self, dispatch: Dispatch) -> None:
        """Raises Never, NotNow or ServerAway."""
        mail = self.compose(dispatch)
        with session(self.server) as server:
            hand_over(server, mail, parseaddr(self.sender)[1])

    def compose(self, dispatch: Dispatch) -> EmailMessage:
        """The e-mail, complete. Raises Never for an address that can't be written to."""
        words = letter(dispatch, self.company)
        mail = EmailMessage()
        mail["From"] = self.sender
        mail["To"] = _recipient(dispatch.wish.email)
        if self.reply_to:
            mail["Reply-To"] = self.reply_to
        mail["Subject"] = words.subject
        mail["Date"] = format_datetime(dispatch.message.created_at)
        mail["Message-ID"] = f"<{dispatch.id}@{parseaddr(self.sender)[1].rpartition('@')[2]}>"
        mail["Content-Language"] = words.language
        by_machine(mail)
        mail.set_content(words.text)
        mail.add_alternative(words.html, subtype="html")
        self._attach_calendar(mail, dispatch, words)
        return mail

    def _attach_calendar(self, mail: EmailMessage, dispatch: Dispatch, words: Letter) -> None:
        kind, asap = dispatch.message.kind, dispatch.wish.asap
        if kind not in (Kind.CONFIRMATION, Kind.MOVED, Kind.CANCELLED):
            return
        # Moved to "as soon as possible": the chosen time that stands in the calendar is over.
        if asap and kind is not Kind.MOVED:
            return
        cancelled = asap or kind is Kind.CANCELLED
        file = calendar_file(
            dispatch.wish,
            dispatch.queue,
            self.company.name,
            status_url(self.company, dispatch.secret),
            summary=words.title,
            organizer=parseaddr(self.sender)[1],
            cancelled=cancelled,
        )
        mail.add_attachment(file, maintype="text", subtype="calendar", filename="callback.ics")
        part = list(mail.iter_attachments())[-1]
        part.set_param("charset", "utf-8")
        part.set_param("method", CANCEL if cancelled else PUBLISH)


def by_machine(mail: EmailMessage) -> None:
    """Says so, that no answering machine answers (RFC 3834, and Exchange's own word for it)."""
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"


def _recipient(text: str) -> Address:
    """One address and nothing else, as text that can't break out of its header."""
    if not is_address(text):
        raise Never("this is no e-mail address that can be written to")
    local, _, host = text.rpartition("@")
    try:
        return Address(username=local, domain=host.encode("idna").decode("ascii"))
    except (ValueError, UnicodeError) as error:
        raise Never("this is no e-mail address that can be written to") from error


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


def hand_over(server: smtplib.SMTP, mail: EmailMessage, sender: str) -> int:
    """Returns how many of several recipients were refused; if it is all of them, it raises.

    5xx about the recipient or the text is final (Never), 4xx is not (NotNow), and what the server
    says of the sender is about our configuration (ServerAway).
    """
    try:
        return len(server.send_message(mail, from_addr=sender))
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise _verdict(code, f"{code} {_text(text)}") from error
    except smtplib.SMTPSenderRefused as error:
        raise ServerAway(f"it refuses the sender: {_words(error)}") from error
    except smtplib.SMTPNotSupportedError as error:
        raise Never("the server can't write to addresses with such letters") from error
    except smtplib.SMTPResponseException as error:
        raise _verdict(error.smtp_code, _words(error)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise ServerAway(_words(error)) from error


def _verdict(code: int, words: str) -> Never | NotNow:
    return Never(words) if 500 <= code < 600 else NotNow(words)


def _words(error: Exception) -> str:
    """One line, without addresses: servers like to repeat them, and this goes into the log."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return _text(str(error)) or type(error).__name__


def _text(text: str | bytes) -> str:
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    words = plain.split()
    return " ".join("…" if "@" in word else word for word in words)[:160]
