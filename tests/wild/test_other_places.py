"""The product on PBXs made by hand, installed by its own `init`: each mode, and each prompt."""

from collections.abc import Callable, Iterator

import pytest

from asterisk_callback.doctor import CheckStatus
from asterisk_callback.services.console.view import Stage
from tests.lab import audio, behaviours
from tests.lab.calls import AT_ONCE, Call, ask
from tests.lab.consoles import Desk
from tests.lab.rings import check_all
from tests.wild import other_user
from tests.wild.installed import Installed
from tests.wild.places import FEW, PLACES

pytestmark = [pytest.mark.asterisk, pytest.mark.thorough]


@pytest.fixture(scope="module")
def installed() -> Iterator[Callable[[str], Installed]]:
    """Each PBX once, and one at a time: a machine has not that many cores."""
    running: dict[str, Installed] = {}

    def of(name: str) -> Installed:
        if name not in running:
            for other in running.values():
                other.close()
            running.clear()
            running[name] = Installed((PLACES | FEW)[name]())
            running[name].start()
        return running[name]

    yield of
    for one in running.values():
        one.close()


@pytest.fixture(params=list(PLACES), scope="module")
def name(request: pytest.FixtureRequest) -> str:
    """Which PBX; of module scope, so that tests are grouped by it."""
    return str(request.param)


@pytest.fixture
def place(name: str, installed: Callable[[str], Installed]) -> Iterator[Installed]:
    """It, put back to its initial state; the far end's log is judged after the test."""
    lab = installed(name)
    lab.reset()
    yield lab
    check_all(lab)


def they_talk(call: Call) -> None:
    world = call.world
    world.wait_answered(call.number)
    audio.wait_for_tone(world.heard("1001"), 700)
    audio.wait_for_tone(world.heard(call.number), 440)
    world.hang_up(call.number)
    call.ended("answered")
    call.rings(1)


@pytest.mark.case("CASES 1, 2: each mode on stock files, chan_sip and strict settings")
@pytest.mark.parametrize("queue", ["support", "first", "preview"])
def test_each_mode(place: Installed, queue: str) -> None:
    desk = None
    if queue == "preview":
        desk = Desk.open(place, "1001", member=f"{place.place.tech}/1001")
    call = ask(place, behaviours.answer(after=0.1, tone=700), queue=queue)
    if desk is not None:
        desk.take()
        desk.call_back()
        desk.wait(Stage.TALKING)
    else:
        call.wait("talking")
    they_talk(call)


@pytest.mark.case("CASES 2: the right prompt with extenpatternmatchnew and with chan_sip")
@pytest.mark.parametrize(
    ("customer", "prompt"),
    [
        pytest.param(behaviours.busy(), "busy", id="486"),
        pytest.param(behaviours.reject(), "rejected", id="603"),
        pytest.param(behaviours.status(480), "no-answer", id="480"),
        pytest.param(behaviours.missing(), "wrong-number", id="404"),
        pytest.param(behaviours.status(503), "line-down", id="503"),
        pytest.param(behaviours.redirect("sip:44207946@127.0.0.1:9"), "line-down", id="302"),
        pytest.param(behaviours.silent(), "line-down", id="dead"),
        pytest.param(behaviours.ring(), "no-answer", id="rings"),
    ],
)
def test_the_agent_hears_how_it_ended(
    place: Installed, customer: behaviours.Behaviour, prompt: str
) -> None:
    call = ask(place, customer, AT_ONCE)
    place.wait_prompt(prompt)
    place.wait_attempts(call.secret, 1)


@pytest.mark.case("CASES 5: Asterisk as another user than root, installed by init --install")
@pytest.mark.parametrize("name", list(FEW), indirect=True)
def test_an_asterisk_of_another_user(place: Installed) -> None:
    from asterisk_callback.doctor import host_files  # not on top: before.sh's products lack it

    call = ask(place, behaviours.answer(after=0.1, tone=700))
    call.wait("talking")
    they_talk(call)
    busy = ask(place, behaviours.busy(), AT_ONCE)
    place.wait_prompt("busy")
    place.wait_attempts(busy.secret, 1)
    (found,) = host_files.check(place.settings)
    assert found.verdict is CheckStatus.OK, found
    assert f"runs as {other_user.account().pw_name} " in found.what.replace(",", " ")
