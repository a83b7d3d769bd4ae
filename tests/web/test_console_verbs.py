"""What an agent does at the console: every verb, what refuses it, and nothing typed is lost."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from asterisk_callback.domain.account import UserId
from asterisk_callback.domain.attempt import AttemptId
from asterisk_callback.domain.console import WrapUp
from asterisk_callback.domain.errors import (
    InvalidInput,
    InvalidNumber,
    LimitReached,
    NotFound,
    NotPossible,
    NumberNotAllowed,
    StoreUnavailable,
)
from asterisk_callback.domain.queue_member import Action, Device, Member
from asterisk_callback.domain.request import RequestId
from asterisk_callback.services.console.view import ConsoleView, Stage
from tests.web.consoles import MEMBER, NOW, HandMade, agent
from tests.web.house import House
from tests.web.insider import PAGE, Insider
from tests.web.page import hidden, text_of, value_of
from tests.web.test_presence import put

NOTE = "Line moves with her on 1 December.\nNumber kept."
WRAP = {"code": "Solved", "note": NOTE, "again": "2026-11-24T14:15", "never": "1"}


@pytest.fixture
def console() -> HandMade:
    return HandMade()


@pytest.fixture
def priya(house: House, console: HandMade) -> Insider:
    return agent(house, console)


@pytest.mark.parametrize(
    ("stage", "path", "typed", "call"),
    [
        (Stage.OFFERED, "offers/7/take", {}, ("take", 7)),
        (Stage.OFFERED, "offers/7/pass", {}, ("pass_on", 7)),
        (Stage.CHECKING, "offers/7/call", {"phone": "020 7946 0123"},
         ("call_back", 7, "020 7946 0123")),
        (Stage.CHECKING, "offers/7/cancel", {"reason": "Asked twice", "tell": "1"},
         ("cancel", 7, "Asked twice", True)),
        (Stage.CHECKING, "offers/7/cancel", {"reason": "Asked twice"},
         ("cancel", 7, "Asked twice", False)),
        (Stage.TALKING, "drop?of=3", {}, ("drop", 3)),
        (Stage.TALKING, "wrap-up/5", WRAP, ("save", 5, "Solved", NOTE, "2026-11-24T14:15", True)),
        (None, "wrap-up/5", {}, ("save", 5, "", "", None, False)),
        (Stage.WRAP_UP, "wrap-up/5", {"again": "", "again_at": "2026-12-02T10:00"},
         ("save", 5, "", "", "2026-12-02T10:00", False)),
    ],
)  # fmt: skip
def test_every_verb(
    priya: Insider,
    console: HandMade,
    stage: Stage | None,
    path: str,
    typed: dict[str, str],
    call: tuple[object, ...],
) -> None:
    console.put(stage)
    answer = priya.post(f"/agent/{path}", on="/agent", **typed)
    assert (answer.status_code, answer.location) == (303, "/agent")
    assert console.calls == [call]


def test_what_is_saved_is_said(priya: Insider, console: HandMade) -> None:
    console.put(Stage.WRAP_UP)
    priya.post("/agent/wrap-up/5", on="/agent", **WRAP)
    console.put(None)
    assert "Saved." in text_of(priya.get("/agent"))


@pytest.mark.parametrize("path", ["offers/7/take", "offers/7/pass"])
def test_a_colleague_was_first(priya: Insider, console: HandMade, path: str) -> None:
    console.put(Stage.OFFERED)
    console.refuses = NotPossible("Tom Reed took it first.")
    answer = priya.post(f"/agent/{path}", on="/agent")
    assert answer.status_code == 409
    assert "Tom Reed took it first." in text_of(answer)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidNumber("This number is too short."), 422),
        (NumberNotAllowed("We can’t call such numbers."), 422),
        (LimitReached("This number was called often today.", retry_after=60), 429),
        (StoreUnavailable("The database does not answer."), 503),
        (NotPossible("It was withdrawn just now."), 409),
        (NotFound("It is on your console no longer."), 409),
    ],
)
def test_a_number_that_is_refused_stays_in_its_field(
    priya: Insider, console: HandMade, error: Exception, code: int
) -> None:
    console.put(Stage.CHECKING)
    console.refuses = error  # type: ignore[assignment]
    answer = priya.post("/agent/offers/7/call", on="/agent", phone='0770 "x"')
    assert answer.status_code == code
    assert value_of(answer, "phone") == '0770 "x"'
    assert text_of(answer).count(str(error)) == 1
    field = re.search(r'<input[^>]*name="phone"[^>]*>', answer.text)
    assert field is not None and ("aria-invalid" in field[0]) == (code in (422, 429))


def test_a_refused_cancel_is_kept(priya: Insider, console: HandMade) -> None:
    console.put(Stage.CHECKING)
    console.refuses = InvalidInput("reason", "Choose why.")
    answer = priya.post("/agent/offers/7/cancel", on="/agent", reason="Asked twice")
    assert answer.status_code == 422 and text_of(answer).count("Choose why.") == 1
    assert "<details" in answer.text and re.search(r"<details[^>]* open>", answer.text)
    assert re.search(r'value="Asked twice" required checked', answer.text)
    assert not re.search(r'name="tell"[^>]*checked', answer.text), "it was not ticked"


def test_what_was_saved_during_the_talk_stands_there_again(
    priya: Insider, console: HandMade
) -> None:
    said = WrapUp(
        attempt_id=AttemptId(5), user_id=UserId(1), at=NOW, code="Solved", note=NOTE, never=True
    )
    console.put(Stage.TALKING, wrap_up=replace(said, again=RequestId(9)))
    page = priya.get("/agent")
    assert [*kept(page.text)][:2] == [True, True] and kept(page.text)[3]
    assert "A call again is agreed on already." in text_of(page)


def kept(answer_text: str) -> list[bool]:
    return [
        NOTE in answer_text,
        bool(re.search(r'value="Solved" checked', answer_text)),
        "2026-11-24T14:15" in answer_text,
        bool(re.search(r'name="never" value="1" checked', answer_text)),
    ]


@pytest.mark.parametrize("stage", [Stage.TALKING, Stage.WRAP_UP, None, Stage.OFFERED])
@pytest.mark.parametrize("field", ["again", "note", "code"])
def test_a_refused_wrap_up_is_kept(
    priya: Insider, console: HandMade, stage: Stage | None, field: str
) -> None:
    """Also when its time is over, and the next offer is there."""
    console.put(stage)
    console.refuses = InvalidInput(field, "This does not do.")
    answer = priya.post("/agent/wrap-up/5", on="/agent", **WRAP)
    assert answer.status_code == 422 and text_of(answer).count("This does not do.") == 1
    assert kept(answer.text) == [True] * 4
    assert answer.text.count('action="/agent/wrap-up/5"') == 1
    late = "Wrap-up that is not saved yet" in answer.text
    assert late == (stage not in (Stage.TALKING, Stage.WRAP_UP))


def test_the_wrap_up_of_another_call_stays_apart(priya: Insider, console: HandMade) -> None:
    console.put(Stage.TALKING)
    console.refuses = NotPossible("This is not your call.")
    answer = priya.post("/agent/wrap-up/4", on="/agent", **WRAP)
    assert 'action="/agent/wrap-up/4"' in answer.text and 'action="/agent/wrap-up/5"' in answer.text
    assert text_of(answer).count("This is not your call.") == 1


# ------------------------------------------------------------------- forms that are not ours


@pytest.mark.parametrize(
    ("stage", "path", "typed"),
    [
        (Stage.CHECKING, "offers/7/call", {"phone": "020 7946 0123"}),
        (Stage.TALKING, "wrap-up/5", {"note": "020 7946 0123"}),
        (None, "wrap-up/5", {"note": "020 7946 0123"}),
        (Stage.OFFERED, "offers/7/take", {}),
        (Stage.TALKING, "drop", {}),
        (None, "leave", {}),
    ],
)
def test_a_form_without_its_token_does_nothing_and_loses_nothing(
    priya: Insider, console: HandMade, stage: Stage | None, path: str, typed: dict[str, str]
) -> None:
    console.put(stage)
    answer = priya.client.post(f"/agent/{path}", data=typed, headers=PAGE)
    assert answer.status_code == 400 and console.calls == []
    if typed:
        assert "020 7946 0123" in answer.text and "Send it once more." in text_of(answer)


@pytest.mark.case("CASES 8: without a script, too, what was typed outlives the session")
def test_what_was_typed_is_shown_to_who_was_signed_out(
    house: House, priya: Insider, console: HandMade
) -> None:
    token = hidden(priya.get("/agent"), "csrf_token")
    house.clock.pass_(hours=13)
    typed = {"csrf_token": token, "note": "Moves <soon>", "code": "Solved"}
    answer = priya.client.post("/agent/wrap-up/5", data=typed, headers=PAGE)
    assert answer.status_code == 401 and console.calls == []
    said = text_of(answer)
    assert "You are signed out" in said and "Note Moves <soon>" in said and "Solved" in said
    dropped = priya.client.post("/agent/drop", data={"csrf_token": token}, headers=PAGE)
    assert dropped.status_code == 303 and dropped.location == "/login"


@pytest.mark.case("CASES 8: what was typed is shown when the database is away")
def test_what_was_typed_is_shown_when_the_database_is_away(
    house: House, priya: Insider, console: HandMade, monkeypatch: pytest.MonkeyPatch
) -> None:
    unavailable = StoreUnavailable("The database does not answer.")

    def away(user: object, *, opened: bool = False) -> ConsoleView:
        raise unavailable

    console.put(Stage.WRAP_UP)
    token = hidden(priya.get("/agent"), "csrf_token")
    monkeypatch.setattr(console, "see", away)
    console.refuses = unavailable
    typed = {"csrf_token": token, "note": "Moves soon"}
    answer = priya.client.post("/agent/wrap-up/5", data=typed, headers=PAGE)
    assert answer.status_code == 503 and "Note Moves soon" in text_of(answer)


# ------------------------------------------------------------------------------------- leaving


def leaves(one: Insider, page: str) -> int:
    token = hidden(one.get("/account"), "csrf_token")
    form = {"csrf_token": token, "page": page}
    return one.client.post("/agent/leave", data=form).status_code


def page_of(one: Insider) -> str:
    found = re.search(r'data-page="([^"]+)"', one.get("/agent").text)
    assert found is not None
    return found[1]


def test_who_closes_the_page_has_left(priya: Insider, console: HandMade) -> None:
    assert leaves(priya, page_of(priya)) == 204
    assert console.calls == [("leave",)]


def test_who_loads_the_page_anew_has_not(priya: Insider, console: HandMade) -> None:
    """The old page says that it goes only once the new one is there."""
    before = page_of(priya)
    now = page_of(priya)
    assert leaves(priya, before) == 204 and console.calls == []
    assert leaves(priya, now) == 204 and console.calls == [("leave",)]


# ------------------------------------------------------------------------------------- pausing

PHONE = Member(asterisk_queue="support", interface=MEMBER, name="Priya", status=Device.NOT_IN_USE)


def paused(house: House) -> bool:
    with house.store.reading() as tx:
        (user,) = tx.accounts.all()
        found = tx.member_orders.recent(user.id, tx.now - timedelta(hours=1))
    return [one.action for one in found] == [Action.PAUSE]


def test_save_and_pause(house: House, priya: Insider, console: HandMade) -> None:
    console.put(Stage.WRAP_UP)
    assert "Save and pause" not in priya.get("/agent").text, "Asterisk is not there to ask"
    put(house, PHONE)
    assert "Save and pause" in priya.get("/agent").text
    console.refuses = InvalidInput("note", "This is too long.")
    priya.post("/agent/wrap-up/5", on="/agent", **WRAP, pause="1")
    assert not paused(house), "nothing was saved yet"
    answer = priya.post("/agent/wrap-up/5", on="/agent", **WRAP, pause="1")
    assert answer.status_code == 303 and paused(house)


def test_saved_though_nobody_could_be_paused(
    house: House, priya: Insider, console: HandMade
) -> None:
    console.put(Stage.WRAP_UP)
    assert priya.post("/agent/wrap-up/5", on="/agent", pause="1").status_code == 303
    said = text_of(priya.get("/agent"))
    assert "Saved." in said and "There is no connection to Asterisk right now" in said


def test_the_bar_s_phone_is_live(house: House, priya: Insider, console: HandMade) -> None:
    before = priya.get("/agent/fragment").headers["ETag"]
    put(house, PHONE)
    for path in ("/agent/fragment", "/agent/awake"):
        now = priya.get(path)
        assert now.headers["ETag"] != before and "Phone 1004: ready" in text_of(now)
        assert 'name="next" value="/agent"' in now.text
