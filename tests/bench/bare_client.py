"""A client that only sends Originate: what Asterisk and the machine can do without us.

python -m tests.bench.bare_client PORT SECRET AGENT CUSTOMER FIRST COUNT WINDOW PACE SECONDS WHISPER
OUT

AGENT, CUSTOMER: the contexts of the two halves. FIRST: the number of the first token. WINDOW: so
many calls at once, each until PACE ("done": it is over, "sent": Asterisk has answered). SECONDS:
over which they are spread; 0: all at once. OUT gets `{"began", "ended", "done", "due"}`; due: the
time of each, by the number that is called.
"""

import asyncio
import contextlib
import json
import sys
import time
from pathlib import Path

from asterisk_callback.domain.attempt import TOKEN_DIGITS
from asterisk_callback.telephony import contract
from tests.bench.asterisk_files import QUEUE
from tests.lab.asterisk import AMI_USER

_PATIENCE = 180.0
_END = b"\r\n\r\n"
ENDED = b"Leg: customer"  # of our own dialplan's report, and of the bare one's


class Bare(asyncio.Protocol):
    def __init__(self, count: int, window: int, pace: str) -> None:
        self.free = asyncio.Semaphore(window)
        self.over, self.ready = asyncio.Event(), asyncio.Event()
        self.done = self.failed = 0
        self.ended = time.time()
        self._count, self._pace, self._rest = count, pace, b""

    def data_received(self, data: bytes) -> None:
        *messages, self._rest = (self._rest + data).split(_END)
        for one in messages:
            if one.startswith(b"Event: OriginateResponse"):
                self._sent(failed=b"\r\nResponse: Failure" in one)
            elif one.startswith(b"Event: UserEvent") and ENDED in one:
                self.done += 1
                self._end()
            elif b"Authentication accepted" in one:
                self.ready.set()

    def _sent(self, *, failed: bool) -> None:
        if failed:
            self.failed += 1
            self._end()
        elif self._pace == "sent":
            self.free.release()

    def _end(self) -> None:
        self.ended = time.time()
        if self._pace == "done":
            self.free.release()
        if self.done + self.failed >= self._count:
            self.over.set()


def token(n: int) -> str:
    return f"{n:0{TOKEN_DIGITS}d}"


def number(n: int) -> str:
    """What the bare dialplan and the gate that says yes dial for token(n)."""
    return f"1{n:010d}"


def _originate(n: int, agent: str, customer: str, whisper: str) -> bytes:
    this = token(n)
    lines = {
        "Action": "Originate",
        "ActionID": this,
        "Channel": f"Local/{this}@{agent}/n",
        "ChannelId": f"cb-{this}-a",
        "OtherChannelId": f"cb-{this}-b",
        "Context": customer,
        "Exten": this,
        "Priority": "1",
        "Timeout": "45000",
        "Async": "true",
        "Codecs": "ulaw,alaw",
        "CallerID": "Callback <442079460000>",
    }
    variables = {
        f"__{contract.VAR_TOKEN}": this,
        contract.VAR_QUEUE: QUEUE,
        contract.VAR_QUEUE_FOR: "30",
        contract.VAR_WHISPER: whisper,
    }
    written = [f"{key}: {value}\r\n" for key, value in lines.items()]
    written += [f"Variable: {key}={value}\r\n" for key, value in variables.items()]
    return ("".join(written) + "\r\n").encode()


async def run(arguments: list[str]) -> dict[str, object]:
    port, secret, agent, customer, first, count, window, pace, seconds, whisper = arguments
    loop, many = asyncio.get_running_loop(), int(count)
    line, bare = await loop.create_connection(
        lambda: Bare(many, int(window), pace), "127.0.0.1", int(port)
    )
    log_in = f"Action: Login\r\nUsername: {AMI_USER}\r\nSecret: {secret}\r\nEvents: call,user"
    line.write(log_in.encode() + _END)
    await bare.ready.wait()
    began, due = time.time(), {}
    for place in range(many):
        at = began + place * float(seconds) / many
        await asyncio.sleep(max(0.0, at - time.time()) if float(seconds) else 0)
        await bare.free.acquire()
        due[number(int(first) + place)] = at
        line.write(_originate(int(first) + place, agent, customer, whisper))
    with contextlib.suppress(TimeoutError):  # what is not done is seen
        await asyncio.wait_for(bare.over.wait(), _PATIENCE)
    return {"began": began, "ended": bare.ended, "done": bare.done, "due": due}


if __name__ == "__main__":
    Path(sys.argv[-1]).write_text(json.dumps(asyncio.run(run(sys.argv[1:-1]))))
