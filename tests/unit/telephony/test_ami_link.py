"""The supervised link: its states, its words, its deadlines (hazards: test_panoramisk_hazards)."""

import asyncio
import dataclasses
import logging
import socket
import ssl

import pytest

from asterisk_callback.telephony.ami import login_refused, unreachable
from asterisk_callback.telephony.link import (
    ActionRefused,
    ActionTimeout,
    AmiAddress,
    AmiLink,
    Event,
    LinkNotReady,
    LinkState,
)
from asterisk_callback.telephony.wire import UnsafeField
from tests.unit.telephony.link_bench import QUICK, bench
from tests.unit.telephony.scripted_ami import (
    BANNER,
    FULLY_BOOTED,
    LONG,
    Fields,
    Peer,
    leap,
    run,
    scripted_ami,
    until,
)


def test_from_connect_to_ready_and_closed() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami:
            async with bench(ami) as it:
                assert (await it.link.action("CoreStatus", {})).success
                states = ["CONNECTING", "LOGGING_IN", "BOOTING", "READY"]
                assert [state.name for state in it.states] == states
                assert it.names() == ["FullyBooted"]
            assert it.link.state is LinkState.CLOSED
            await ami.peer.closed.wait()
            with pytest.raises(LinkNotReady):
                await it.link.action("Ping", {})

    run(scene())


def test_an_error_is_a_response_and_keeps_the_link() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            ami.on["Originate"] = lambda peer, action: peer.answer(
                action, "Response: Error\r\nMessage: Extension does not exist."
            )
            response = await it.link.action("Originate", {"Exten": "1"})
            assert (response.success, response.message) == (False, "Extension does not exist.")
            assert it.link.state is LinkState.READY

    run(scene())


def test_silence_is_no_answer_and_says_that_it_was_sent() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            ami.on["Originate"] = None
            with pytest.raises(ActionTimeout) as silence:
                await it.link.action("Originate", {"ActionID": "77"}, deadline=0.05)
            assert silence.value.was_sent
            # The late answer belongs to nobody and harms nobody.
            ami.peer.send("Response: Success\r\nActionID: 77\r\n\r\n")
            assert (await it.link.action("Ping", {})).success
            assert len(ami.actions("Originate")) == 1

    run(scene())


def test_not_ready_is_certainly_not_sent() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami:
            ami.boots = False
            async with bench(ami, ready=False) as it:
                await until(lambda: it.link.state is LinkState.BOOTING)
                with pytest.raises(LinkNotReady) as refused:
                    await it.link.action("Originate", {})
                assert not refused.value.was_sent
                with pytest.raises(LinkNotReady, match="FullyBooted"):
                    await it.link.wait_ready(0.01)
                ami.peer.send(FULLY_BOOTED)
                await it.link.wait_ready(2)
                assert ami.actions("Originate") == []

    run(scene())


def test_an_unsafe_action_writes_nothing_and_keeps_the_link() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            for fields in ({"Exten": "1\r\nX: y"}, {"Variable": "EVIL=1"}, {"Variable": "DB(a)=1"}):
                with pytest.raises(UnsafeField):
                    await it.link.action("Originate", fields)
            await it.link.action("Ping", {})
            assert [a["Action"] for a in ami.peer.actions] == ["Login", "Ping"]

    run(scene())


def test_two_actions_with_one_id_are_not_sent_at_once() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            ami.on["Originate"] = None
            first = asyncio.create_task(it.link.action("Originate", {"ActionID": "7"}, 1))
            await until(lambda: ami.actions("Originate"))
            with pytest.raises(LinkNotReady):
                await it.link.action("Originate", {"ActionID": "7"})
            ami.peer.send("Response: Success\r\nActionID: 7\r\n\r\n")
            assert (await first).success

    run(scene())


def test_a_secret_that_cannot_be_sent_is_told_at_once_without_being_shown() -> None:
    async def scene() -> None:
        address = AmiAddress("127.0.0.1", 1, "callback", "hunter2\r\nAction: Ping")
        assert "hunter2" not in repr(address)
        with pytest.raises(UnsafeField) as refused:
            AmiLink(address, on_event=print, on_state=print)
        assert "Secret" in str(refused.value) and "hunter2" not in str(refused.value)

    run(scene())


