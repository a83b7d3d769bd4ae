"""What Asterisk refuses or lacks stops the dialling with an alarm, before the first wish."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.lab import behaviours
from tests.lab.alarm_bell import Bell
from tests.lab.calls import ask
from tests.lab.deployment import Deployment

TALKS = behaviours.answer(after=0.1, talk=0.2)
Stop = Callable[[Deployment], AbstractContextManager[None]]


@contextmanager
def no_right(lab: Deployment) -> Iterator[None]:
    file = lab.folder / "manager_callback.conf"
    text = file.read_text()
    file.write_text(text.replace("write = originate,call,", "write = call,"))
    lab.bed.pbx.cli("manager reload")
    try:
        yield
    finally:
        file.write_text(text)
        lab.bed.pbx.cli("manager reload")


@contextmanager
def no_module(lab: Deployment) -> Iterator[None]:
    lab.bed.pbx.cli("module unload app_stack.so")
    try:
        yield
    finally:
        lab.bed.pbx.cli("module load app_stack.so")


@contextmanager
def shadowed(lab: Deployment) -> Iterator[None]:
    lab.bed.pbx.cli("dialplan add extension 5,1,NoOp() into callback-tell")
    try:
        yield
    finally:
        lab.bed.pbx.cli("dialplan remove extension 5@callback-tell")
        lab.bed.pbx.cli("dialplan reload")


@pytest.mark.case("CASES 6: no right to originate, a shadowed context, a missing module: an alarm")
@pytest.mark.parametrize(
    ("stop", "alarm", "why"),
    [
        pytest.param(
            no_right, "no_right", "write=originate", id="right", marks=pytest.mark.thorough
        ),
        pytest.param(
            no_module, "no_dialplan", "app_stack.so", id="module", marks=pytest.mark.thorough
        ),
        pytest.param(
            shadowed, "no_dialplan", "callback-tell (5)", id="context", marks=pytest.mark.thorough
        ),
    ],
)
def test_it_is_told_before_the_first_wish(
    lab: Deployment, stop: Stop, alarm: str, why: str
) -> None:
    with stop(lab):
        assert lab.proxy is not None
        lab.proxy.cut()
        bell = Bell(lab)
        assert why in bell.rings(alarm).text
        call = ask(lab, TALKS)
        call.why("system_fault")
        assert call.record.attempts == ()
    bell.is_over(alarm)
    call.wait("completed")
    call.rings(1)
