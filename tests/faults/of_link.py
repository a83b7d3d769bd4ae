"""The link to Asterisk is silent, cut, parted, refused; events come late, twice, out of order."""

from tests.lab.calls import Call
from tests.lab.door import TO_CLIENT, TO_SERVER
from tests.lab.waiting import until

from .case import RINGS, STAYS, Case
from .catalogue import fault
from .stage import need

# So many logins in a minute would be no backoff: 0.2 s doubling to 1 s, spread by chance.
_LOGINS_PER_SECOND = 4


@fault("AMI accepts and never answers")
def black_hole(case: Case) -> None:
    case.stage.ami.part()
    case.stage.ami.cut()
    until(lambda: not case.stage.ready("one"), 30, "the product to notice", 0.05)
    call = case.ask()
    case.pause(1.0)
    need(not call.record.attempts, "a claim without a link")


@fault("partition between dispatcher and Asterisk while an Originate is sent")
def parted_originate(case: Case) -> None:
    sent = case.stage.ami.rule(TO_SERVER, b"Action: Originate", "hold")
    case.ask()
    sent.wait_hit()
    case.stage.ami.part()
    until(lambda: not case.stage.ready("one"), 30, "the product to notice", 0.05)
    case.pause(1.0)


@fault("partition while the customer's phone rings; it answers and the call ends meanwhile")
def parted_ringing(case: Case) -> None:
    call = case.ask(RINGS)
    call.customer_rings()
    case.stage.ami.part()
    case.pause(1.0)
    case.end_calls()
    until(lambda: not case.stage.ready("one"), 30, "the product to notice", 0.05)
    case.stage.bed.pbx.wait_idle(30)


@fault("partition during the talk, which goes on")
def parted_talk(case: Case) -> None:
    call = _talking(case)
    case.stage.ami.part()
    until(lambda: not case.stage.ready("one"), 30, "the product to notice", 0.05)
    case.pause(1.0)
    case.stage.ami.heal()
    case.stage.wait_ready("one")
    need(call.record.request.state.value != "completed", "the talk was called over")
    call.world.hang_up(call.number)


@fault("AMI cut in the middle of an Originate")
def cut_originate(case: Case) -> None:
    rule = case.stage.ami.rule(TO_SERVER, b"Action: Originate", "cut inside")
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
    rule = case.stage.ami.rule(TO_SERVER, b"Action: Originate", "cut after")
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
    call.world.wait_ended(call.number, 40)
    case.pause(0.5)


@fault("a wrong AMI secret")
def wrong_secret(case: Case) -> None:
    case.stage.kill("one")
    case.stage.ami.forget()
    case.stage.start_part("one", asterisk={"secret": "not the one"})
    case.stage.wait_http("/healthz")
    until(lambda: case.stage.ami.said(b"Action: Login") >= 3, 30, "three logins", 0.05)
    call = case.ask()
    case.stage.ami.forget()
    _seconds(3.0)
    logins = case.stage.ami.said(b"Action: Login")
    if logins > 3 * _LOGINS_PER_SECOND:
        case.breaches.append(f"outside: {logins} logins within 3 s")
    need(case.web().get("/readyz").code == 503, "/readyz is not red")
    need(not call.record.attempts, "a claim without a link")
    case.stage.kill("one")


@fault("the AMI user may not originate")
def missing_right(case: Case) -> None:
    manager = case.stage.folder / "manager_callback.conf"
    text = manager.read_text()
    try:
        manager.write_text(text.replace("write = originate,call,reporting", "write = reporting"))
        _reload_rights(case)
        case.stage.ami.forget()
        call = case.ask()
        until(lambda: call.record.dispositions, 30, "the refusal", 0.05)
        _seconds(3.0)
        sent = case.stage.ami.said(b"Action: Originate")
        if sent > 2:
            case.breaches.append(f"outside: {sent} refused Originates within 3 s")
        if case.web().get("/readyz").code != 503:
            case.breaches.append("outside: /readyz is green though nothing can be originated")
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
        until(lambda: not case.stage.ready("one"), 30, "the product to notice", 0.05)
        call = case.ask()
        need(case.web().get("/readyz").code == 503, "/readyz is not red")
        need(not call.record.attempts, "a claim before FullyBooted")
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
    call.world.wait_answered(call.number, 30)
    return call


def _seconds(length: float) -> None:
    """A length of time over which something is counted."""
    import threading

    threading.Event().wait(length)
