"""What calls and probes tell of the gate, and when that stops the dialling."""

import pytest

from asterisk_callback.telephony import contract
from asterisk_callback.telephony.gate_word import REST, REST_MAX, GateWord

NOTHING, ANSWERED = "FAILURE", "SUCCESS"


class Ear:
    """A GateWord on a clock that is moved by hand."""

    def __init__(self, instance: str = "") -> None:
        self.now = 1000.0
        self.instance = instance
        self.gate = GateWord(instance, lambda: self.now)

    def call(self, word: str, context: str = contract.CONTEXT_REPORT) -> bool:
        return self.tell(contract.EVENT_LEG, context, Word=word, Leg="customer")

    def probe(self, reached: bool, context: str = contract.CONTEXT_DOCTOR) -> bool:
        word = ANSWERED if reached else NOTHING
        where = "agi://192.0.2.7:4574/gate"
        return self.tell(
            contract.EVENT_DOCTOR, context, Word=word, Gate=where, Reached="1" if reached else ""
        )

    def tell(self, event: str, context: str, **fields: str) -> bool:
        return self.gate.take(
            {"Event": "UserEvent", "UserEvent": event, "Context": context} | fields
        )


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.mark.case(
    "CASES 6: two calls without the gate's word pause dialling, the first yes ends it"
)
def test_two_silences_in_a_row(ear: Ear) -> None:
    assert ear.call(NOTHING) and ear.gate.to_probe
    assert ear.gate.fault == ""
    ear.gate.asked()
    ear.probe(False)
    assert "no answer from the gate at 192.0.2.7:4574 (FAILURE)" in ear.gate.fault
    ear.probe(True)
    assert ear.gate.fault == ear.gate.trouble == ""


@pytest.mark.parametrize("word", [contract.WORD_HEARD, ""])
def test_an_answered_call_is_no_silence(ear: Ear, word: str) -> None:
    """ "": the agent hung up before the gate was asked, which tells nothing."""
    ear.call(NOTHING)
    ear.call(word)
    ear.call(NOTHING)
    assert bool(ear.gate.fault) is (word == "")


def test_others_on_the_same_asterisk_tell_nothing() -> None:
    ear = Ear("acme")
    for _ in range(3):
        assert not ear.call(NOTHING) and not ear.probe(False)
    assert ear.gate.fault == ""
    ear.probe(False, "callback-acme-doctor")
    ear.call(NOTHING, "callback-acme-report")
    assert ear.gate.fault


def test_many_calls_that_were_under_way_make_no_long_pause(ear: Ear) -> None:
    """A database that is away for seconds makes the gate mute for all agents who answer then."""
    for _ in range(12):
        ear.call(ANSWERED)
    ear.probe(True)
    assert ear.gate.fault
    ear.now += REST
    assert ear.gate.fault == ""
    ear.call(ANSWERED)
    ear.probe(True)
    ear.now += REST
    assert ear.gate.fault  # it was tried in vain


def test_a_gate_that_answers_probes_alone_is_tried_by_fewer_and_fewer_calls(ear: Ear) -> None:
    """Or agents would be rung for nothing at each yes of a probe."""
    pauses = []
    for _ in range(9):
        ear.call(ANSWERED)
        ear.probe(True)
        if ear.gate.fault:
            assert "gives calls no word" in ear.gate.fault
            ear.now += REST - 1
            pauses.append(REST)
            while ear.gate.fault:
                ear.now += REST
                pauses[-1] += REST
            assert ear.gate.trouble  # the alarm stands while a call tries it
    assert pauses == sorted(pauses) and pauses[0] == 2 * REST
    assert REST_MAX <= pauses[-1] <= REST_MAX + 2 * REST
    ear.call(contract.WORD_HEARD)
    assert ear.gate.fault == ear.gate.trouble == ""
