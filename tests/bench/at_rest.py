"""How soon `serve` is ready, what processor time that takes, and what memory all its processes
have at rest, with an Asterisk beside it: python -m tests.bench.at_rest [STARTS]

Nothing is asserted. On a busy machine the processor seconds say more than the seconds.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.lab import processes
from tests.lab.deployment import Deployment
from tests.lab.postgres import Postgres
from tests.lab.web_client import WebClient

MEGABYTES, SECONDS = 180.0, 2.0
# What commands that read no configuration, and one that asks the database, are measured by.
_COMMANDS = {"help": ["--help"], "why": ["why", "1"], "doctor": ["doctor", "--help"]}

Figures = dict[str, dict[str, object]]


def figures(name: str, url: str, *, starts: int = 5) -> Figures:
    """name: of the database, for the figures' names. Raises LabError.

    "ready" is the time from exec to the first 200 of /readyz, "used" the same in processor seconds
    of all processes, "at rest" the memory of all of them then, and "after pages" once the form and
    a status page were asked for."""
    ready, used, resting, asked = [], [], [], []
    with Deployment(database=url) as product:
        commands = {key: _command(product, words, starts) for key, words in _COMMANDS.items()}
        for _ in range(starts):
            product.stop_product()
            began = time.monotonic()
            product.start_product()
            ready.append(time.monotonic() - began)
            used.append(sum(map(_processor, _processes(product))))
            product.wait_agents_known()
            resting.append(_megabytes(product))
            web = WebClient(product.base_url)
            web.get("/")
            product.page(product.submit(product.number()))
            asked.append(_megabytes(product))
    found = {
        f"start, {name}: ready": _figure(ready, "s", SECONDS),
        f"start, {name}: processor": _figure(used, "s", SECONDS),
        f"memory, {name}: at rest": _figure(resting, "MB", MEGABYTES),
        f"memory, {name}: after pages": _figure(asked, "MB", MEGABYTES),
    }
    for key, measured in commands.items():
        found[f"command {key}, {name}: processor"] = _figure(measured, "s", SECONDS)
    return found


def _figure(measured: Sequence[float], unit: str, goal: float) -> dict[str, object]:
    value = statistics.median(measured)
    return {
        "value": round(value, 3),
        "unit": unit,
        "peer": None,
        "ratio": None,
        "n": len(measured),
        "spread": [round(min(measured), 3), round(max(measured), 3)],
        "goal": goal,
        "met": value < goal,
    }


def _command(product: Deployment, words: Sequence[str], times: int) -> list[float]:
    """Processor seconds of a command, from its exec to its end."""
    program = [sys.executable, "-m", "asterisk_callback", "--config", str(product.config_file)]
    found = []
    for _ in range(times):
        null = os.open(os.devnull, os.O_RDWR)
        streams = [(os.POSIX_SPAWN_DUP2, null, to) for to in (0, 1, 2)]
        pid = os.posix_spawn(sys.executable, [*program, *words], os.environ, file_actions=streams)
        os.close(null)
        _, _, took = os.wait4(pid, 0)
        found.append(took.ru_utime + took.ru_stime)
    return found


def _processes(product: Deployment) -> list[int]:
    """The supervisor, its halves, and all below them."""
    halves = product.halves()
    supervisor = int(_stat(next(iter(halves)))[1])
    return [supervisor, *(one for half in halves for one in _family(half))]


def _family(pid: int) -> list[int]:
    """The process and all below it."""
    return [pid, *(one for child in processes.children(pid) for one in _family(child))]


def _processor(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # utime, stime


def _stat(pid: int) -> list[str]:
    """proc(5), behind the name: state, parent, …"""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _megabytes(product: Deployment) -> float:
    """The sum of the proportional shares (PSS, proc(5)): what several share counts once."""
    return sum(map(_share, _processes(product)))


def _share(pid: int) -> float:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    line = next(one for one in rollup.splitlines() if one.startswith("Pss:"))
    return int(line.split()[1]) / 1024


def main() -> int:
    starts = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    found = figures("SQLite", "sqlite", starts=starts)
    with Postgres() as server:
        found |= figures("PostgreSQL", server.create_database(), starts=starts)
    print(json.dumps({"figures": found}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
