"""Asterisk is killed, restarted, stopped, full, or given a new dialplan, with a call on it."""

import threading
from functools import partial

from tests.lab import asterisk_base
from tests.lab.waiting import PATIENCE, LabError, until

from .case import RINGS, STAYS, TALKS, Case
from .catalogue import fault


def killed(case: Case) -> None:
    """kill -9; the phones notice after a while that nobody speaks any more, as rtptimeout does."""
    case.pause(0.3)
    case.stage.bed.pbx.kill()
    case.pause(0.5)
    _phones_give_up(case)
    _boot(case)
    case.part()


def _phones_give_up(case: Case) -> None:
    asterisk = case.world.asterisk
    for channel in asterisk.channels():
        asterisk.ami.action("Hangup", Channel=channel)
    asterisk.wait_idle()


def _boot(case: Case) -> None:
    case.stage.bed.pbx.start()
    for agent in case.stage.bed.pbx.agents:
        case.world.register(agent)


@fault("Asterisk killed while the agent's phone rings")
def killed_agent(case: Case) -> None:
    case.ask(TALKS, RINGS).world.wait_agent_invite("1001")
    killed(case)


@fault("Asterisk killed while the customer's phone rings")
def killed_customer(case: Case) -> None:
    case.ask(RINGS).customer_rings()
    killed(case)


@fault("Asterisk killed during the talk")
def killed_talk(case: Case) -> None:
    _talking(case)
    killed(case)


@fault("Asterisk restarted gracefully while the customer's phone rings")
def restarted_customer(case: Case) -> None:
    case.ask(RINGS).customer_rings()
    case.stage.bed.pbx.terminate(10.0)
    _boot(case)
    case.part()


@fault("Asterisk restarted gracefully during the talk")
def restarted_talk(case: Case) -> None:
    _talking(case)
    case.stage.bed.pbx.terminate(10.0)
    _boot(case)
    case.part()


@fault("Asterisk stopped for longer than every limit while the agent's phone rings")
def stopped_agent(case: Case) -> None:
    case.ask(TALKS, RINGS).world.wait_agent_invite("1001")
    _frozen(case)


@fault("Asterisk stopped for longer than every limit with an Originate unread")
def stopped_originate(case: Case) -> None:
    case.stage.bed.pbx.freeze()
    try:
        call = case.ask()
        until(lambda: call.record.attempts or not case.stage.ready("one"), PATIENCE, "a claim")
        case.stage.wait_not_ready()
    finally:
        case.stage.bed.pbx.thaw()


@fault("Asterisk stopped for longer than every limit during the talk")
def stopped_talk(case: Case) -> None:
    _talking(case)
    _frozen(case)
    case.end_calls()
    _hang_up_all(case)


def _frozen(case: Case) -> None:
    case.stage.bed.pbx.freeze()
    try:
        case.stage.wait_not_ready()
        case.pause(2.0)
    finally:
        case.stage.bed.pbx.thaw()
    case.part()
    case.end_calls()


@fault("dialplan reload with a call on every leg")
def reload(case: Case) -> None:
    call = case.ask(RINGS)
    call.world.wait_agent_invite("1001")
    pbx = case.stage.bed.pbx
    pbx.cli("dialplan reload")
    call.customer_rings()
    pbx.cli("dialplan reload")
    call.world.answer(call.number)
    call.world.wait_answered(call.number)
    pbx.cli("dialplan reload")
    call.world.hang_up(call.number)
    pbx.cli("dialplan reload")


@fault("Asterisk at its maxcalls")
def maxcalls(case: Case) -> None:
    pbx = case.stage.bed.pbx
    text = asterisk_base.FILES["asterisk.conf"]
    pbx.write({"asterisk.conf": text.replace("@OPTIONS@", "maxcalls = 1")})
    try:
        case.stage.bed.restart_pbx()
        case.stage.wait_ready("one")
        call = case.ask()
        call.ended_without_a_ring()
        case.promise(not call.world.invites_for(call.number), "outside: a ring beyond maxcalls")
    finally:
        pbx.write({"asterisk.conf": text.replace("@OPTIONS@", "")})
        case.stage.bed.restart_pbx()


def _talking(case: Case) -> None:
    call = case.ask(STAYS)
    call.wait("talking")
    call.world.wait_answered(call.number)


def _hang_up_all(case: Case) -> None:
    for number in case.numbers:
        hang_up = threading.Thread(target=partial(_hang_up, case, number))
        hang_up.start()
        hang_up.join()


def _hang_up(case: Case, number: str) -> None:
    try:
        case.world.hang_up(number)
    except LabError:
        return  # it had ended
