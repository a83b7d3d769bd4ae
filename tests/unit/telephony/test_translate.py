"""translate() on recorded streams of a real Asterisk 22 and 16 (tests/lab/record_streams.py)."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from asterisk_callback.domain.attempt import Attempt, AttemptId, Token
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.progress import (
    AgentAnswers,
    AgentLeaves,
    AgentRings,
    AttemptEnds,
    CustomerAnswers,
    CustomerRings,
    Report,
    apply,
)
from asterisk_callback.domain.request import RequestId
from asterisk_callback.telephony import contract
from asterisk_callback.telephony.translate import Context, Event, left_outcome, picked_up, translate

STREAMS = Path(__file__).with_name("streams")
NOW = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
RINGS, ANSWERS, CUSTOMER, BRIDGE = AgentRings, AgentAnswers, CustomerRings, CustomerAnswers
ENDS = AttemptEnds

# What each scenario must come to: the reports in their order, the disposition, was it a ring.
SCENARIOS = {
    "talk": ([RINGS, ANSWERS, CUSTOMER, BRIDGE, ENDS], Disposition.ANSWERED, True),
    "busy": ([RINGS, ANSWERS, CUSTOMER, ENDS], Disposition.BUSY, True),
    "rejected": ([RINGS, ANSWERS, ENDS], Disposition.REJECTED, True),
    "wrong-number": ([RINGS, ANSWERS, ENDS], Disposition.INVALID_NUMBER, False),
    "trunk-fault": ([RINGS, ANSWERS, ENDS], Disposition.TRUNK_FAULT, False),
    "second-agent": (
        [RINGS, RINGS, ANSWERS, CUSTOMER, BRIDGE, ENDS], Disposition.ANSWERED, True,
    ),
    "agent-gone": ([RINGS, ANSWERS, ENDS], Disposition.AGENT_GONE, False),
    "abandoned": ([RINGS, ANSWERS, CUSTOMER, ENDS], Disposition.ABANDONED, True),
}  # fmt: skip
each_stream = pytest.mark.parametrize(
    ("version", "name"), [(version, name) for version in ("22", "16") for name in SCENARIOS]
)


def stream(version: str, name: str) -> list[Event]:
    text = (STREAMS / f"{version}-{name}.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def reports_of(version: str, name: str) -> list[Report]:
    found = [translate(event) for event in stream(version, name)]
    return [report for report in found if report is not None]


def attempt(report: Report, gate: bool) -> Attempt:
    """An attempt as it is at its claim; with `gate` it has passed that, too."""
    return Attempt(
        id=AttemptId(1), request_id=RequestId(1), token=report.token, server="pbx", trunk="main",
        owner="d", epoch=1, e164="+442079460123", claimed_at=NOW,
        gate_by=NOW + timedelta(minutes=1), gate_at=NOW if gate else None,
    )  # fmt: skip


@each_stream
def test_the_reports_of_a_real_call(version: str, name: str) -> None:
    kinds, disposition, rung = SCENARIOS[name]
    reports = reports_of(version, name)
    assert [type(report) for report in reports] == kinds
    end = reports[-1]
    assert isinstance(end, AttemptEnds)
    assert (end.disposition, end.rung) == (disposition, rung)
    assert len({report.token for report in reports}) == 1


@each_stream
def test_what_they_make_of_an_attempt(version: str, name: str) -> None:
    _, disposition, rung = SCENARIOS[name]
    reports = reports_of(version, name)
    now = attempt(reports[0], gate=disposition is not Disposition.AGENT_GONE)
    for report in [*reports, *reports]:  # twice: a second time changes nothing
        now = apply(now, report, NOW)
    assert (now.disposition, now.rung) == (disposition, rung)
    last = "1002" if name == "second-agent" else "1001"
    assert (now.agent, now.member) == (f"Agent {last}", f"PJSIP/{last}")


@each_stream
def test_the_outcome_left_in_astdb_says_the_same(version: str, name: str) -> None:
    leg = next(
        event for event in stream(version, name)
        if event.get("UserEvent") == contract.EVENT_LEG and event["Leg"] == "customer"
    )  # fmt: skip
    told = translate(leg)
    assert told is not None
    left = "|".join(leg.get(field, "") for field in contract.OUTCOME_FIELDS)
    assert left_outcome(told.token, left, gives_ringing=True) == told


def test_foreign_calls_say_nothing() -> None:
    for event in stream("22", "talk"):
        foreign = {
            key: value.replace("cb-", "1795348414.") if isinstance(value, str) else value
            for key, value in event.items()
            if key != "Token"
        }
        assert translate(foreign) is None


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"Event": "UserEvent"},
        {"Event": "UserEvent", "UserEvent": contract.EVENT_LEG, "Token": "x", "Leg": "customer"},
        {"Event": "DialEnd", "DialStatus": "ANSWER"},
        {"Event": "AgentCalled", "Uniqueid": "cb-1-a"},
        {"Event": "OriginateResponse", "Response": "Success", "ActionID": "1" * 27},
        {"Event": "OriginateResponse", "Response": "Failure", "ActionID": "link-1"},
        {"Event": "DialEnd", "Uniqueid": f"cb-{'1' * 27}-b", "DialStatus": "ANSWER"},
    ],
)
def test_events_that_say_nothing(event: Event) -> None:
    assert translate(event) is None


def test_an_originate_that_failed_ends_the_attempt() -> None:
    token = "1" * 27
    event = {"Event": "OriginateResponse", "Response": "Failure", "ActionID": token, "Reason": "0"}
    report = translate({**event, "Uniqueid": f"cb-{'2' * 27}-a"})
    assert isinstance(report, AttemptEnds)
    assert (report.token, report.disposition) == (token, Disposition.NO_AGENT)


@pytest.mark.parametrize(
    ("status", "disposition"),
    [
        ("TIMEOUT", Disposition.AGENT_NO_ANSWER),
        ("JOINEMPTY", Disposition.NO_AGENT),
        ("LEAVEEMPTY", Disposition.NO_AGENT),
        ("FULL", Disposition.NO_AGENT),
        ("", None),
    ],
)
def test_the_queue_ended_without_an_agent(status: str, disposition: Disposition | None) -> None:
    event = {
        "Event": "UserEvent", "UserEvent": contract.EVENT_LEG, "Token": "1" * 27, "Leg": "agent",
        "QueueStatus": status,
    }  # fmt: skip
    report = translate(event)
    assert (report.disposition if isinstance(report, AttemptEnds) else None) is disposition


@pytest.mark.parametrize("value", ["", "|", "ANSWER", "|".join("123456789"), "a|b|c|d|e|f|g"])
def test_what_is_no_outcome_of_ours_is_none(value: str) -> None:
    assert left_outcome(contract.token_of(f"cb-{'1' * 27}-a") or "", value, True) is None  # type: ignore[arg-type]


TOKEN_27 = "393394053621371719717379194"


@pytest.mark.case("CASES 10: a transfer is seen")
@pytest.mark.parametrize("kind", ["BlindTransfer", "AttendedTransfer"])
@pytest.mark.parametrize(
    ("half", "result", "leaves"),
    [("b", "Success", True), ("b", "Fail", False), ("a", "Success", False)],
)
def test_an_agent_hands_the_call_on(kind: str, half: str, result: str, leaves: bool) -> None:
    """The half that dials the customer is the transferee if the customer's own telephone did it."""
    event = {
        "Event": kind, "Result": result, "TransfereeUniqueid": f"cb-{TOKEN_27}-{half}",
        "TransfererUniqueid": "1796052235.40",
    }  # fmt: skip
    wanted = AgentLeaves(token=Token(TOKEN_27)) if leaves else None
    assert translate(event) == wanted


