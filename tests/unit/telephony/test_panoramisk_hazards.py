"""Each measured hazard of panoramisk as a pair: panoramisk as it comes has it, our link has not.

Here of what is sent and of connections; of what is received: test_panoramisk_hazards_of_events.
If a `test_panoramisk_…` fails after an upgrade, upstream mended that hazard: good news, look at it.
"""

import asyncio
import dataclasses
import logging
from functools import partial
from typing import Any

import pytest
from panoramisk.ami_protocol import AMIProtocol

from asterisk_callback.telephony.link import ActionTimeout, LinkNotReady, LinkState
from asterisk_callback.telephony.wire import UnsafeField
from tests.unit.telephony.link_bench import QUICK, bench
from tests.unit.telephony.scripted_ami import LONG, Fields, Peer, leap, run, scripted_ami, until
from tests.unit.telephony.stock_panoramisk import stock


def cut_first(peer: Peer, action: Fields) -> None:
    """Lose the connection after the action arrived and before it is answered."""
    peer.cut()


# An Originate whose answer was lost is dialled again after the reconnect.


def test_panoramisk_sends_an_originate_twice() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, stock(ami) as manager:
            ami.on["Originate"] = cut_first
            manager.send_action({"Action": "Originate", "Async": "true"})
            await until(lambda: len(ami.actions("Originate")) >= 2)

    run(scene())


def test_link_sends_an_originate_once() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            ami.on["Originate"] = cut_first
            with pytest.raises(ActionTimeout):
                await it.link.action("Originate", {"Async": "true"})
            for _ in range(2):  # also not after the second reconnect
                await it.link.wait_ready(LONG)
                assert (await it.link.action("Ping", {})).success
                ami.peer.cut()
                await until(lambda: it.link.state is not LinkState.READY)
            await it.link.wait_ready(LONG)
            assert len(ami.actions("Originate")) == 1

    run(scene())


# What is sent while the link is down is dialled later, however late.


def test_panoramisk_dials_after_the_reconnect_what_was_asked_for_while_down() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, stock(ami, reconnect_timeout=0) as manager:
            old = manager.protocol
            ami.peer.cut()
            manager.send_action({"Action": "Originate", "Async": "true"})
            await until(lambda: manager.protocol is not old)
            await until(lambda: ami.actions("Originate"))

    run(scene())


def test_link_refuses_while_down() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            ami.peer.cut()
            await until(lambda: it.link.state is not LinkState.READY)
            with pytest.raises(LinkNotReady):
                await it.link.action("Originate", {"Async": "true"})
            await it.link.wait_ready(LONG)
            assert (await it.link.action("Ping", {})).success
            assert ami.actions("Originate") == []

    run(scene())


# A line end in a value is a header of its own, hence a command.

INJECTION = {"Async": "true", "Account": "x\r\nApplication: System"}


def test_panoramisk_lets_line_ends_through() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, stock(ami) as manager:
            manager.send_action({"Action": "Originate", **INJECTION})
            await until(lambda: ami.actions("Originate"))
            assert ami.actions("Originate")[0]["Application"] == "System"

    run(scene())


def test_link_lets_no_line_end_through_whichever_way_it_is_sent() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            session = it.link._session
            assert session is not None
            with pytest.raises(UnsafeField):
                await it.link.action("Originate", INJECTION)
            with pytest.raises(UnsafeField):
                session.send_action({"Action": "Originate", **INJECTION})
            with pytest.raises(UnsafeField):
                session.protocol.send({"Action": "Originate", **INJECTION})
            with pytest.raises(UnsafeField):
                session.send_command("core stop now")
            await it.link.action("Ping", {})
            assert [a["Action"] for a in ami.peer.actions] == ["Login", "Ping"]

    run(scene())


# An Originate without Async: KeyError in data_received; the action hangs, the connection goes.


def queued(peer: Peer, action: Fields) -> None:
    peer.answer(action, "Response: Success\r\nMessage: Originate successfully queued")


def test_panoramisk_loses_the_connection_by_an_originate_without_async() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, stock(ami) as manager:
            asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
            ami.on["Originate"] = queued
            answer = manager.send_action({"Action": "Originate"})
            await ami.peers[0].closed.wait()
            assert not answer.done()

    run(scene())


def test_link_takes_the_answer_to_an_originate_without_async() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            ami.on["Originate"] = queued
            assert (await it.link.action("Originate", {})).success
            assert it.link.state is LinkState.READY

    run(scene())


# OriginateResponse never reaches the event handlers: it is swallowed as part of the answer.


def queued_then_rung(peer: Peer, action: Fields) -> None:
    queued(peer, action)
    peer.event("OriginateResponse", ActionID=action["ActionID"], Response="Failure", Reason="0")
    peer.event("After")


def test_panoramisk_swallows_originate_response() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, stock(ami) as manager:
            names: list[str] = []
            manager.register_event("*", lambda manager, event: names.append(event.event))
            ami.on["Originate"] = queued_then_rung
            manager.send_action({"Action": "Originate", "Async": "true"})
            await until(lambda: "After" in names)
            assert "OriginateResponse" not in names

    run(scene())


def test_link_delivers_originate_response_as_an_event() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            ami.on["Originate"] = queued_then_rung
            response = await it.link.action("Originate", {"ActionID": "5", "Async": "true"})
            assert response.message == "Originate successfully queued"
            await until(lambda: "After" in it.names())
            assert it.names()[1:] == ["OriginateResponse", "After"]
            assert it.events[1]["ActionID"] == "5"

    run(scene())


