"""Another process that posts: `python -m tests.bench.web_load WHAT PORT CLIENTS SECONDS FIRST`.

WHAT: `peer`, `form` or `api`. CLIENTS: each has a connection that stays open, an address of its own
(127.0.0.0/8 is this machine) and posts again as soon as it was answered. FIRST: of the numbers that
it asks for. `crowd` before WHAT: all of them at once, one
post each. Prints one line of JSON: how many were kept, what else was answered, the seconds, and
the median and the 99th percentile of the answers' time in ms.
"""

import asyncio
import json
import re
import resource
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import count, repeat
from urllib.parse import urlencode

from tests.bench.due import number
from tests.lab.deployment_files import API_KEY

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
Post = Callable[[str], tuple[str, dict[str, str]]]
_KEPT = {"peer": 201, "form": 303, "api": 201}


class Client:
    """HTTP/1.1 over one connection, with as little of it as the answers need."""

    def __init__(self, port: int, address: str) -> None:
        self._port, self._address = port, address
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(
        self, method: str, path: str, body: str = "", **headers: str
    ) -> tuple[int, str, str]:
        """Returns status, head and body. Raises OSError, EOFError."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                "127.0.0.1", self._port, local_addr=(self._address, 0)
            )
        assert self._reader is not None
        named = "".join(f"{name.replace('_', '-')}: {text}\r\n" for name, text in headers.items())
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
        self._writer.write(f"{head}{named}\r\n{body}".encode())
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = re.search(r"(?i)content-length: (\d+)", answer)
        text = await self._reader.readexactly(int(length[1]) if length else 0)
        if "connection: close" in answer.lower():
            self.close()
        return int(answer.split(" ", 2)[1]), answer, text.decode()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


async def posting(what: str, client: Client) -> Post:
    """Body and headers of a post for a number, once what a form needs is fetched."""
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    if what == "peer":
        return lambda phone: (urlencode({"phone": phone}), form)
    if what == "api":
        bearer = {"Content_Type": "application/json", "Authorization": f"Bearer {API_KEY}"}
        return lambda phone: (json.dumps({"phone": phone, "queue": "support"}), bearer)
    _, head, page = await client.ask("GET", "/")
    token, cookie = _TOKEN.search(page), re.search(r"(?i)set-cookie: ([^;\r]+)", head)
    assert token is not None and cookie is not None
    typed = {"csrf_token": token[1], "queue": "support", "country": "GB", "when": "asap"}

    def post(phone: str) -> tuple[str, dict[str, str]]:
        key = {"key": secrets.token_urlsafe(16), "phone": phone}
        return urlencode(typed | key), form | {"Cookie": cookie[1]}

    return post


_PATHS = {"peer": "/", "form": "/callbacks", "api": "/api/v1/callbacks"}


async def work(
    what: str, client: Client, post: Post, end: float, numbers: "count[int]", took: list[float]
) -> Counter[str]:
    answers: Counter[str] = Counter()
    while (began := time.monotonic()) < end:
        body, headers = post(number(next(numbers)))
        try:
            status, _, _ = await client.ask("POST", _PATHS[what], body, **headers)
        except (OSError, EOFError):
            client.close()
            answers["cut off"] += 1
            continue
        took.append(time.monotonic() - began)
        answers["kept" if status == _KEPT[what] else str(status)] += 1
    client.close()
    return answers


async def load(what: str, port: int, clients: int, seconds: float, first: int) -> dict[str, object]:
    numbers, took = count(first), list[float]()
    all_of_them = [Client(port, f"127.0.{1 + n // 250}.{1 + n % 250}") for n in range(clients)]
    posts = [await posting(what, one) for one in all_of_them]
    began = time.monotonic()
    end = began + seconds
    working = map(
        work, repeat(what), all_of_them, posts, repeat(end), repeat(numbers), repeat(took)
    )
    answers = sum(await asyncio.gather(*working), Counter[str]())
    spent = time.monotonic() - began
    took.sort()
    at = [1000 * took[min(len(took) - 1, int(len(took) * part))] for part in (0.5, 0.99)]
    kept = answers.pop("kept", 0)
    return {"kept": kept, "other": answers, "seconds": spent, "p50": at[0], "p99": at[1]}


async def crowd(what: str, port: int, clients: int, seconds: float, first: int) -> object:
    """All of them at once, each with one post on a connection of its own. What was neither kept nor
    answered after so many seconds is `late`."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    post = await posting(what, Client(port, "127.0.0.1"))
    began = time.monotonic()

    async def once(n: int) -> str:
        client = Client(port, f"127.0.{1 + n // 250}.{1 + n % 250}")
        body, headers = post(number(first + n))
        try:
            asked = client.ask("POST", _PATHS[what], body, **headers)
            status, head, _ = await asyncio.wait_for(asked, seconds)
        except TimeoutError:
            return "late"
        except (OSError, EOFError):
            return "cut off"
        finally:
            client.close()
        refused = status == 503 and "retry-after:" in head.lower()
        return {_KEPT[what]: "kept"}.get(status, "refused" if refused else str(status))

    answers = Counter(await asyncio.gather(*map(once, range(clients))))
    return {"answers": answers, "seconds": time.monotonic() - began}


if __name__ == "__main__":
    if sys.argv[1] == "crowd":
        what, port, clients, seconds, first = sys.argv[2:]
        at_once = crowd(what, int(port), int(clients), float(seconds), int(first))
        print(json.dumps(asyncio.run(at_once)))
        sys.exit()
    what, port, clients, seconds, first = sys.argv[1:]
    found = load(what, int(port), int(clients), float(seconds), int(first))
    print(json.dumps(asyncio.run(found)))