def test_who_picks_up_a_colleagues_phone() -> None:
    event = {
        "Event": "Pickup", "Channel": "PJSIP/1002-0000000e", "TargetChannel": "PJSIP/1001-0000000d",
        "TargetLinkedid": f"cb-{TOKEN_27}-a",
    }  # fmt: skip
    assert picked_up(event) == (TOKEN_27, "PJSIP/1002")
    assert picked_up(event | {"TargetLinkedid": "1796052263.76"}) is None
    assert picked_up(event | {"Event": "Hangup"}) is None


@pytest.mark.case("CASES 10: an agent asks a colleague while the customer's phone rings")
def test_a_colleague_who_answers_an_agents_question_is_not_the_customer() -> None:
    """*2: the consultation is dialled within our call, by a Local channel of the transfer."""
    ours, context = f"cb-{TOKEN_27}-a", Context()
    dialled = {"Uniqueid": ours, "Linkedid": ours, "Channel": "Local/x@callback-agent-01;1"}
    asked = {"Uniqueid": "1796054061.24", "Linkedid": ours, "Channel": "Local/1002@agents-03;2"}
    for event in (
        {"Event": "DialBegin", **dialled, "DestChannel": "PJSIP/trunk-01"},
        {"Event": "DialBegin", **asked, "DestChannel": "PJSIP/1002-02"},
        {"Event": "DialState", **asked, "DestChannel": "PJSIP/1002-02", "DialStatus": "RINGING"},
        {"Event": "DialEnd", **asked, "DestChannel": "PJSIP/1002-02", "DialStatus": "ANSWER"},
    ):
        assert translate(event, context) is None
    answer = {"Event": "DialEnd", **dialled, "DestChannel": "PJSIP/trunk-01"}
    answered = translate(answer | {"DialStatus": "ANSWER"}, context)
    assert answered == CustomerAnswers(token=Token(TOKEN_27))
