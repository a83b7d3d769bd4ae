"""preview: what is broken between an offer on a console and the customer's phone."""

import contextlib
import threading

from tests.lab.calls import Call
from tests.lab.door import TO_SERVER
from tests.lab.waiting import PATIENCE, LabError, until

from .case import AT_ONCE, RINGS, TALKS, Case
from .catalogue import fault
from .of_asterisk import killed as asterisk_killed
from .of_dispatcher import killed
from .stage import OFFERED, OFFERED_TO_ALL

PREVIEW = b"@callback-preview/n"


def _asked(case: Case, *names: str, queue: str = OFFERED, **phones: object) -> Call:
    """A request for a queue in preview mode, with agents at their consoles."""
    for name in names or ("1001",):
        case.robot(name)
    return case.ask(**phones, queue=queue)  # type: ignore[arg-type]


@fault("preview: dispatcher killed while the request is offered")
def offered(case: Case) -> None:
    robot = case.robot("1001")
    robot.held.set()
    case.ask(queue=OFFERED)
    until(lambda: robot.desk.see().in_hand, PATIENCE, "an offer", 0.05)
    case.pause(0.3)
    killed(case)
    robot.held.clear()


@fault("preview: dispatcher killed between Call back and the send")
def before_send(case: Case) -> None:
    held = case.stage.ami.rule(TO_SERVER, PREVIEW, "hold")
    call = _asked(case)
    held.wait_hit()
    case.promise(call.record.attempts, "double: sent before the commit of the claim")
    killed(case)


@fault("preview: dispatcher away while Call back is pressed")
def away(case: Case) -> None:
    robot = case.robot("1001")
    robot.held.set()
    case.ask(queue=OFFERED)
    until(lambda: robot.desk.see().in_hand, PATIENCE, "an offer", 0.05)
    case.stage.kill("one")
    robot.held.clear()
    case.pause(0.5)
    case.stage.start_product()


@fault("preview: dispatcher killed while the agent's own phone rings")
def own_phone(case: Case) -> None:
    call = _asked(case, customer=TALKS, agents=RINGS)
    call.world.wait_agent_invite("1001")
    case.pause(0.3)
    killed(case)
    case.end_calls()


@fault("preview: dispatcher killed while the customer's phone rings")
def customer(case: Case) -> None:
    call = _asked(case, customer=RINGS)
    call.customer_rings()
    case.pause(0.3)
    killed(case)
    case.end_calls()


@fault("preview: Asterisk killed while the agent's own phone rings")
def asterisk(case: Case) -> None:
    call = _asked(case, customer=TALKS, agents=RINGS)
    call.world.wait_agent_invite("1001")
    asterisk_killed(case)


@fault("preview: a console closed in the middle")
def console_closed(case: Case) -> None:
    """Whoever had it is gone; the other agent gets it."""
    first = case.robot("1001")
    first.held.set()
    case.ask(queue=OFFERED)
    until(lambda: first.desk.see().in_hand, PATIENCE, "an offer", 0.05)
    first.desk.take()
    first.close()
    first.desk.console.leave(first.desk.user)
    case.robot("1002")


@fault("preview: two agents take it at the same instant")
def at_once(case: Case) -> None:
    _asked(case, "1001", "1002", queue=OFFERED_TO_ALL)
    case.ask(AT_ONCE, AT_ONCE, queue=OFFERED_TO_ALL)
    case.pause(0.5)


@fault("preview: Call back and the customer's cancel at the same instant")
def cancelled(case: Case) -> None:
    robot = case.robot("1001")
    robot.held.set()
    call = case.ask(queue=OFFERED, ends=frozenset({"completed", "cancelled"}))
    until(lambda: robot.desk.see().in_hand, PATIENCE, "an offer", 0.05)
    both = threading.Thread(target=robot.held.clear)
    both.start()
    case.pause(0.4)
    with contextlib.suppress(LabError):  # they talk already, or have talked: too late to cancel
        case.stage.cancel(call.secret)
    both.join()
