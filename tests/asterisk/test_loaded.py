"""What Asterisk has loaded of ours, against what we ship: on a real Asterisk, its own words."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_callback.commands import init_files
from asterisk_callback.telephony import contract, loaded, modules
from tests.lab import behaviours
from tests.lab.calls import ask
from tests.lab.deployment import Deployment
from tests.lab.fixtures import on_22_and_16
from tests.unit.cli.answers import ANSWERS


@on_22_and_16
def test_asterisk_gives_back_each_line_as_we_ship_it(lab: Deployment) -> None:
    """By the tests' own session: what differences() relies on is how Asterisk tells of a line."""
    for context, ours in loaded.shipped().items():
        if context != "callback-settings":
            assert loaded_lines(lab, context) == ours


def loaded_lines(lab: Deployment, context: str) -> loaded.Lines:
    return {
        (one["Extension"], one["Priority"]): (one["Application"], one.get("AppData", "").strip())
        for one in lab.bed.pbx.ami.listing("ShowDialPlan", Context=context)
        if "Application" in one
    }


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


@on_22_and_16
@pytest.mark.case("CASES 5: two installations on one Asterisk")
def test_a_second_installation_beside_ours_changes_nothing_of_it(
    lab: Deployment, tmp_path: Path
) -> None:
    pbx = lab.bed.pbx
    init_files.write(tmp_path, replace(ANSWERS, instance="north"))
    file = pbx.root / "etc/extensions.conf"
    before = file.read_text()
    names = (contract.FILE_SETTINGS, contract.FILE_EXTENSIONS)
    theirs = [tmp_path / "asterisk" / contract.file_of(name, "north") for name in names]
    file.write_text(before + "".join(f'#tryinclude "{one}"\n' for one in theirs))
    pbx.cli("dialplan reload")
    try:
        for instance in ("", "north"):
            for context, lines in loaded.shipped(instance).items():
                if "settings" not in context:
                    assert loaded_lines(lab, context) == lines
        ask(lab, behaviours.answer(talk=0.2)).wait("completed")
        assert lab.complaints() == []
    finally:
        file.write_text(before)
        pbx.cli("dialplan reload")
