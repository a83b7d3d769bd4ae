"""A thousand requests at once."""

import contextlib
from concurrent.futures import ThreadPoolExecutor

from asterisk_callback.domain.errors import NotPossible
from asterisk_callback.services.withdraw import cancel

from .case import AT_ONCE as AGENTS_AT_ONCE
from .case import TALKS, Case
from .catalogue import fault
from .of_web import _tried
from .stage import need

AT_ONCE = 1_000
# So many of them are called before the rest is cancelled: two agents would need an hour.
_CALLED = 6


@fault("1,000 requests at once")
def at_once(case: Case) -> None:
    """Numbers of several ranges that are kept for drama: valid, and nobody has them."""
    numbers = [f"+44{area}4960{n:03}" for area in (113, 114, 115, 116, 117, 118, 121, 131, 141, 151)
               for n in range(1000)][:AT_ONCE]  # fmt: skip
    case.agents(AGENTS_AT_ONCE)
    called = numbers[:_CALLED]
    for number in called:
        case.numbers.add(number)
        case.world.customer(number, TALKS)
        case.confirm(number, case.post(number, f"first-{number}"))
    with ThreadPoolExecutor(16) as pool:
        rest = numbers[_CALLED:]
        secrets = list(pool.map(lambda number: _tried(case, number, f"load-{number}"), rest))
    confirmed = sum(one is not None for one in secrets)
    rows = case.stage.count_requests() - _CALLED
    need(confirmed > len(rest) // 2, f"only {confirmed} of {len(rest)} were accepted")
    if rows < confirmed:
        case.breaches.append(f"lost: {confirmed} were confirmed, {rows} are in the database")
    _cancel_rest(case, called)


def _cancel_rest(case: Case, called: list[str]) -> None:
    with case.stage.store.reading() as tx:
        found = [one for one in tx.find_requests(None, 20_000) if one.e164 not in called]
    for request in found:
        with contextlib.suppress(NotPossible):  # it was its turn, and it is over or goes on
            cancel(case.stage.store, request, actor="lab")
    for channel in case.world.asterisk.channels():  # these talk until somebody hangs up
        case.world.asterisk.ami.action("Hangup", Channel=channel)
