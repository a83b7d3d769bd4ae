"""Recordings of talks: both voices, told apart by their tones, in every file."""

from pathlib import Path

import pytest

from tests.lab import audio, behaviours
from tests.lab.calls import Call, ask
from tests.lab.deployment import Deployment
from tests.lab.waiting import PATIENCE, until

AGENTS = {
    "1001": behaviours.answer(after=0.1, tone=1000),
    "1002": behaviours.answer(after=0.1, tone=1000),
}


def asked(lab: Deployment) -> Call:
    return ask(lab, behaviours.answer(after=0.3, talk=3, tone=440), AGENTS, queue="recorded")


def files(lab: Deployment, count: int) -> list[Path]:
    folder = lab.folder / "talks"
    until(lambda: len(list(folder.glob("*.wav"))) >= count, PATIENCE, f"{count} recordings")
    lab.bed.pbx.wait_idle()
    return sorted(folder.glob("*.wav"))


def assert_both_voices(path: Path) -> None:
    """Nearly all the time: the first packets of either side may be late."""
    heard = {hertz: audio.share(path, hertz) for hertz in (440, 1000)}
    assert min(heard.values()) > 0.8, (path.name, heard)


@pytest.mark.case("CASES 10: a recording has both voices")
@pytest.mark.parametrize(
    ("lab", "pairs"),
    [("22", 1), *(pytest.param(v, 5, marks=pytest.mark.thorough) for v in ("22", "16"))],
    indirect=["lab"],
)
def test_both_voices_are_in_every_recording(lab: Deployment, pairs: int) -> None:
    """The queue's own recording (monitor-format) has the customer's in about half of them on 22."""
    before = len(list((lab.folder / "talks").glob("*.wav")))
    for _ in range(pairs):
        calls = [asked(lab), asked(lab)]
        for call in calls:
            call.wait("completed")
            call.rings(1)
    found = files(lab, before + 2 * pairs)
    assert len(found) == before + 2 * pairs
    for path in found[before:] if before == 0 else found:
        assert_both_voices(path)
    digits = {call.number.lstrip("+") for call in calls}
    assert not any(number in path.name for path in found for number in digits)


@pytest.mark.thorough
@pytest.mark.parametrize("lab", ["22", "16"], indirect=True)
def test_without_the_recorders_module_the_call_is_made_all_the_same(lab: Deployment) -> None:
    lab.bed.pbx.cli("module unload app_mixmonitor.so")
    try:
        call = asked(lab)
        call.wait("completed")
        call.ended("answered")
        call.rings(1)
    finally:
        lab.bed.pbx.cli("module load app_mixmonitor.so")