def test_without_the_right_system_the_reason_names_it() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami:
            ami.boots = False
            timings = dataclasses.replace(QUICK, backoff_first=LONG, backoff_max=LONG)
            async with bench(ami, ready=False, timings=timings) as it:
                await until(lambda: it.link.state is LinkState.BOOTING)
                leap()
                await until(lambda: it.link.state is LinkState.BOOT_SILENT)
                assert "read=system" in it.link.reason and "'callback'" in it.link.reason
                await ami.peer.closed.wait()

    run(scene())


def test_nobody_listens() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami:
            pass
        async with bench(ami, ready=False) as it:
            await until(lambda: it.states.count(LinkState.UNREACHABLE) >= 2)
            assert f"127.0.0.1:{ami.port}" in it.link.reason
            assert "nobody listens" in it.link.reason

    run(scene())


@pytest.mark.parametrize("banner", ["", "Asterisk Call"])
def test_a_port_that_accepts_and_says_nothing(banner: str) -> None:
    async def scene() -> None:
        async with scripted_ami() as ami:
            ami.banner = banner
            timings = dataclasses.replace(QUICK, backoff_first=LONG, backoff_max=LONG)
            async with bench(ami, ready=False, timings=timings) as it:
                await until(lambda: ami.peers)
                leap()
                await until(lambda: it.link.state is LinkState.UNREACHABLE)
                assert "banner" in it.link.reason
                assert ami.actions("Login") == []

    run(scene())


def test_the_secret_is_not_shown_to_another_service() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami:
            ami.banner = "220 mail.example ESMTP\r\n"
            async with bench(ami, ready=False) as it:
                await until(lambda: it.states.count(LinkState.BROKEN) >= 2)
                assert "some other service" in it.link.reason
            assert all(peer.raw == b"" for peer in ami.peers)

    run(scene())


def test_login_without_answer_and_cut_during_login() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami:
            ami.on["Login"] = None
            async with bench(ami, ready=False) as it:
                await until(lambda: ami.actions("Login"))
                leap()
                await until(lambda: LinkState.SILENT in it.states)
                ami.on["Login"] = lambda peer, action: peer.cut()
                await until(lambda: LinkState.LOST in it.states)
                del ami.on["Login"]
                await it.link.wait_ready(LONG)

    run(scene())


def test_a_message_cut_by_the_end_of_the_connection_is_discarded_with_it() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            ami.peer.send("Event: Hangup\r\nUniqueid: cb-")
            ami.peer.writer.close()
            await until(lambda: len(ami.peers) == 2)
            await it.link.wait_ready(LONG)
            ami.peer.event("Hangup", Uniqueid="whole")
            await until(lambda: len(it.events) == 3)
            assert it.events[-1]["Uniqueid"] == "whole"
            assert it.names() == ["FullyBooted", "FullyBooted", "Hangup"]

    run(scene())


def test_the_loss_is_known_before_another_action_can_be_tried() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            ami.on["Originate"] = lambda peer, action: peer.cut()
            with pytest.raises(ActionTimeout):
                await it.link.action("Originate", {})
            assert it.link.state is not LinkState.READY
            with pytest.raises(LinkNotReady):
                await it.link.action("Originate", {})
            await it.link.wait_ready(LONG)
            assert len(ami.actions("Originate")) == 1

    run(scene())


def test_ready_comes_before_the_events_that_follow_fully_booted() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami:

            def all_in_one_packet(peer: Peer, action: Fields) -> None:
                accepted = f"Response: Success\r\nActionID: {action['ActionID']}\r\n\r\n"
                peer.send(accepted + FULLY_BOOTED + "Event: Hangup\r\n\r\n")

            ami.on["Login"] = all_in_one_packet
            async with bench(ami, ready=False) as it:
                seen: list[tuple[str, LinkState]] = []
                it.link._on_event = lambda e: seen.append((e["Event"], it.link.state))
                await until(lambda: len(seen) == 2)
                assert seen[1] == ("Hangup", LinkState.READY)

    run(scene())


def _queue_status(peer: Peer, action: Fields) -> None:
    peer.answer(action, "Response: Success\r\nEventList: start")
    peer.event("QueueMember", ActionID=action["ActionID"], Name="Alice")
    peer.event("Hangup", Uniqueid="between")
    peer.event("QueueMember", ActionID=action["ActionID"], Name="Bob")
    peer.event("QueueStatusComplete", ActionID=action["ActionID"], EventList="Complete")
    peer.event("Hangup", Uniqueid="after")


