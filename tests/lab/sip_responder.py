"""The far end of a SIP trunk on a raw UDP socket: logs every INVITE, then answers or relays it.

A number has either a raw behaviour (any SIP status, a redirect, silence), or its calls are relayed,
as by a NAT, to the world's Asterisk. So one trunk serves phones and faults, and the log of INVITEs
is kept outside of any Asterisk. Only the opening of a call passes here: after 200 the two sides
talk to each other's Contact.
"""

import heapq
import itertools
import os
import selectors
import socket
import struct
import threading
import time

from . import ports
from .behaviours import Behaviour, status
from .invites import Invite, InviteLog, digits
from .sip_message import Message, parse

Address = tuple[str, int]
_SO_TIMESTAMPNS = 35  # Linux: a timespec with each datagram; Python does not name it
_STAMP_SPACE = socket.CMSG_SPACE(struct.calcsize("@ll"))


class SipResponder:
    """Listens on `port` from start() to close(). `invites` is the log.

    `forward_to` is the SIP port that plays numbers without a raw behaviour; without it they are
    answered with `default`.
    """

    def __init__(self, forward_to: int | None = None, default: Behaviour | None = None) -> None:
        self.port = ports.single()
        self.invites = InviteLog()
        self.forward_to = forward_to
        self.default = default or status(403)
        self._back_port = ports.single()
        self._raw: dict[str, Behaviour] = {}
        self._calls: dict[str, tuple[Invite, Message, Address]] = {}  # by Call-ID
        self._sent: dict[str, bytes] = {}  # the last raw response, for retransmitted INVITEs
        self._due: list[tuple[float, int, str, int, dict[str, str]]] = []
        self._order = itertools.count()
        self._wake_read, self._wake_write = -1, -1
        self._lock = threading.Lock()

    def start(self) -> "SipResponder":
        """Bind both sockets and serve in a thread."""
        self._front, self._back = _bind(self.port), _bind(self._back_port)
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._serve, name="sip-responder", daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop serving: from now on the trunk's port is closed."""
        if self._wake_write >= 0:
            os.close(self._wake_write)
            self._wake_write = -1
            self._thread.join(5)

    def behave(self, number: str, behaviour: Behaviour | None) -> None:
        """Set a raw behaviour of `number`; None relays its calls again."""
        with self._lock:
            self._raw.pop(digits(number), None)
            if behaviour is not None:
                self._raw[digits(number)] = behaviour

    def __enter__(self) -> "SipResponder":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _serve(self) -> None:
        with selectors.DefaultSelector() as selector, self._front, self._back:
            for source in (self._front, self._back, self._wake_read):
                selector.register(source, selectors.EVENT_READ)
            while True:
                wait = max(0.0, self._due[0][0] - time.monotonic()) if self._due else None
                for key, _ in selector.select(wait):
                    if key.fileobj is self._wake_read:
                        os.close(self._wake_read)
                        return
                    self._receive(key.fileobj is self._front)
                self._play_due()

    def _receive(self, from_pbx: bool) -> None:
        source = self._front if from_pbx else self._back
        data, (stamp,), _, peer = source.recvmsg(65535, _STAMP_SPACE)
        message = parse(data)
        if message is None:
            return
        if not from_pbx:
            self._relay_back(message, data)
        elif message.method == "INVITE" and not message.to_tag:
            self._invite(message, data, peer, _at(stamp[2]))
        elif message.get("call-id") in self._sent:
            self._raw_request(message, peer)
        elif message.method == "OPTIONS":
            self._front.sendto(message.response(200, "lab", {}), peer)
        else:
            self._relay(message, data)

    def _invite(self, message: Message, data: bytes, peer: Address, at: float) -> None:
        call_id = message.get("call-id")
        if call_id in self._calls and self._calls[call_id][1].get("cseq") == message.get("cseq"):
            if call_id not in self._sent:
                self._relay(message, data)
            elif self._sent[call_id]:
                self._front.sendto(self._sent[call_id], peer)
            return
        invite = Invite(at, message.number, message.from_number, call_id, message.text)
        self._calls[call_id] = (invite, message, peer)
        with self._lock:
            behaviour = self._raw.get(digits(message.number))
        if behaviour is None and self.forward_to is None:
            behaviour = self.default
        if behaviour is not None and behaviour.sip is not None:
            self._sent[call_id] = b""
            self._schedule(call_id, behaviour)
        self.invites.add(invite)
        if call_id not in self._sent:
            self._relay(message, data)

    def _schedule(self, call_id: str, behaviour: Behaviour) -> None:
        due = time.monotonic()
        for delay, code in behaviour.sip or ():
            due += delay
            heapq.heappush(self._due, (due, next(self._order), call_id, code, behaviour.headers))

    def _play_due(self) -> None:
        while self._due and self._due[0][0] <= time.monotonic():
            _, _, call_id, code, headers = heapq.heappop(self._due)
            self._respond(call_id, code, headers if code >= 300 else {})

    def _respond(self, call_id: str, code: int, headers: dict[str, str]) -> None:
        invite, request, peer = self._calls[call_id]
        if invite.final:
            return  # the caller gave up first
        self._sent[call_id] = request.response(code, f"lab{call_id[:8]}", headers)
        self._front.sendto(self._sent[call_id], peer)
        self.invites.note(invite, code)

    def _raw_request(self, message: Message, peer: Address) -> None:
        call_id = message.get("call-id")
        invite = self._calls[call_id][0]
        if message.method == "CANCEL":
            invite.cancelled = True
            if self._sent[call_id]:  # a silent far end ignores the CANCEL as well
                self._front.sendto(message.response(200, f"lab{call_id[:8]}", {}), peer)
                self._respond(call_id, 487, {})
        elif message.method == "BYE":
            self._front.sendto(message.response(200, "lab", {}), peer)

    def _relay(self, message: Message, data: bytes) -> None:
        call = self._calls.get(message.get("call-id"))
        if call and message.method == "CANCEL":
            call[0].cancelled = True
        if self.forward_to is not None:
            self._back.sendto(data, ("127.0.0.1", self.forward_to))

    def _relay_back(self, message: Message, data: bytes) -> None:
        call = self._calls.get(message.get("call-id"))
        if call is None:
            return
        if message.status and message.get("cseq").endswith("INVITE"):
            self.invites.note(call[0], message.status)
        self._front.sendto(data, call[2])


def _bind(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    sock.bind(("127.0.0.1", port))
    return sock


def _at(stamp: bytes) -> float:
    """The time.monotonic() at which the kernel had a datagram: our thread may be late for it."""
    seconds, nanoseconds = map(int, struct.unpack("@ll", stamp))
    return time.monotonic() - (time.time() - seconds - nanoseconds / 1e9)
