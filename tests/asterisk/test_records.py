"""The PBX's own call records and queue log name the request: its public id, and no number."""

from collections.abc import Iterator

import pytest

from tests.lab import behaviours
from tests.lab.ami import Packet
from tests.lab.calls import AT_ONCE, ask_by_api
from tests.lab.consoles import Desk
from tests.lab.deployment import Deployment
from tests.lab.waiting import PATIENCE, until

TALKS = behaviours.answer(after=0.1, talk=0.2)


def records(lab: Deployment, token: str) -> list[Packet]:
    """The call records of both halves, once the call is over."""
    halves = {f"cb-{token}-a", f"cb-{token}-b"}

    def found() -> list[Packet]:
        return [one for one in lab.bed.pbx.ami.events("Cdr") if one["UniqueID"] in halves]

    until(lambda: len(found()) >= 2, PATIENCE, "both halves' call records")
    return found()


def queue_log(lab: Deployment, token: str) -> list[list[str]]:
    """The lines of the attempt: queue, agent, event, what follows."""
    text = (lab.bed.pbx.root / "var/log/queue_log").read_text()
    lines = [line.split("|") for line in text.splitlines() if token in line]
    return [[line[2], line[3], line[4], *line[5:]] for line in lines]


@pytest.mark.case("CASES 10: call records and queue log name the request")
@pytest.mark.parametrize(
    "lab", ["22", pytest.param("16", marks=pytest.mark.thorough)], indirect=True
)
def test_both_records_and_one_line_of_the_queue_log_carry_the_public_id(lab: Deployment) -> None:
    call, public_id = ask_by_api(lab, TALKS)
    call.wait("completed")
    token = call.attempt.token
    for record in records(lab, token):
        assert (record["AccountCode"], record["UserField"]) == (public_id, public_id), record
    lines = queue_log(lab, token)
    assert [line[:4] for line in lines if line[2] == "CALLBACK"] == [
        ["support", "NONE", "CALLBACK", public_id]
    ]
    # Before the queue's own lines of this call, which have the same call id.
    assert [line[2] for line in lines][:2] == ["CALLBACK", "ENTERQUEUE"]


@pytest.mark.thorough
@pytest.mark.parametrize("lab", ["22", "16"], indirect=True)
def test_so_do_those_of_customer_first(lab: Deployment) -> None:
    call, public_id = ask_by_api(lab, behaviours.answer(after=0.1), AT_ONCE, queue="first")
    call.wait("talking")
    call.world.wait_answered(call.number)
    call.world.hang_up(call.number)
    call.wait("completed")
    assert {one["AccountCode"] for one in records(lab, call.attempt.token)} == {public_id}
    lines = [line for line in queue_log(lab, call.attempt.token) if line[2] == "CALLBACK"]
    assert [line[:4] for line in lines] == [["support", "NONE", "CALLBACK", public_id]]


@pytest.mark.thorough
@pytest.mark.parametrize("lab", ["22", "16"], indirect=True)
def test_a_preview_call_is_in_the_queue_log_with_its_agent(lab: Deployment) -> None:
    """No Asterisk queue has part in it, so this line is the only one."""
    desk = Desk.open(lab, "1001")
    call, public_id = ask_by_api(lab, TALKS, AT_ONCE, queue="preview")
    desk.take()
    desk.call_back()
    call.wait("completed")
    assert {one["UserField"] for one in records(lab, call.attempt.token)} == {public_id}
    assert [line[:4] for line in queue_log(lab, call.attempt.token)] == [
        ["support", "PJSIP/1001", "CALLBACK", public_id]
    ]


@pytest.fixture
def without_call_records(lab: Deployment) -> Iterator[None]:
    """A PBX that has no module for call records."""
    lab.bed.pbx.cli("module unload func_cdr.so")
    yield
    lab.bed.pbx.cli("module load func_cdr.so")


@pytest.mark.usefixtures("without_call_records")
def test_without_a_module_for_call_records_the_call_is_made_all_the_same(lab: Deployment) -> None:
    call, _ = ask_by_api(lab, TALKS)
    call.wait("completed")
    call.ended("answered")
    call.rings(1)
