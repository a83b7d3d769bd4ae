"""Just enough of a SIP message to log, answer and relay it."""

from dataclasses import dataclass
from urllib.parse import unquote

_COMPACT = {"i": "call-id", "f": "from", "t": "to", "v": "via", "m": "contact"}
REASONS = {
    100: "Trying", 180: "Ringing", 200: "OK", 302: "Moved Temporarily", 401: "Unauthorized",
    402: "Payment Required", 403: "Forbidden", 404: "Not Found", 407: "Proxy Auth Required",
    408: "Request Timeout", 480: "Temporarily Unavailable", 484: "Address Incomplete",
    486: "Busy Here", 487: "Request Terminated", 503: "Service Unavailable", 603: "Decline",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Message:
    """A parsed datagram: first line and header lines with lower-case names, in order."""

    first: str
    headers: tuple[tuple[str, str], ...]
    text: str

    @property
    def method(self) -> str:
        """Request method, or "" for a response."""
        return "" if self.first.startswith("SIP/2.0") else self.first.split(" ", 1)[0]

    @property
    def status(self) -> int:
        """Status of a response, 0 for a request."""
        return int(self.first.split()[1]) if not self.method else 0

    @property
    def number(self) -> str:
        """User part of the request URI."""
        return _user(self.first)

    @property
    def from_number(self) -> str:
        """User part of the From header."""
        return _user(self.get("from"))

    @property
    def to_tag(self) -> bool:
        """True inside a dialog."""
        return ";tag=" in self.get("to")

    def get(self, name: str) -> str:
        """First value of a header, "" if absent."""
        return next((v for n, v in self.headers if n == name), "")

    def response(self, code: int, tag: str, extra: dict[str, str]) -> bytes:
        """A response to this request."""
        to = self.get("to") + ("" if self.to_tag or code == 100 else f";tag={tag}")
        lines = [f"SIP/2.0 {code} {REASONS.get(code, 'Lab')}"]
        lines += [f"Via: {v}" for n, v in self.headers if n == "via"]
        lines += [f"From: {self.get('from')}", f"To: {to}"]
        lines += [f"Call-ID: {self.get('call-id')}", f"CSeq: {self.get('cseq')}"]
        lines += [f"{name}: {value}" for name, value in extra.items()]
        return ("\r\n".join([*lines, "Content-Length: 0"]) + "\r\n\r\n").encode()


def parse(data: bytes) -> Message | None:
    """The message in a datagram, or None for keep-alives and rubbish."""
    text = data.decode("utf-8", "replace")
    first, *lines = text.split("\r\n\r\n", 1)[0].split("\r\n")
    if "SIP/2.0" not in first:
        return None
    headers = []
    for line in lines:
        name, _, value = line.partition(":")
        name = name.strip().lower()
        headers.append((_COMPACT.get(name, name), value.strip()))
    return Message(first, tuple(headers), text)


def _user(text: str) -> str:
    after = text.partition("sip:")[2]
    user, at, _ = after.partition("@")
    return unquote(user) if at and not set(user) & set("<> ") else ""
