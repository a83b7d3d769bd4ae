"""What Asterisk has loaded of ours, against what we ship: on a real Asterisk, its own words."""

import re

from asterisk_callback.telephony import loaded, modules
from tests.lab.deployment import Deployment
from tests.lab.fixtures import on_22_and_16


@on_22_and_16
def test_asterisk_gives_back_each_line_as_we_ship_it(lab: Deployment) -> None:
    """By the tests' own session: what differences() relies on is how Asterisk tells of a line."""
    for context, ours in loaded.shipped().items():
        theirs = {
            (one["Extension"], one["Priority"]): (
                one["Application"],
                one.get("AppData", "").strip(),
            )
            for one in lab.bed.pbx.ami.listing("ShowDialPlan", Context=context)
            if "Application" in one
        }
        if context != "callback-settings":
            assert theirs == ours


@on_22_and_16
def test_every_module_that_we_name_exists_by_that_name(lab: Deployment) -> None:
    """No module is taken for missing because its name is wrong."""
    folder = lab.bed.pbx.tree.modules
    for module in loaded.needed(loaded.shipped()) | {modules.ASKED_BY}:
        assert (folder / f"{module}.so").exists(), module
        assert f"{module}.so" in lab.bed.pbx.cli(f"module show like {module}.so")


def test_the_table_of_modules_has_no_other_modules() -> None:
    assert set(modules.FOR_CUSTOMER_FIRST) <= loaded.needed(loaded.shipped())
    named = {*modules.APPLICATIONS.values(), *modules.FUNCTIONS.values()}
    assert all(re.fullmatch(r"(app|func|res)_[a-z0-9]+|", one) for one in named)