def test_a_list_is_collected_and_other_events_pass_in_order() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            ami.on["QueueStatus"] = _queue_status
            before: list[list[str]] = []

            def complete(items: list[Event]) -> None:
                before.append([e["Uniqueid"] for e in it.events if "Uniqueid" in e])
                raise RuntimeError("must not harm the link")

            items = await it.link.list_action(
                "QueueStatus", {}, complete="QueueStatusComplete", on_complete=complete
            )
            assert [item["Name"] for item in items] == ["Alice", "Bob"]
            assert before == [["between"]]
            await until(lambda: len(it.events) == 3)
            assert it.link.state is LinkState.READY

    run(scene())


def test_a_list_that_never_completes_has_a_deadline() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            with pytest.raises(ActionTimeout):
                await it.link.list_action("QueueStatus", {}, complete="X", deadline=0.05)
            ami.on["QueueStatus"] = lambda peer, action: peer.answer(action, "Response: Error")
            with pytest.raises(ActionRefused):
                await it.link.list_action("QueueStatus", {}, complete="X")

    run(scene())


def test_a_handler_of_states_that_fails_does_no_harm(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami, ready=False) as it:
            it.link._on_state = lambda state: 1 / 0  # type: ignore[assignment]
            await it.link.wait_ready(LONG)
        assert "ZeroDivisionError" in caplog.text

    run(scene())


def test_a_peer_that_does_not_read_gets_no_more() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            ami.peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
            fields = {"Account": "x" * 900, "Variable": ["CALLBACK_ID=" + "1" * 250] * 90}
            tries = [it.link.action("Originate", fields, deadline=1.0) for _ in range(1000)]
            results = await asyncio.gather(*tries, return_exceptions=True)
            assert {type(r) for r in results} == {ActionTimeout, LinkNotReady}

    run(scene())


def test_backoff_is_not_a_tight_loop() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami:
            ami.secret = "other"
            timings = dataclasses.replace(QUICK, backoff_first=0.1, backoff_max=10)
            async with bench(ami, ready=False, timings=timings) as it:
                clock = asyncio.get_running_loop().time
                start = clock()
                await until(lambda: len(ami.peers) == 4)
                assert clock() - start >= (0.1 + 0.2 + 0.4) / 2
                assert LinkState.LOGIN_REFUSED in it.states

    run(scene())


def test_nothing_secret_in_any_log(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            ami.peer.cut()
            await until(lambda: len(ami.peers) == 2)
            await it.link.wait_ready(LONG)

    caplog.set_level(logging.DEBUG)
    run(scene())
    assert "AMI link" in caplog.text
    assert "s3cret" not in caplog.text


def test_a_second_run_is_refused() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami, bench(ami) as it:
            with pytest.raises(RuntimeError):
                await it.link.run()
            assert it.link.state is LinkState.READY

    run(scene())


def test_the_banner_may_come_in_pieces() -> None:
    async def scene() -> None:
        async with scripted_ami() as ami:
            ami.banner = BANNER[:9]
            async with bench(ami, ready=False) as it:
                await until(lambda: ami.peers)
                ami.peer.send(BANNER[9:])
                await it.link.wait_ready(LONG)

    run(scene())


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        (ssl.SSLCertVerificationError("x"), "check ca and host name"),
        (ssl.SSLError("x"), "tlsbindaddr"),
        (socket.gaierror(-2, "Name or service not known"), "check host and port"),
        (TimeoutError(), "firewall"),
    ],
)
def test_why_a_server_is_unreachable(error: OSError, mend: str) -> None:
    if isinstance(error, ssl.SSLCertVerificationError):
        error.verify_message = "self-signed certificate"
    fault = unreachable(AmiAddress("pbx.example", 5039, "callback", "s3cret"), error)
    assert fault.state is LinkState.UNREACHABLE
    assert "pbx.example:5039" in fault.reason and mend in fault.reason


@pytest.mark.case("CASES 4: allowmultiplelogin=no beside a running dispatcher")
def test_a_second_login_is_no_wrong_secret() -> None:
    """As Asterisk 22 and 16 say it."""
    address = AmiAddress("127.0.0.1", 5038, "callback", "secret")
    fault = login_refused(address, "Login Already In Use")
    assert fault.state is LinkState.LOGIN_REFUSED
    assert "allowmultiplelogin=no" in fault.reason and "wrong secret" not in fault.reason
    assert "wrong secret" in login_refused(address, "Authentication failed").reason
