"""The table of causes: whose fault it was. The rows are what a real Asterisk 22 and 16 said."""

import pytest

from asterisk_callback.domain.disposition import Disposition as D
from asterisk_callback.telephony.causes import DialResult, DialVerdict, judge

QUIET, EARLY, RANG = range(3)


def verdict(
    dialstatus: str, cause: int | None, tech: str, rang: int, line: str = "PJSIP",
    gate: bool = True, gives_ringing: bool = True, answered: bool | None = None,
) -> tuple[D, bool]:  # fmt: skip
    ending = DialResult(
        dialstatus=dialstatus, cause=cause, tech=tech, rang=rang == RANG, early=rang == EARLY,
        gate=gate, line=line, answered=answered,
    )  # fmt: skip
    found: DialVerdict = judge(ending, gives_ringing=gives_ringing)
    return found.disposition, found.rung


@pytest.mark.parametrize(
    ("dialstatus", "cause", "tech", "rang", "disposition", "rung"),
    [
        ("ANSWER", 16, "SIP 200 OK", RANG, D.ANSWERED, True),
        ("ANSWER", 16, "SIP 200 OK", QUIET, D.ANSWERED, True),
        ("BUSY", 17, "SIP 486 Busy Here", QUIET, D.BUSY, True),
        ("BUSY", 17, "SIP 486 Busy Here", RANG, D.BUSY, True),
        ("BUSY", 17, "SIP 600 Busy Everywhere", QUIET, D.BUSY, True),
        ("CHANUNAVAIL", 21, "SIP 603 Decline", QUIET, D.REJECTED, True),
        ("CHANUNAVAIL", 21, "SIP 603 Decline", RANG, D.REJECTED, True),
        ("CHANUNAVAIL", 21, "SIP 403 Forbidden", QUIET, D.TRUNK_FAULT, False),
        ("CHANUNAVAIL", 21, "SIP 403 Forbidden", RANG, D.REJECTED, True),
        ("CHANUNAVAIL", 21, "SIP 401 Unauthorized", QUIET, D.TRUNK_FAULT, False),
        ("CHANUNAVAIL", 21, "SIP 402 Payment Required", QUIET, D.TRUNK_FAULT, False),
        ("CHANUNAVAIL", 21, "SIP 407 Proxy Auth", QUIET, D.TRUNK_FAULT, False),
        ("NOANSWER", 18, "SIP 408 Request Timeout", QUIET, D.TRUNK_FAULT, False),
        ("CHANUNAVAIL", 1, "SIP 404 Not Found", QUIET, D.INVALID_NUMBER, False),
        ("CHANUNAVAIL", 28, "SIP 484 Address Incomplete", QUIET, D.INVALID_NUMBER, False),
        ("NOANSWER", 16, "", RANG, D.NO_ANSWER, True),
        ("NOANSWER", 16, "SIP 180 Ringing", RANG, D.NO_ANSWER, True),
        ("NOANSWER", 16, "", QUIET, D.TRUNK_FAULT, False),  # never replied
        # Our own time-out: it may have rung, and a line that never says so is at fault
        ("NOANSWER", 16, "SIP 100 Trying", QUIET, D.TRUNK_FAULT, True),
        ("NOANSWER", 16, "PJSIP SIP 487+", QUIET, D.TRUNK_FAULT, True),
        ("NOANSWER", 19, "SIP 480 Unavailable", QUIET, D.NO_ANSWER, True),
        ("CONGESTION", 34, "SIP 503 Service Unavailable", QUIET, D.CONGESTION, False),
        ("CONGESTION", 34, "SIP 503 Service Unavailable", RANG, D.NO_ANSWER, True),
        ("BUSY", 16, "", QUIET, D.TRUNK_FAULT, False),  # 302, not followed
        ("CHANUNAVAIL", None, "", QUIET, D.TRUNK_FAULT, False),  # no such endpoint
        # Asterisk was restarted while the far end was busy ringing (found by the fault suite)
        ("CHANUNAVAIL", 0, "SIP 100 Trying", QUIET, D.UNKNOWN, True),
        ("CHANUNAVAIL", 0, "", QUIET, D.UNKNOWN, True),
        ("CHANUNAVAIL", 3, "", QUIET, D.TRUNK_FAULT, False),  # no such endpoint, or unreachable
        # The agent gave up: once the far end had spoken, its phone may have rung.
        ("CANCEL", 16, "SIP 180 Ringing", RANG, D.ABANDONED, True),
        ("CANCEL", 16, "SIP 100 Trying", QUIET, D.ABANDONED, True),
        ("CANCEL", 16, "", QUIET, D.AGENT_GONE, False),
        ("", None, "", QUIET, D.AGENT_GONE, False),
    ],
)
def test_a_sip_line(
    dialstatus: str, cause: int | None, tech: str, rang: int, disposition: D, rung: bool
) -> None:
    assert verdict(dialstatus, cause, tech, rang) == (disposition, rung)


@pytest.mark.parametrize(
    ("dialstatus", "cause", "disposition", "rung"),
    [
        ("BUSY", 17, D.BUSY, True),
        ("BUSY", 16, D.BUSY, True),  # a Local channel that ends in Busy() has cause 16
        ("CONGESTION", 34, D.CONGESTION, False),
        ("CHANUNAVAIL", 1, D.INVALID_NUMBER, False),
        ("CHANUNAVAIL", 21, D.TRUNK_FAULT, False),
        ("NOANSWER", 16, D.TRUNK_FAULT, False),
    ],
)
def test_a_line_through_another_dialplan(
    dialstatus: str, cause: int, disposition: D, rung: bool
) -> None:
    assert verdict(dialstatus, cause, "", QUIET, line="Local") == (disposition, rung)


