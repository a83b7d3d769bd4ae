"""How soon `serve` is ready, and the memory of all its processes, with an Asterisk beside it."""

import time
from pathlib import Path

from tests.bench.figures import Figures, figure
from tests.lab import processes
from tests.lab.deployment import Deployment
from tests.lab.postgres import Postgres
from tests.lab.web_client import WebClient


def measured(short: bool) -> Figures:
    """Seconds from exec to the first 200 of /readyz, and the memory of all processes then and once
    the form and a status page were asked for. Raises LabError."""
    starts = 1 if short else 7
    with Postgres() as server:
        found = _measured("SQLite", "sqlite", starts)
        return found | _measured("PostgreSQL", server.create_database(), starts)


def _measured(name: str, url: str, starts: int) -> Figures:
    ready, resting, asked = [], [], []
    with Deployment(database=url) as product:
        for _ in range(starts):
            product.stop_product()
            began = time.monotonic()
            product.start_product()
            ready.append(time.monotonic() - began)
            product.wait_agents_known()
            resting.append(_megabytes(product))
            web = WebClient(product.base_url)
            web.get("/")
            product.page(product.submit(product.number()))
            asked.append(_megabytes(product))
    return {
        **figure("start: ready", name, ready),
        **figure("memory: at rest", name, resting),
        **figure("memory: after pages", name, asked),
    }


def _processes(product: Deployment) -> list[int]:
    """The supervisor, its halves, and all below them."""
    halves = product.halves()
    supervisor = int(_stat(next(iter(halves)))[1])
    return [supervisor, *(one for half in halves for one in _family(half))]


def _family(pid: int) -> list[int]:
    """The process and all below it."""
    return [pid, *(one for child in processes.children(pid) for one in _family(child))]


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
