"""The trunk is down, refuses, is silent or full: nobody's ring is used up, and the calls follow."""

import threading

from tests.lab import behaviours
from tests.lab.behaviours import Behaviour

from .case import Case
from .catalogue import fault

TIMER_B = 6.4  # s: as the test bed's PBX has it; 32 s unless it is told otherwise


@fault("trunk refusing every call")
def refusing(case: Case) -> None:
    _faulty(case, behaviours.status(403))


@fault("trunk silent")
def silent(case: Case) -> None:
    _faulty(case, behaviours.silent())


@fault("trunk congested")
def congested(case: Case) -> None:
    _faulty(case, behaviours.congestion())


@fault("trunk's far end gone")
def gone(case: Case) -> None:
    """Its port is closed for longer than an INVITE is repeated (RFC 3261, timer B).

    A trunk that returns earlier may get an INVITE whose attempt has ended; docs/promises.md.
    """
    trunk = case.world.trunk
    trunk.close()
    try:
        call = case.ask()
        call.lab.wait_attempts(call.secret, 1)
        case.promise(call.record.request.rings == 0, "outside: a dead trunk counts as a ring")
        threading.Event().wait(TIMER_B)
    finally:
        trunk.start()


def _faulty(case: Case, customer: Behaviour) -> None:
    call = case.ask(customer)
    call.lab.wait_attempts(call.secret, 1)
    dispositions = call.record.dispositions
    case.promise(call.record.request.rings == 0, f"outside: counted as a ring: {dispositions}")
