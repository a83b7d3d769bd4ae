"""doctor on a FreePBX: it knows where it is, and looks into the outbound routes."""

import tomllib

import pytest

from asterisk_callback import config
from asterisk_callback.doctor import CheckStatus, Finding, examine
from tests.lab import deployment_files
from tests.wild.foreign_agi import ForeignAgi
from tests.wild.freepbx import FreePbx

pytestmark = pytest.mark.asterisk


def examined(lab: FreePbx, **changes: object) -> dict[str, Finding]:
    """What doctor finds, with these sections laid over the configuration."""
    written = tomllib.loads(lab.config_file.read_text())
    file = lab.folder / "examined.toml"
    file.write_text(deployment_files.toml(deployment_files.merged(written, changes)))
    found = examine(config.load(file, {}), file, lambda _: None)
    return {one.check: one for one in found}


@pytest.mark.case("CASES 2: no outbound route matches, and doctor says so")
def test_routes_are_looked_up_where_only_routes_match(freepbx: FreePbx) -> None:
    found = examined(freepbx)
    assert found["freepbx"].verdict is CheckStatus.OK
    assert found["asterisk.route.inside"].verdict is CheckStatus.OK
    assert "outbound-allroutes" in found["asterisk.route.inside"].what
    lost = found["asterisk.route.nowhere"]  # from-internal's bad-number would take it
    assert lost.verdict is CheckStatus.WRONG
    assert "(GB)" in lost.what and "dial pattern" in lost.mend
    assert "asterisk.route.main" not in found  # a trunk that is dialled directly


@pytest.mark.thorough
@pytest.mark.case("CASES 5: FreePBX's own FastAGI port is no place for the gate")
def test_the_gate_on_freepbxs_own_port(freepbx: FreePbx) -> None:
    trunk = {"dial": "Local/{digits}@from-internal", "caller_id": ""}
    found = examined(freepbx, gate={"listen": "127.0.0.1:4573"}, trunks={"inside": trunk})
    assert found["freepbx.gate"].verdict is CheckStatus.WRONG
    assert "/n" in found["asterisk.route.inside"].mend


@pytest.mark.thorough
@pytest.mark.case("CASES 5: a foreign AGI server where the gate belongs")
def test_a_foreign_agi_server_where_the_gate_belongs(freepbx: FreePbx) -> None:
    with ForeignAgi() as foreign:
        freepbx.gates(foreign.port)
        found = examined(freepbx, gate={"listen": f"127.0.0.1:{foreign.port}"})
    assert found["asterisk.gate"].verdict is CheckStatus.WRONG
    # By doctor itself; a call through Asterisk would tell nothing more.
    assert foreign.asked == [f"agi_request: agi://127.0.0.1:{foreign.port}/gate/doctor"]
