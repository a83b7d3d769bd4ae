"""The customer's leg ends without a talk: whose fault it was, and what follows."""

import pytest

from tests.lab import behaviours
from tests.lab.behaviours import Behaviour
from tests.lab.calls import ask
from tests.lab.deployment import Deployment
from tests.lab.fixtures import on_22_and_16
from tests.lab.speed import scaled

THOROUGH = pytest.mark.thorough


@on_22_and_16
@pytest.mark.parametrize(
    ("behaviour", "disposition", "status", "rings", "prompt"),
    [
        pytest.param(behaviours.busy(), "busy", "scheduled", 1, "busy", id="busy"),
        pytest.param(behaviours.ring_busy(0.3), "busy", "scheduled", 1, "busy", id="rings-busy"),
        pytest.param(behaviours.reject(), "rejected", "failed", 1, "rejected", id="603"),
        pytest.param(
            behaviours.ring_reject(0.3), "rejected", "failed", 1, "rejected", id="rings-603"
        ),
        pytest.param(behaviours.missing(), "invalid_number", "failed", 0, "wrong-number", id="404"),
        pytest.param(
            behaviours.congestion(), "congestion", "waiting", 0, "line-down", id="congestion"
        ),
        pytest.param(
            behaviours.no_answer(), "no_answer", "scheduled", 1, "no-answer", id="no-answer"
        ),
    ],
)
def test_how_it_ends(
    lab: Deployment, behaviour: Behaviour, disposition: str, status: str, rings: int, prompt: str
) -> None:
    call = ask(lab, behaviour)
    record = call.ended(disposition)
    call.wait(status)
    assert lab.status(call.secret) == status
    assert record.request.rings == rings
    call.rings(1)
    lab.wait_prompt(prompt)  # the agent hears why nothing comes


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(behaviours.status(401), id="401"),
        pytest.param(behaviours.status(407), id="407"),
        pytest.param(behaviours.silent(), id="silent"),
    ],
)
@on_22_and_16
def test_a_fault_of_the_trunk_is_not_the_customers(lab: Deployment, behaviour: Behaviour) -> None:
    call = ask(lab, behaviour)
    record = call.ended("trunk_fault")
    assert record.request.rings == 0
    call.why("line_down")
    assert lab.status(call.secret) == "waiting"
    assert "fault" in lab.page(call.secret).words
    call.rings(1)
    lab.wait_prompt("line-down")
    # The trunk pauses for others, too.
    other = ask(lab, behaviours.answer())
    other.why("line_down")
    assert other.record.attempts == ()
    other.rings(0)


@pytest.mark.case("CASES 2: early media is not ringing")
@pytest.mark.parametrize("lab", ["22", pytest.param("16", marks=THOROUGH)], indirect=True)
@pytest.mark.parametrize(
    ("behaviour", "disposition", "status", "rings", "prompt"),
    [
        pytest.param(
            behaviours.early_media(403), "trunk_fault", "waiting", 0, "line-down", id="403"
        ),
        pytest.param(
            behaviours.early_media(404), "invalid_number", "failed", 0, "wrong-number", id="404",
            marks=THOROUGH,
        ),
        pytest.param(
            behaviours.early_media(503), "congestion", "waiting", 0, "line-down", id="503",
            marks=THOROUGH,
        ),
        pytest.param(
            behaviours.early_media(603), "rejected", "failed", 1, "rejected", id="603",
            marks=THOROUGH,
        ),
        pytest.param(
            behaviours.early_media(), "no_answer", "scheduled", 1, "no-answer", id="no-more",
            marks=THOROUGH,
        ),
        pytest.param(behaviours.status(607), "rejected", "failed", 1, "rejected", id="607"),
    ],
)  # fmt: skip
def test_early_media_is_not_ringing(
    lab: Deployment, behaviour: Behaviour, disposition: str, status: str, rings: int, prompt: str
) -> None:
    call = ask(lab, behaviour)
    record = call.ended(disposition)
    call.wait(status)
    assert record.request.rings == rings
    assert record.attempts[0].ringing_at is None
    call.rings(1)
    lab.wait_prompt(prompt)


@pytest.mark.thorough
@pytest.mark.case("CASES 2: a bare 100 for the whole ring time")
def test_a_bare_100_is_the_lines_fault_and_counts_as_a_ring(lab: Deployment) -> None:
    call = ask(lab, behaviours.trying())
    record = call.ended("trunk_fault")
    assert record.attempts[0].rung
    assert record.request.rings == 1
    assert lab.status(call.secret) == "waiting"
    call.rings(1)
    lab.wait_prompt("line-down")


@on_22_and_16
def test_a_redirect_is_not_followed(lab: Deployment) -> None:
    elsewhere = lab.number()
    target = f"sip:{elsewhere.lstrip('+')}@127.0.0.1:{lab.bed.world.trunk_port}"
    call = ask(lab, behaviours.redirect(target))
    record = call.ended("trunk_fault")
    assert record.request.rings == 0
    call.rings(1)
    assert call.world.invites_for(elsewhere) == []


def test_busy_is_rung_again_after_the_pause_and_up_to_the_limit(lab: Deployment) -> None:
    call = ask(lab, behaviours.busy(), queue="again")
    call.ended("busy")
    call.why("retry")
    call.ended("busy", "busy")
    call.wait("failed")
    assert lab.status(call.secret) == "failed"
    first, second = call.world.invites_for(call.number)
    assert 5.0 <= second.at - first.at < scaled(20)
    assert call.record.request.rings == 2
    call.rings(2)