@pytest.mark.case("CASES 2: early media is not ringing")
@pytest.mark.parametrize("line", ["PJSIP", "Local"])
@pytest.mark.parametrize(
    ("dialstatus", "cause", "code", "disposition", "rung"),
    [
        ("CHANUNAVAIL", 21, 403, D.TRUNK_FAULT, False),
        ("CHANUNAVAIL", 21, 401, D.TRUNK_FAULT, False),
        ("CHANUNAVAIL", 21, 402, D.TRUNK_FAULT, False),
        ("CHANUNAVAIL", 21, 407, D.TRUNK_FAULT, False),
        ("NOANSWER", 18, 408, D.TRUNK_FAULT, False),
        ("CHANUNAVAIL", 1, 404, D.INVALID_NUMBER, False),
        ("CHANUNAVAIL", 28, 484, D.INVALID_NUMBER, False),
        ("CONGESTION", 34, 503, D.CONGESTION, False),
        ("CHANUNAVAIL", 38, 500, D.TRUNK_FAULT, False),
        # somebody was reached
        ("BUSY", 17, 486, D.BUSY, True),
        ("BUSY", 17, 600, D.BUSY, True),
        ("CHANUNAVAIL", 21, 603, D.REJECTED, True),
        ("CHANUNAVAIL", 21, 607, D.REJECTED, True),
        ("CHANUNAVAIL", 21, 608, D.REJECTED, True),
        ("NOANSWER", 19, 480, D.NO_ANSWER, True),
    ],
)
def test_early_media_changes_nothing(
    dialstatus: str, cause: int, code: int, disposition: D, rung: bool, line: str
) -> None:
    for media in (QUIET, EARLY):
        found = verdict(dialstatus, cause, f"PJSIP SIP {code}+", media, line=line)
        assert found == (disposition, rung)


@pytest.mark.case("CASES 2: early media is not ringing")
def test_early_media_until_our_own_time_out_counts_as_rung() -> None:
    for tech in ("PJSIP SIP 183+", "PJSIP SIP 487+", ""):
        assert verdict("NOANSWER", 16, tech, EARLY) == (D.NO_ANSWER, True)
    assert verdict("CANCEL", 16, "PJSIP SIP 183+", EARLY) == (D.ABANDONED, True)


@pytest.mark.case("CASES 2: behind a Local line, an announcement that answers")
@pytest.mark.parametrize(
    ("tech", "rang", "disposition", "rung"),
    [
        ("", QUIET, D.TRUNK_FAULT, False),  # no route
        ("PJSIP +", QUIET, D.TRUNK_FAULT, False),  # a dead trunk
        ("PJSIP SIP 403+PJSIP SIP 503+", EARLY, D.CONGESTION, False),
        ("PJSIP SIP 403+", EARLY, D.TRUNK_FAULT, False),
        ("PJSIP SIP 404+", QUIET, D.INVALID_NUMBER, False),
        ("PJSIP SIP 486+", QUIET, D.BUSY, True),
        ("PJSIP SIP 503+PJSIP SIP 603+", QUIET, D.REJECTED, True),
        ("PJSIP SIP 180+", RANG, D.NO_ANSWER, True),
        ("PJSIP SIP 100+", QUIET, D.TRUNK_FAULT, True),
        ("IAX2 +", QUIET, D.TRUNK_FAULT, False),
    ],
)
def test_a_local_line_that_no_real_channel_answered(
    tech: str, rang: int, disposition: D, rung: bool
) -> None:
    found = verdict("ANSWER", 16, tech, rang, line="Local", answered=False)
    assert found == (disposition, rung)


@pytest.mark.case("CASES 2: behind a Local line, our service away")
@pytest.mark.parametrize(
    ("tech", "disposition", "rung"),
    [
        ("PJSIP SIP 200+", D.ANSWERED, True),
        ("PJSIP SIP 503+PJSIP SIP 200+", D.ANSWERED, True),
        ("IAX2 +", D.ANSWERED, True),
        ("PJSIP SIP 403+", D.TRUNK_FAULT, False),
        ("", D.UNKNOWN, True),
        ("PJSIP +", D.UNKNOWN, True),
        ("PJSIP SIP 180+", D.UNKNOWN, True),
    ],
)
def test_a_local_line_answered_while_events_are_missing(
    tech: str, disposition: D, rung: bool
) -> None:
    assert verdict("ANSWER", 16, tech, QUIET, line="Local") == (disposition, rung)


def test_a_real_answer_behind_a_local_line() -> None:
    for tech in ("", "PJSIP SIP 200+", "IAX2 +", "PJSIP SIP 503+"):
        found = verdict("ANSWER", 16, tech, QUIET, line="Local", answered=True)
        assert found == (D.ANSWERED, True)


def test_an_announcement_that_is_given_up_on_is_judged_by_the_code() -> None:
    found = verdict("CANCEL", 16, "PJSIP SIP 403+", EARLY, line="Local", answered=False)
    assert found == (D.TRUNK_FAULT, False)


def test_a_line_that_gives_no_ringing() -> None:
    assert verdict("NOANSWER", 16, "", QUIET, line="DAHDI", gives_ringing=False) == (
        D.NO_ANSWER, True,
    )  # fmt: skip
    assert verdict("CANCEL", 16, "", QUIET, line="DAHDI", gives_ringing=False) == (
        D.ABANDONED, True,
    )  # fmt: skip


def test_without_the_gates_yes_nobody_was_rung() -> None:
    for status in ("ANSWER", "BUSY", "NOANSWER", "CANCEL", ""):
        assert verdict(status, 16, "", RANG, gate=False) == (D.AGENT_GONE, False)
