"""A talk that ends as it begins: tried once more, and said."""

from datetime import timedelta

import pytest

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.gate import GatePass
from asterisk_callback.domain.progress import AttemptEnds, CustomerAnswers
from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.services.calling.release import release
from asterisk_callback.services.requests.settling import GONE_AT_ONCE
from tests.factories import Office, SetClock

pytestmark = pytest.mark.case("CASES 2: answered, and gone after 0.2 s")
S = RequestState


def talk(office: Office, attempt: Attempt, milliseconds: int | None) -> Request:
    """The attempt rings, is answered, and ends after so long."""
    assert isinstance(office.gate.ask(attempt.token), GatePass)
    office.progress.report(CustomerAnswers(token=attempt.token), office.me)
    talked = None if milliseconds is None else timedelta(milliseconds=milliseconds)
    end = AttemptEnds(
        token=attempt.token, disposition=Disposition.ANSWERED, rung=True, talked=talked
    )
    office.progress.report(end, office.me)
    return office.request(attempt.request_id)


def test_it_is_tried_once_more_and_no_more(office: Office, clock: SetClock) -> None:
    first = office.attempt()
    request = talk(office, first, 200)
    assert (request.state, request.rings, request.note) == (S.SCHEDULED, 1, GONE_AT_ONCE)
    [attempt] = office.attempts(request.id)
    assert attempt.disposition is Disposition.ANSWERED  # nothing undoes a bridge
    clock.advance(seconds=60)
    release(office.store)
    claimed = office.claim()
    assert claimed is not None
    assert talk(office, claimed.attempt, 200).state is S.COMPLETED


@pytest.mark.parametrize("milliseconds", [1000, 60_000, None])
def test_a_talk_is_done(office: Office, milliseconds: int | None) -> None:
    assert talk(office, office.attempt(), milliseconds).state is S.COMPLETED
