"""A wish made in the moment in which the talk ends: it joins, or is new, and is never lost."""

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.progress import AttemptEnds, CustomerAnswers
from asterisk_callback.domain.request import RequestState
from tests.factories import Office
from tests.store.racing import at_once


def test_wishes_while_the_talk_ends(office: Office) -> None:
    for n in range(5):
        attempt = office.attempt(n)
        office.gate.ask(attempt.token)
        office.progress.report(CustomerAnswers(token=attempt.token), office.me)
        office.submit(n)
        ends = AttemptEnds(token=attempt.token, disposition=Disposition.ANSWERED, rung=True)
        at_once(
            lambda ends=ends: office.progress.report(ends, office.me),  # type: ignore[misc]
            lambda n=n: office.submit(n),  # type: ignore[misc]
            lambda n=n: office.submit(n),  # type: ignore[misc]
        )
        with office.store.reading() as tx:
            found = [one for one in tx.requests.latest(None, 50) if one.e164 == attempt.e164]
            open_, done = found
            assert (open_.state, done.state) == (RequestState.QUEUED, RequestState.COMPLETED)
            assert len(tx.wishes.of(open_.id)) == 3
        # Out of the way of the next one.
        with office.store.writing() as tx:
            tx.requests.change(
                open_, open_.evolve(state=RequestState.CANCELLED), actor="test", reason=""
            )
