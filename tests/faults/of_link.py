"""The link to Asterisk is silent, cut, parted, refused; events come late, twice, out of order."""

import threading
import time

from tests.lab.calls import Call
from tests.lab.door import TO_CLIENT, TO_SERVER
from tests.lab.waiting import PATIENCE, LabError, until

from .case import RINGS, STAYS, Case
from .catalogue import fault
from .stage import GAP, ORIGINATE

# So many logins in a minute would be no backoff: 0.2 s doubling to 1 s, spread by chance.
_LOGINS_PER_SECOND = 4
NO_LINK = "outside: a claim without a link that may originate"


@fault("AMI accepts and never answers")
def black_hole(case: Case) -> None:
    case.stage.ami.part()
    case.stage.ami.cut()
    case.stage.wait_not_ready()
    call = case.ask()
    case.pause(1.0)
    case.promise(not call.record.attempts, NO_LINK)


@fault("partition between dispatcher and Asterisk while an Originate is sent")
def parted_originate(case: Case) -> None:
    sent = case.stage.ami.rule(TO_SERVER, ORIGINATE, "hold")
    case.ask()
    sent.wait_hit()
    case.stage.ami.part()
    case.stage.wait_not_ready()
    case.pause(1.0)


@fault("partition while the customer's phone rings; it answers and the call ends meanwhile")
def parted_ringing(case: Case) -> None:
    call = case.ask(RINGS)
    call.customer_rings()
    case.stage.ami.part()
    case.pause(1.0)
    case.end_calls()
    case.stage.wait_not_ready()
    case.stage.bed.pbx.wait_idle()


@fault("partition during the talk, which goes on")
def parted_talk(case: Case) -> None:
    call = _talking(case)
    case.stage.ami.part()
    case.stage.wait_not_ready()
    case.pause(1.0)
    case.stage.ami.heal()
    case.stage.wait_ready("one")
    case.promise(call.record.request.open, "lost: the talk was called over")
    call.world.hang_up(call.number)


@fault("AMI cut in the middle of an Originate")
def cut_originate(case: Case) -> None:
    rule = case.stage.ami.rule(TO_SERVER, ORIGINATE, "cut inside")
    case.ask()
    rule.wait_hit()


@fault("AMI cut in the middle of an event")
def cut_event(case: Case) -> None:
    name = case.random.choice([b"AgentCalled", b"AgentConnect", b"DialState", b"CallbackLeg"])
    rule = case.stage.ami.rule(TO_CLIENT, name, "cut inside")
    case.ask()
    rule.wait_hit()


@fault("AMI cut right after an Originate was sent")
def cut_after(case: Case) -> None:
    rule = case.stage.ami.rule(TO_SERVER, ORIGINATE, "cut after")
    case.ask()
    rule.wait_hit()


@fault("every event comes twice")
def twice(case: Case) -> None:
    _all_events(case, "twice")


@fault("every event comes late")
def late(case: Case) -> None:
    _all_events(case, "late")


@fault("events come out of order")
def swapped(case: Case) -> None:
    _all_events(case, "swap")


def _all_events(case: Case, do: str) -> None:
    for name in (b"Event: Agent", b"Event: Dial", b"Event: UserEvent", b"Event: OriginateResponse"):
        case.stage.ami.rule(TO_CLIENT, name, do, times=1000, seconds=0.15)
    call = case.ask()
    # Not "completed": a swapped last event waits for a next one, and only healing brings that.
    call.world.wait_ended(call.number)
    case.pause(0.5)


@fault("a wrong AMI secret")
def wrong_secret(case: Case) -> None:
    case.stage.kill("one")
    case.stage.ami.forget()
    case.stage.start_part("one", asterisk={"secret": "not the one"})
    case.stage.wait_http("/healthz")
    until(lambda: case.stage.ami.said(b"Action: Login") >= 3, PATIENCE, "three logins", 0.05)
    call = case.ask()
    case.stage.ami.forget()
    took = _seconds(3.0)
    logins = case.stage.ami.said(b"Action: Login")
    most = took * _LOGINS_PER_SECOND
    case.promise(logins <= most, f"outside: {logins} logins within {took:.0f} s")
    _need_red(case)
    case.promise(not call.record.attempts, NO_LINK)
    case.stage.kill("one")


@fault("the AMI user may not originate")
def missing_right(case: Case) -> None:
    manager = case.stage.folder / "manager_callback.conf"
    text = manager.read_text()
    try:
        manager.write_text(
            text.replace("write = originate,call,reporting,agent", "write = reporting")
        )
        _reload_rights(case)
        # It is found before the first wish: by the probe of the gate.
        case.stage.wait_not_ready()
        case.stage.ami.forget()
        call = case.ask()
        took = _seconds(3.0)
        sent = case.stage.ami.said(ORIGINATE)
        case.promise(sent <= 2 + took // GAP, f"outside: {sent} refused Originates in {took:.0f} s")
        _need_red(case)
        case.promise(not call.record.attempts, NO_LINK)
    finally:
        manager.write_text(text)
        _reload_rights(case)


@fault("the AMI user may not read system")
def no_fully_booted(case: Case) -> None:
    manager = case.stage.folder / "manager_callback.conf"
    text = manager.read_text()
    try:
        manager.write_text(text.replace("read = system,call", "read = call"))
        _reload_rights(case)
        case.stage.wait_not_ready()
        call = case.ask()
        _need_red(case)
        case.promise(not call.record.attempts, NO_LINK)
    finally:
        manager.write_text(text)
        _reload_rights(case)


def _reload_rights(case: Case) -> None:
    """Rights are read at the login, so the link is cut as well."""
    case.stage.bed.pbx.cli("manager reload")
    case.stage.ami.cut()


def _talking(case: Case) -> Call:
    call = case.ask(STAYS)
    call.wait("talking")
    call.world.wait_answered(call.number)
    return call


def _need_red(case: Case) -> None:
    try:
        until(lambda: case.web().get("/readyz").code == 503, 10.0, "a red health", 0.2)
    except LabError:
        case.promise(False, "outside: /readyz is green though nothing can be originated")


def _seconds(length: float) -> float:
    """A length of time over which something is counted; as long as it was on a busy machine."""
    began = time.monotonic()
    threading.Event().wait(length)
    return time.monotonic() - began
