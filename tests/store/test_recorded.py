"""A database of before is upgraded, and tells the same stories as before; on both databases."""

import pytest

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.request import RequestState
from tests.recorded import kept, reading
from tests.recorded.company import company
from tests.recorded.database import before, fill
from tests.store.conftest import OpenStore

ANEW = "if that is meant: python -m tests.recorded keep"


def test_a_database_of_before_tells_the_same_stories(empty_url: str, open_store: OpenStore) -> None:
    fill(open_store(empty_url))
    with company(empty_url) as ours:
        assert kept.one_text(ours) == kept.FILE.read_text(), ANEW


def test_the_database_of_before_holds_every_state() -> None:
    assert set(before().column("callback_request", "state")) == {one.value for one in RequestState}
    assert set(before().column("attempt", "disposition")) - {None} == {
        one.value for one in Disposition
    }
    assert set(before().column("attempt", "mode")) == {one.value for one in DeliveryMode} - {
        "notify"
    }


@pytest.mark.thorough
@pytest.mark.parametrize("dialect", ["postgresql"])
def test_pages_and_reports_do_not_depend_on_the_database(
    empty_url: str, open_store: OpenStore
) -> None:
    fill(open_store(empty_url))
    with company() as one, company(empty_url) as other:
        for room in (reading.customers, reading.api, reading.boards, reading.consoles):
            for (name, ask), (_, ask_other) in zip(room(one), room(other), strict=True):
                assert ask() == ask_other(), name