# A character split over two reads is lost.


async def send_split(peer: Peer, received: list[Any]) -> None:
    start, end = "Event: Newchannel\r\nCallerIDName: Jö".encode()[:-1], b"\xb6rg\r\n\r\n"
    peer.event("First")
    peer.send(start)
    await until(lambda: received)
    peer.send(end)
    await until(lambda: len(received) == 2)


def test_panoramisk_loses_a_split_character() -> None:
    protocol = AMIProtocol()
    protocol.connection_made(None)
    seen: list[Any] = []
    protocol.encoding = "utf8"
    protocol.handle_message = seen.append
    whole = "Event: Newchannel\r\nCallerIDName: Jörg\r\n\r\n".encode()
    cut = whole.index(b"\xb6")
    protocol.data_received(whole[:cut])
    protocol.data_received(whole[cut:])
    assert seen[0]["CallerIDName"] == "Jrg"


def test_link_keeps_a_split_character() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            it.events.clear()
            await send_split(ami.peer, it.events)
            assert it.events[1]["CallerIDName"] == "Jörg"

    run(scene())


# A dead line goes unnoticed.


def test_panoramisk_does_not_notice_that_its_pings_are_not_answered() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami:
            ami.on["Ping"] = None
            async with stock(ami, ping_delay=0, ping_interval=1):
                await until(lambda: len(ami.actions("Ping")) >= 2)
                assert len(ami.peers) == 1
                assert not ami.peer.closed.is_set()

    run(scene())


def test_link_drops_a_line_that_does_not_answer_its_ping() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami:
            timings = dataclasses.replace(QUICK, ping_every=0.02)
            async with bench(ami, timings=timings) as it:
                await until(lambda: len(ami.actions("Ping")) >= 2)
                assert it.states.count(LinkState.READY) == 1
                ami.on["Ping"] = None
                pings = len(ami.actions("Ping"))
                await until(lambda: len(ami.actions("Ping")) > pings)
                leap()
                await until(lambda: LinkState.SILENT in it.states)
                await ami.peers[0].closed.wait()
                del ami.on["Ping"]
                await it.link.wait_ready(LONG)

    run(scene())


# A wrong secret: a reconnect loop that never says why.


def test_panoramisk_says_nothing_of_a_wrong_secret(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, stock(ami, secret="wrong") as manager:
            await until(lambda: len(ami.actions("Login")) >= 3)
            assert not manager.authenticated

    caplog.set_level(logging.INFO)
    run(scene())
    assert "uthentication" not in caplog.text and "refused" not in caplog.text


def test_link_says_what_is_wrong_with_the_login(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami, secret="wr0ng", ready=False) as it:
            await until(lambda: it.link.state is LinkState.LOGIN_REFUSED)
            for part in ("'callback'", f"127.0.0.1:{ami.port}", "Authentication failed"):
                assert part in it.link.reason
            assert "wr0ng" not in it.link.reason
            ami.secret = "wr0ng"  # the admin mends it
            await it.link.wait_ready(LONG)

    caplog.set_level(logging.DEBUG)
    run(scene())
    assert "refused the AMI user 'callback'" in caplog.text
    assert "wr0ng" not in caplog.text


# Actions go out before login and boot are done.


def test_panoramisk_sends_before_fully_booted() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami:
            ami.on["Login"] = None
            async with stock(ami) as manager:
                manager.send_action({"Action": "Originate", "Async": "true"})
                await until(lambda: ami.actions("Originate"))

    run(scene())


def test_link_sends_nothing_before_fully_booted() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami:
            ami.boots = False
            async with bench(ami, ready=False) as it:
                for state in (LinkState.LOGGING_IN, LinkState.BOOTING):
                    ami.on = {"Login": None} if state is LinkState.LOGGING_IN else {}
                    if state is LinkState.BOOTING:
                        ami.peer.cut()
                    await until(partial(lambda one: it.link.state is one, state))
                    with pytest.raises(LinkNotReady):
                        await it.link.action("Originate", {})
            assert {a["Action"] for peer in ami.peers for a in peer.actions} == {"Login"}

    run(scene())


# An action without an answer waits for ever, even when its connection has gone.


def _event_and_cut(peer: Peer, action: Fields) -> None:
    peer.event("X")
    peer.cut()


def test_panoramisk_has_no_deadline_and_forgets_an_actions_end() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, stock(ami) as manager:
            ami.on["Status"] = _event_and_cut
            ami.on["QueueStatus"] = lambda peer, action: peer.answer(action, "Response: Error")
            refused_list = manager.send_action({"Action": "QueueStatus"}, as_list=True)
            assert (await manager.send_action({"Action": "Other"})).success
            assert not refused_list.done()  # answered with an error, and still waiting
            lost = manager.send_action({"Action": "Status", "ActionID": "1"})
            await until(lambda: len(ami.actions("Status")) >= 2)
            assert not lost.done()

    run(scene())


def test_link_ends_each_action_with_its_connection() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            ami.on["Status"] = None
            waiting = [asyncio.create_task(it.link.action("Status", {})) for _ in range(3)]
            await until(lambda: len(ami.actions("Status")) == 3)
            ami.peer.cut()
            results = await asyncio.gather(*waiting, return_exceptions=True)
            assert [type(result) for result in results] == [ActionTimeout] * 3

    run(scene())
