"""What the company's people type is judged as customers' text is: nothing in it is unseen."""

import pytest

from asterisk_callback.domain.account import Grant, Role
from asterisk_callback.domain.request import RequestState
from tests.web.house import House
from tests.web.insider import Insider
from tests.web.page import text_of, value_of

HIDDEN = ("Fire\0", "\x1b]0;all is well\x07", "\u202egnihton")


@pytest.mark.case("CASES 7: control characters in a supervisor's reason")
@pytest.mark.parametrize("reason", HIDDEN, ids=ascii)
def test_a_supervisors_reason(house: House, reason: str) -> None:
    house.user("helen", Grant(Role.SUPERVISOR))
    helen = Insider(house.app().test_client())
    helen.sign_in("helen")
    booked = house.submit()
    for path, fields in (
        (f"/board/requests/{booked.request.id}/cancel", {}),
        ("/board/cancel/confirmed", {"id": str(booked.request.id)}),
    ):
        answer = helen.post(path, reason=reason, **fields)
        assert answer.status_code == 422 and "invisible character" in text_of(answer), path
        assert value_of(answer, "reason")
    for switch in ("dialling", "intake"):
        helen.post(f"/board/{switch}", queue="", stop="1", reason=reason)
        assert "invisible character" in text_of(helen.get("/board")), switch
    with house.store.reading() as tx:
        assert not tx.holds.active()
        found = tx.requests.get(booked.request.id)
    assert found is not None and found.state is RequestState.QUEUED
