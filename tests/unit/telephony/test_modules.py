"""Each application and function of dialplan/ has its row in the table of modules."""

import pytest

from asterisk_callback.telephony import loaded, modules
from tests.lab import asterisk_base
from tests.lab.deployment_files import DIALPLAN, REPOSITORY

PROVISION = REPOSITORY / "scripts/provision/asterisk"


def _named() -> tuple[set[str], set[str]]:
    texts = [path.read_text() for path in sorted(DIALPLAN.glob("*.conf"))]
    return loaded.names(loaded.parse("\n".join(text for text in texts if "exten =>" in text)))


def test_every_application_and_function_has_a_row() -> None:
    applications, functions = _named()
    assert {"Dial", "Queue", "UserEvent"} <= applications and {"CHANNEL", "DB"} <= functions
    assert applications - set(modules.APPLICATIONS) == set()
    assert functions - set(modules.FUNCTIONS) == set()


@pytest.mark.case("the machine of the Vagrantfile lacked modules that customer_first needs")
def test_the_machine_to_try_it_on_loads_all_that_the_modes_need() -> None:
    wanted = modules.of(*_named()) | {modules.MUSIC, modules.ASKED_BY}
    lines = (PROVISION / "modules.conf").read_text().splitlines()
    assert {f"load={module}.so" for module in wanted} - set(lines) == set()
    # This one plays nothing without a file of its own, and something to play.
    script = (REPOSITORY / "scripts/provision.sh").read_text()
    assert (PROVISION / "musiconhold.conf").exists() and " musiconhold " in script
    assert "asterisk-moh-opsound-gsm" in script


def test_the_test_bed_loads_them_too() -> None:
    assert modules.of(*_named()) | {modules.MUSIC, modules.ASKED_BY} <= set(asterisk_base.MODULES)
