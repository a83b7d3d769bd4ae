"""A script of somebody else that asks our gate sees a failure, and the operator is told."""

import pytest

from tests.lab import behaviours
from tests.lab.calls import ask
from tests.lab.deployment import Deployment
from tests.lab.fixtures import on_22_and_16
from tests.lab.waiting import PATIENCE, until

DIALPLAN = """
[theirs]
exten => s,1,AGI(agi://127.0.0.1:{port}/dialparties.agi?number=02079460123)
 same => n,UserEvent(Theirs,Status: ${{AGISTATUS}})
exten => wait,1,Wait(3)
"""


@on_22_and_16
@pytest.mark.case("CASES 5: a foreign AGI request is refused loudly, never completed")
def test_a_foreign_script_fails_and_ours_goes_on(lab: Deployment) -> None:
    pbx = lab.bed.pbx
    file = pbx.root / "etc/extensions.conf"
    before = file.read_text()
    file.write_text(before + DIALPLAN.format(port=lab.gate_port))
    pbx.cli("dialplan reload")
    try:
        pbx.ami.action(
            "Originate", Channel="Local/s@theirs/n", Context="theirs", Exten="wait",
            Priority="1", Async="true",
        )  # fmt: skip
        theirs = pbx.ami.event("UserEvent", PATIENCE, UserEvent="Theirs")
    finally:
        file.write_text(before)
        pbx.cli("dialplan reload")
    assert theirs["Status"] == "FAILURE"

    def told() -> str:
        with lab.store.reading() as tx:
            return " ".join(one.text for one in tx.alarms.standing() if one.name == "foreign_agi")

    until(told, PATIENCE, "the alarm of a foreign script")
    assert "'dialparties.agi'" in told() and "0207946" not in told()
    ask(lab, behaviours.answer(talk=0.2)).wait("completed")
