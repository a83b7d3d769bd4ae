"""Very many requests at once: all are accepted, some are called, nobody is lost."""

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor

from asterisk_callback.domain.errors import NotPossible
from asterisk_callback.services.booking.withdraw import cancel

from .case import AT_ONCE as AGENTS_AT_ONCE
from .case import TALKS, Case
from .catalogue import fault
from .of_web import _tried
from .stage import need

FEW, MANY, ALL = 200, 1_000, 10_000
_count = FEW
# So many of them are called before the rest is cancelled: two agents would need an hour.
_CALLED = 6


def at_once_in(runs: int, full: bool) -> None:
    """Choose how many: the run of each test, `make faults`, or all that was promised."""
    global _count
    _count = ALL if full else FEW if runs == 1 else MANY


@fault("200 requests at once (1,000 in several runs, 10,000 with --full)")
def at_once(case: Case) -> None:
    """Numbers of several ranges that are kept for drama: valid, and nobody has them."""
    numbers = [f"+44{area}4960{n:03}" for area in (113, 114, 116, 117, 118, 121, 131, 141, 151, 161)
               for n in range(1000)][:_count]  # fmt: skip
    case.agents(AGENTS_AT_ONCE)
    called = numbers[:_CALLED]
    for number in called:
        case.numbers.add(number)
        case.world.customer(number, TALKS)
        case.confirm(number, case.post(number, f"first-{number}"))
    rest, began = numbers[_CALLED:], time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        sent = [pool.submit(_tried, case, number, f"load-{number}") for number in rest]
        try:
            secrets = [one.result() for one in sent]
        except BaseException:  # Ctrl-C
            pool.shutdown(cancel_futures=True)
            raise
    took = time.monotonic() - began
    confirmed = sum(one is not None for one in secrets)
    rows = case.stage.count_requests() - _CALLED
    case.remarks.append(
        f"{len(rest)} requests at once: {confirmed} accepted in {took:.1f} s "
        f"({confirmed / took:.0f} a second), {rows} in the database"
    )
    need(confirmed > len(rest) // 2, f"only {confirmed} of {len(rest)} were accepted")
    case.promise(rows >= confirmed, f"lost: {confirmed} were confirmed, {rows} are in the database")
    case.promise(rows <= len(rest), f"double: {rows} rows of {len(rest)} submissions")
    _cancel_rest(case, called)


def _cancel_rest(case: Case, called: list[str]) -> None:
    with case.stage.store.reading() as tx:
        found = [one for one in tx.requests.latest(None, 20_000) if one.open]
    for request in found:
        if request.e164 in called:
            continue
        with contextlib.suppress(NotPossible):  # it was its turn, and it is over or goes on
            cancel(case.stage.store, request, actor="lab")
    for channel in case.world.asterisk.channels():  # these talk until somebody hangs up
        case.world.asterisk.ami.action("Hangup", Channel=channel)
