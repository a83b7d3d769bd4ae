"""A phone by another SIP stack: baresip (Debian package baresip-core), driven over its ctrl_tcp."""

import json
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any

from . import audio, ports, processes
from .speed import Deadline
from .waiting import PATIENCE, LabError, until

_CONFIG = """
poll_method epoll
sip_listen 127.0.0.1:{sip}
audio_path {root}
audio_player aubridge,sink
audio_source aufile,{root}/tone.wav
audio_alert nil
audio_level no
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_ports {rtp_first}-{rtp_last}
net_interface 127.0.0.1
module_path {modules}
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
snd_path {root}
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
"""

Event = dict[str, Any]


class Baresip:
    """One account. `registrar` is host:port; the phone sends a tone of `tone` Hz when in a call.

    `log` holds every event; types are REGISTER_OK, CALL_INCOMING, CALL_ESTABLISHED, CALL_CLOSED...
    """

    def __init__(self, user: str, password: str, registrar: str, tone: int = 700,
                 auto_answer: bool = False) -> None:  # fmt: skip
        program = shutil.which("baresip")
        modules = next(Path("/usr/lib").glob("**/baresip/modules"), None)
        if program is None or modules is None:
            raise LabError(
                "baresip is missing: apt-get install --no-install-recommends baresip-core"
            )
        self.root = Path(tempfile.mkdtemp(prefix="acb-phone-", dir="/tmp"))
        self.control = ports.single()
        rtp = ports.lease(22)
        sip, rtp = rtp[0], rtp[2:22]  # baresip takes the port after its SIP port, too (for TLS)
        audio.write_tone(self.root / "tone.wav", tone, 60.0)
        config = _CONFIG.format(
            sip=sip, root=self.root, rtp_first=rtp[0], rtp_last=rtp[-1],
            modules=modules, control=self.control,
        )  # fmt: skip
        mode = "auto" if auto_answer else "manual"
        (self.root / "config").write_text(config)
        (self.root / "accounts").write_text(
            f"<sip:{user}@{registrar};transport=udp>;auth_user={user};auth_pass={password}"
            f";answermode={mode};regint=60;audio_codecs=PCMU/8000/1;ptime=20\n"
        )
        (self.root / "contacts").write_text("")
        self.log: list[Event] = []
        self._program = program
        self._news = threading.Condition()
        self._child: subprocess.Popen[bytes] | None = None
        self._sock: socket.socket | None = None

    def start(self, timeout: float = PATIENCE) -> "Baresip":
        """Start it and wait until it is registered."""
        self._child = processes.spawn(
            [self._program, "-4", "-f", str(self.root)], self.root / "out.log", self.root
        )
        self._sock = until(self._connect, timeout, "baresip's control port")
        self._sock.settimeout(None)
        reader = threading.Thread(
            target=self._read, args=(self._sock,), name="baresip", daemon=True
        )
        reader.start()
        until(self._registered, timeout, f"baresip to register: {self.root}/out.log", 0.05)
        return self

    def command(self, name: str, parameters: str = "") -> None:
        """Send a command of baresip's menu: accept, hangup, dial, sndcode, transfer ..."""
        body = json.dumps({"command": name, "params": parameters, "token": "lab"}).encode()
        if self._sock is None:
            raise LabError("baresip was not started")
        self._sock.sendall(b"%d:%s," % (len(body), body))

    def answer(self) -> None:
        """Accept the incoming call."""
        self.command("accept")

    def hang_up(self) -> None:
        """End, or reject, the call."""
        self.command("hangup")

    def dial(self, uri: str) -> None:
        """Call a SIP URI."""
        self.command("dial", uri)

    def wait(self, kind: str, timeout: float = PATIENCE, start: int = 0) -> Event:
        """First event of type `kind` from place `start` of the log on."""
        limit = Deadline(timeout)
        with self._news:
            while True:
                for event in self.log[start:]:
                    if event.get("type") == kind:
                        return event
                left = limit.left()
                if left <= 0:
                    seen = [e.get("type") for e in self.log]
                    raise LabError(f"baresip: no {kind} in {timeout:g} s; seen {seen}")
                self._news.wait(left)

    def heard(self) -> Path:
        """Recording of what it heard in its latest call."""
        found = sorted(self.root.glob("dump-*-dec.wav"), key=lambda p: p.stat().st_mtime)
        if not found:
            raise LabError("baresip has recorded nothing yet")
        return found[-1]

    def close(self) -> None:
        """End it and remove its folder."""
        processes.stop(self._child, signal.SIGTERM, 3.0)
        if self._sock is not None:
            self._sock.close()
        shutil.rmtree(self.root, ignore_errors=True)

    def __enter__(self) -> "Baresip":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connect(self) -> socket.socket | None:
        if not processes.alive(self._child):
            raise LabError(f"baresip ended: {(self.root / 'out.log').read_text()[-500:]}")
        try:
            return socket.create_connection(("127.0.0.1", self.control), 1)
        except OSError:
            return None

    def _registered(self) -> bool:
        # Asked for, because the event may have come before the control port was connected.
        self.command("reginfo")
        with self._news:
            return any(
                e.get("type") == "REGISTER_OK" or "OK " in e.get("data", "") for e in self.log
            )

    def _read(self, sock: socket.socket) -> None:
        buffer = b""
        while True:
            try:
                data = sock.recv(65536)
            except OSError:
                return
            if not data:
                return
            buffer = self._keep(buffer + data)

    def _keep(self, buffer: bytes) -> bytes:
        while b":" in buffer:  # netstrings
            length, _, rest = buffer.partition(b":")
            size = int(length)
            if len(rest) <= size:
                break
            with self._news:
                self.log.append(json.loads(rest[:size]))
                self._news.notify_all()
            buffer = rest[size + 1 :]
        return buffer
