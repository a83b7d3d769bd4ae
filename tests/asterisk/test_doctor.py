"""doctor against a real Asterisk: green where all is well, and each fault is found by its name."""

import os
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from asterisk_callback import bootstrap, config
from asterisk_callback.commands import init_files
from asterisk_callback.config.fields import Address
from asterisk_callback.doctor import CheckStatus, Finding, examine
from tests.lab import ports
from tests.lab.bed import Bed
from tests.lab.pbx import Queue
from tests.marks import mainly

pytestmark = pytest.mark.asterisk

ENV = "ASTERISK_CALLBACK_"
RECORDED = Queue("recorded", ("1001",), options={"monitor-format": "wav"})


class Patient:
    """A company's Asterisk, set up with what `init` wrote."""

    def __init__(self, version: str, folder: Path) -> None:
        self.folder = folder
        self.gate = ports.single()
        self.files = folder / "asterisk"
        init_files.write(
            folder,
            init_files.Answers(
                company="Larkmoor Broadband",
                country="GB",
                zone="Europe/London",
                queue="support",
                asterisk_queue="support",
                dial="PJSIP/{digits}@trunk",
                caller_id="+442079460000",
                listen=Address("127.0.0.1", ports.single()),
                gate=Address("127.0.0.1", self.gate),
                ami=Address("127.0.0.1", 5038),
            ),
        )
        self.bed = Bed(
            version,
            queues=(
                Queue("support", ("1001", "1002")),
                Queue("deserted", ()),
                Queue("eager", ("1001", "9009"), options={"ringinuse": "yes"}),
                RECORDED,
            ),
            agents=("1001", "1002"),
            dialplan_includes=[
                self.files / "callback_settings.conf",
                self.files / "extensions_callback.conf",
            ],
            manager_includes=[self.files / "manager_callback.conf"],
        )
        self.environ = {f"{ENV}ASTERISK__PORT": str(self.bed.pbx.ami_port)}
        bootstrap.upgrade(bootstrap.store(self.settings()))

    def settings(self, **environ: str) -> config.Settings:
        given = {f"{ENV}{name}": value for name, value in environ.items()}
        return config.load(self.folder / "callback.toml", {**self.environ, **given})

    def examine(self, **environ: str) -> dict[str, Finding]:
        found = examine(self.settings(**environ), self.folder / "callback.toml", lambda _: None)
        return {finding.check: finding for finding in found}

    @contextmanager
    def changed(self, name: str, old: str, new: str, reload: str) -> Iterator[None]:
        """One of the files for Asterisk as a careless admin might have it."""
        file = self.files / name
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
        self.bed.pbx.cli(reload)
        try:
            yield
        finally:
            file.write_text(text)
            self.bed.pbx.cli(reload)

    def manager(self, old: str, new: str) -> AbstractContextManager[None]:
        return self.changed("manager_callback.conf", old, new, "manager reload")


@pytest.fixture(scope="module", params=mainly(["22", "16"], "22"))
def patient(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Patient]:
    made = Patient(request.param, tmp_path_factory.mktemp("doctor"))
    with made.bed:
        yield made


def wrong(findings: dict[str, Finding]) -> set[str]:
    return {name for name, finding in findings.items() if finding.verdict is CheckStatus.WRONG}


def test_a_well_set_pbx_is_green(patient: Patient) -> None:
    found = patient.examine()
    assert wrong(found) == set(), found
    for name in (
        "link",
        "rights",
        "rights.agents",
        "rights.excess",
        "rights.read",
        "dialplan",
        "queue.support",
        "queue.support.ringinuse",
    ):
        assert found[f"asterisk.{name}"].verdict is CheckStatus.OK, found
    assert found["asterisk.trunk.main"].verdict is CheckStatus.OK
    assert found["asterisk.clock"].verdict is CheckStatus.OK
    assert found["asterisk.gate"].verdict is CheckStatus.OK
    assert found["dispatcher"].verdict is CheckStatus.WARNING  # none runs; doctor stood in


