"""The trail's events: what is stored stays, and rows from before are read by a frozen table."""

import pytest

from asterisk_callback.domain.trail import TrailEvent, event_of


@pytest.mark.parametrize(
    ("reason", "event"),
    [
        ("first in line: called next by user:helen", TrailEvent.CALLED_NEXT),
        ("given to sales from support by user:helen", TrailEvent.REASSIGNED),
        ("tried again without a pause: asked by user:helen", TrailEvent.RETRIED_NOW),
        ("due", TrailEvent.REQUEST),
    ],
)
def test_rows_from_before_are_read_by_how_their_reason_begins(
    reason: str, event: TrailEvent
) -> None:
    assert event_of("request", "queued", reason) is event


def test_a_row_of_today_says_itself_what_it_is_about() -> None:
    assert event_of("reassigned", "queued", "given by hand") == TrailEvent.REASSIGNED
    assert event_of("request", None, "given to somebody") == TrailEvent.REQUEST
    assert event_of("of a later version", None, "") == "of a later version"
