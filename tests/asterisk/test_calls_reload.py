"""A new configuration is taken up in the middle of calls: none is lost, none is placed twice."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.lab import behaviours
from tests.lab.calls import Call, ask
from tests.lab.deployment import Deployment
from tests.lab.deployment_files import REPOSITORY
from tests.lab.fixtures import on_22_and_16

TALKS = behaviours.answer(after=0.1, talk=0.2)


def reloading(lab: Deployment) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "asterisk_callback", "--config", str(lab.config_file)]
    return subprocess.Popen([*command, "reload"], cwd=REPOSITORY)


@pytest.fixture
def as_it_was(lab: Deployment) -> Iterator[None]:
    before = lab.config_file.read_text()
    yield
    lab.config_file.write_text(before)
    assert reloading(lab).wait() == 0


@pytest.mark.case("CASES 6: reload in the middle of calls")
@pytest.mark.thorough
@on_22_and_16
def test_reload_in_the_middle_of_calls(lab: Deployment, as_it_was: None) -> None:
    talk = ask(lab, behaviours.answer(after=0.1))
    talk.wait("talking")
    talk.world.wait_answered(talk.number)
    text = lab.config_file.read_text()
    assert "Larkmoor Broadband" in text
    lab.config_file.write_text(text.replace("Larkmoor Broadband", "Eastmoor Telephones"))
    reload = reloading(lab)
    calls: list[Call] = []
    while reload.poll() is None or len(calls) < 2:
        # As fast as one agent can be free again: some call is under way at every moment.
        calls.append(ask(lab, TALKS))
        calls[-1].wait("completed")
    assert reload.wait() == 0, lab.tail()
    for call in calls:
        call.rings(1)
        call.ended("answered")
    assert lab.status(talk.secret) == "talking"
    talk.world.hang_up(talk.number)
    talk.wait("completed")
    talk.rings(1)
    assert "Eastmoor Telephones" in lab.page(talk.secret).words