def test_a_wrong_secret_is_named_but_not_shown(patient: Patient) -> None:
    found = patient.examine(ASTERISK__SECRET="not-the-right-one")
    assert wrong(found) == {"asterisk.link"}
    assert "'callback'" in found["asterisk.link"].what
    assert "manager_callback.conf" in found["asterisk.link"].mend
    assert "not-the-right-one" not in str(found)


def test_without_read_system_nothing_is_said_of_the_boot(patient: Patient) -> None:
    with patient.manager("read = system,", "read = "):
        found = patient.examine(ASTERISK__TIMINGS__BOOT="1")
    assert wrong(found) == {"asterisk.link"}
    assert "system" in found["asterisk.link"].mend


@pytest.mark.parametrize(
    ("rights", "missing"), [("originate,reporting", "call"), ("originate,call", "reporting")]
)
def test_a_missing_right_is_named(patient: Patient, rights: str, missing: str) -> None:
    with patient.manager("write = originate,call,reporting,agent", f"write = {rights}"):
        found = patient.examine()
    assert "asterisk.rights" in wrong(found)
    assert f"write={missing}" in found["asterisk.rights"].what


def test_without_the_right_to_queues_only_the_buttons_do_not_work(patient: Patient) -> None:
    with patient.manager(
        "write = originate,call,reporting,agent", "write = originate,call,reporting"
    ):
        found = patient.examine()
    assert wrong(found) == set()
    assert found["asterisk.rights.agents"].verdict is CheckStatus.WARNING
    assert "write=agent" in found["asterisk.rights.agents"].what
    assert "reporting,agent" in found["asterisk.rights.agents"].mend


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("rights", "missing"),
    mainly([("agent,call", "user"), ("agent,user", "call")], ("agent,call", "user")),
)
def test_a_missing_right_to_read_is_named(patient: Patient, rights: str, missing: str) -> None:
    with patient.manager("read = system,call,agent,user", f"read = system,{rights}"):
        found = patient.examine()
    assert "asterisk.rights.read" in wrong(found)
    assert f"read={missing}" in found["asterisk.rights.read"].what


def test_rights_beyond_need_are_named(patient: Patient) -> None:
    more = "originate,call,reporting,agent,command,config,system"
    with patient.manager("write = originate,call,reporting,agent", f"write = {more}"):
        found = patient.examine()
    assert found["asterisk.rights.excess"].verdict is CheckStatus.WARNING
    for right in ("command", "config", "system"):
        assert right in found["asterisk.rights.excess"].what


def test_a_missing_context_is_named(patient: Patient) -> None:
    with patient.changed(
        "extensions_callback.conf", "[callback-dial]", "[callback-dail]", "dialplan reload"
    ):
        found = patient.examine()
    assert wrong(found) == {"asterisk.dialplan"}
    assert "callback-dial" in found["asterisk.dialplan"].what
    assert found["asterisk.gate"].verdict is CheckStatus.SKIPPED


@pytest.mark.case("CASES 5: a context of ours is shadowed, or of another version")
def test_a_context_that_others_add_to_and_an_old_one_are_named(patient: Patient) -> None:
    ours = "[callback-whisper]\n"
    theirs = "[callback-whisper]\nexten => 900,1,NoOp()\n"
    with patient.changed("extensions_callback.conf", ours, theirs, "dialplan reload"):
        found = patient.examine()
    assert wrong(found) == {"asterisk.dialplan"}
    assert "callback-whisper (900)" in found["asterisk.dialplan"].what
    with patient.changed("extensions_callback.conf", ",Wait(5)", ",Wait(4)", "dialplan reload"):
        found = patient.examine()
    assert wrong(found) == {"asterisk.dialplan"}
    assert "not the one of this version: callback-doctor" in found["asterisk.dialplan"].what


