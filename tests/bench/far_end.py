"""All phones of a bench in one process: python -m tests.bench.far_end PORT LOG

Agents (no user in the request's URI) answer at once and wait for the BYE; customers (their number
is the user) answer at once and hang up as soon as they are connected. LOG gets a line for each
customer's INVITE: the Unix time of its arrival, and the number.
"""

import itertools
import re
import socket
import sys
import time
from pathlib import Path

_VIA = re.compile(rb"^(?:Via|v):[^\r]*\r\n", re.M | re.I)
_HEADER = {
    name: re.compile(rb"^" + pattern + rb":[ \t]*([^\r]*)", re.M | re.I)
    for name, pattern in {
        "from": rb"(?:From|f)", "to": rb"(?:To|t)", "call-id": rb"(?:Call-ID|i)",
        "cseq": rb"CSeq", "contact": rb"(?:Contact|m)",
    }.items()
}  # fmt: skip
_NUMBER = re.compile(rb"INVITE sip:\+?(\d+)@")
_SDP = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio %d RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=sendrecv\r\n"
)
_BUFFER = 4 << 20


class FarEnd:
    def __init__(self, port: int, log: Path) -> None:
        self._line = _bound(port)
        self._line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._media = _bound(0)  # nobody listens to it: full, it drops what comes
        self._contact = b"<sip:bench@127.0.0.1:%d>" % port
        self._port, self._log = port, log.open("a", buffering=1)
        self._sdp = _SDP % self._media.getsockname()[1]
        self._count = itertools.count(1)
        # By Call-ID: what was answered, and what a customer hangs up with.
        self._answers: dict[bytes, bytes] = {}
        self._byes: dict[bytes, bytes] = {}

    def serve(self) -> None:
        while True:
            data, peer = self._line.recvfrom(65535)
            method = data.partition(b" ")[0]
            if method == b"INVITE":
                self._invite(data, peer)
            elif method == b"ACK":
                bye = self._byes.pop(_value("call-id", data), b"")
                if bye:
                    self._line.sendto(bye, peer)
            elif method in (b"BYE", b"CANCEL", b"OPTIONS"):
                self._answers.pop(_value("call-id", data), None)
                self._line.sendto(self._answer(data, b"200 OK", b""), peer)

    def _invite(self, data: bytes, peer: tuple[str, int]) -> None:
        call = _value("call-id", data)
        again = self._answers.get(call)
        if again is not None:
            self._line.sendto(again, peer)
            return
        number = _NUMBER.match(data)
        if number:
            self._log.write(f"{time.time():.6f} {number[1].decode()}\n")
        tag = b";tag=b%d" % next(self._count)
        self._line.sendto(self._answer(data, b"180 Ringing", tag), peer)
        answer = self._answer(data, b"200 OK", tag, self._sdp)
        self._answers[call] = answer
        if number:
            self._byes[call] = self._bye(data, call, tag)
        self._line.sendto(answer, peer)

    def _answer(self, data: bytes, status: bytes, tag: bytes, body: bytes = b"") -> bytes:
        lines = [b"SIP/2.0 " + status + b"\r\n", *_VIA.findall(data)]
        lines += [b"From: " + _value("from", data) + b"\r\nTo: " + _value("to", data) + tag]
        lines += [b"\r\nCall-ID: " + _value("call-id", data)]
        lines += [b"\r\nCSeq: " + _value("cseq", data) + b"\r\nContact: " + self._contact]
        kind = b"\r\nContent-Type: application/sdp" if body else b""
        return b"".join(lines) + kind + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    def _bye(self, data: bytes, call: bytes, tag: bytes) -> bytes:
        target = _value("contact", data).partition(b"<")[2].partition(b">")[0]
        via = b"SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bKb%d" % (self._port, next(self._count))
        return (
            b"BYE " + target + b" SIP/2.0\r\nVia: " + via + b"\r\nMax-Forwards: 70\r\nFrom: "
            + _value("to", data) + tag + b"\r\nTo: " + _value("from", data) + b"\r\nCall-ID: "
            + call + b"\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n"
        )  # fmt: skip


def _value(name: str, data: bytes) -> bytes:
    found = _HEADER[name].search(data)
    return found[1] if found else b""


def _bound(port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", port))
    return made


if __name__ == "__main__":
    FarEnd(int(sys.argv[1]), Path(sys.argv[2])).serve()
