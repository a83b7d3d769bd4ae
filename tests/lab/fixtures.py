"""pytest fixtures of the test bed. Enable with `pytest_plugins = ["tests.lab.fixtures"]`.

Servers are shared per worker: a bed starts in about 1.6 s, a reset costs 0.05 s.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.marks import mainly

from .bed import Bed
from .pbx import Pbx
from .postgres import Postgres
from .sip_responder import SipResponder
from .world import World

if TYPE_CHECKING:
    from .deployment import Deployment

# For tests of `lab` that are to run on the newest and the oldest Asterisk. The oldest has
# its turn in `make test-all`, but for a choice of all kinds of calls (`always`).
on_22_and_16 = pytest.mark.parametrize("lab", mainly(["22", "16"], "22"), indirect=True)
on_22_and_16_always = pytest.mark.parametrize("lab", ["22", "16"], indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running PostgreSQL of this worker."""
    with Postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    """URL of a new, empty database."""
    return postgres.create_database()


@pytest.fixture(scope="session")
def shared_bed22() -> Iterator[Bed]:
    """One PBX 22 with the plain dialplan, and its world, for this worker."""
    with Bed("22") as bed:
        yield bed


@pytest.fixture(scope="session")
def shared_bed16() -> Iterator[Bed]:
    """The same on Asterisk 16."""
    with Bed("16") as bed:
        yield bed


@pytest.fixture
def bed22(shared_bed22: Bed) -> Bed:
    """The shared bed, put back to its initial state."""
    shared_bed22.reset()
    return shared_bed22


@pytest.fixture
def bed16(shared_bed16: Bed) -> Bed:
    """The shared bed, put back to its initial state."""
    shared_bed16.reset()
    return shared_bed16


@pytest.fixture
def pbx22(bed22: Bed) -> Pbx:
    """The PBX of bed22."""
    return bed22.pbx


@pytest.fixture
def pbx16(bed16: Bed) -> Pbx:
    """The PBX of bed16."""
    return bed16.pbx


@pytest.fixture
def world(bed22: Bed) -> World:
    """The world of bed22."""
    return bed22.world


@pytest.fixture(scope="module")
def new_bed() -> Iterator[Callable[..., Bed]]:
    """Start beds with other settings (arguments of Bed); closed after the module."""
    beds: list[Bed] = []

    def make(**settings: object) -> Bed:
        bed = Bed(**settings)  # type: ignore[arg-type]
        beds.append(bed)
        return bed.start()

    yield make
    for bed in beds:
        bed.close()


@pytest.fixture
def responder() -> Iterator[SipResponder]:
    """A trunk's far end without phones: refuses with 403 unless told otherwise."""
    with SipResponder() as far_end:
        yield far_end


@pytest.fixture(scope="session")
def deployments() -> Iterator[Callable[[str], "Deployment"]]:
    """The whole product on a bed of its own, one per Asterisk version and worker."""
    from .deployment import Deployment  # the other suites need not import the product for us

    running: dict[str, Deployment] = {}

    def of(version: str) -> Deployment:
        if version not in running:
            running[version] = Deployment(version, record_ami=True).start()
        return running[version]

    yield of
    for deployment in running.values():
        deployment.close()


@pytest.fixture
def lab(
    request: pytest.FixtureRequest, deployments: Callable[[str], "Deployment"]
) -> Iterator["Deployment"]:
    """The product on Asterisk 22 (or as parametrized), put back to its initial state.

    After the test the far end's log is held against our records, whatever the test was about.
    """
    from .rings import check_all

    deployment = deployments(getattr(request, "param", "22"))
    deployment.reset()
    yield deployment
    check_all(deployment)
    assert [x for x in deployment.complaints() if "does not exist in any format" in x] == []