@pytest.mark.case("CASES 5: a missing module is named, not taken for a missing right")
@pytest.mark.parametrize("module", mainly(["app_userevent", "app_stack"], "app_stack"))
def test_a_missing_module_is_named(patient: Patient, module: str) -> None:
    patient.bed.pbx.cli(f"module unload -f {module}.so")
    try:
        found = patient.examine()
    finally:
        patient.bed.pbx.cli(f"module load {module}.so")
    assert "asterisk.modules" in wrong(found)
    assert f"{module}.so" in found["asterisk.modules"].what


@pytest.mark.case("CASES 5: somebody else sits on the gate's port")
def test_who_else_sits_where_the_gate_belongs_is_named(patient: Patient) -> None:
    with socket.create_server(("127.0.0.1", patient.gate)):
        found = patient.examine()
    assert "asterisk.gate" in wrong(found)
    assert f"process {os.getpid()}" in found["asterisk.gate"].what


def test_a_missing_and_an_empty_queue_are_named(patient: Patient) -> None:
    found = patient.examine(QUEUES__SUPPORT__ASTERISK_QUEUE="support2")
    assert wrong(found) == {"asterisk.queue.support"}
    assert "'support2'" in found["asterisk.queue.support"].what
    found = patient.examine(QUEUES__SUPPORT__ASTERISK_QUEUE="deserted")
    assert found["asterisk.queue.support"].verdict is CheckStatus.WARNING


@pytest.mark.case("CASES 1: ringinuse=yes, and a member without a device")
def test_a_queue_that_rings_who_talks_is_named(patient: Patient) -> None:
    found = patient.examine(QUEUES__SUPPORT__ASTERISK_QUEUE="eager")
    assert wrong(found) == set()
    assert "2 members, 1 can be rung now" in found["asterisk.queue.support"].what
    asked = found["asterisk.queue.support.ringinuse"]
    assert asked.verdict is CheckStatus.WARNING and "ringinuse=no" in asked.mend


def test_an_unknown_trunk_is_named(patient: Patient) -> None:
    found = patient.examine(TRUNKS__MAIN__DIAL="PJSIP/{e164}@carrier")
    assert found["asterisk.trunk.main"].verdict is CheckStatus.WARNING
    assert "'carrier'" in found["asterisk.trunk.main"].what


def test_a_gate_that_asterisk_does_not_ask_is_named(patient: Patient) -> None:
    other = ports.single()
    found = patient.examine(GATE__LISTEN=f"127.0.0.1:{other}")
    assert wrong(found) == {"asterisk.gate"}
    assert str(other) in found["asterisk.gate"].what
    assert str(patient.gate) in found["asterisk.gate"].what


def test_a_gate_out_of_reach_is_named(patient: Patient) -> None:
    found = patient.examine(GATE__LISTEN=f"127.0.0.2:{patient.gate}")
    assert wrong(found) == {"asterisk.gate"}
    assert "can't reach" in found["asterisk.gate"].what


def test_a_frozen_asterisk_does_not_hold_it_up(patient: Patient) -> None:
    patient.bed.pbx.freeze()
    try:
        found = patient.examine(ASTERISK__TIMINGS__CONNECT="1")
    finally:
        patient.bed.pbx.thaw()
    assert wrong(found) == {"asterisk.link"}


def test_the_probe_ends(patient: Patient) -> None:
    patient.examine()
    patient.bed.pbx.wait_idle()


@pytest.mark.case("CASES 10: a queue whose own recording lacks the customer")
def test_a_queue_that_records_by_itself_is_named_where_a_voice_is_lost(patient: Patient) -> None:
    assert patient.examine()["asterisk.recording.support"].verdict is CheckStatus.OK
    found = patient.examine(QUEUES__SUPPORT__ASTERISK_QUEUE="recorded")[
        "asterisk.recording.support"
    ]
    loses = patient.bed.pbx.tree.version == "22"
    assert found.verdict is (CheckStatus.WARNING if loses else CheckStatus.OK), found
    assert ("record =" in found.mend) is loses
