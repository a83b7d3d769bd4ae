"""The owner of a status page deletes it, as a browser without scripts sends it."""

import pytest

from asterisk_callback.domain.disposition import Disposition
from tests.web.house import House
from tests.web.page import Visitor, text_of
from tests.web.test_changes import change


@pytest.fixture
def over(visitor: Visitor, house: House) -> str:
    """The path of the page of a call that took place."""
    path = visitor.book(name="Ada Lovelace", email="ada@example.org")
    house.ends(house.talking(), Disposition.ANSWERED)
    return path


def test_delete_it_now(visitor: Visitor, house: House, over: str) -> None:
    page = text_of(visitor.client.get(over))
    assert "What we keep" in page and "This page disappears on Wednesday 23 December." in page
    answer = change(visitor, over, "erase")
    assert answer.status_code == 303 and answer.location == "/deleted"
    assert "It is deleted" in text_of(visitor.client.get(answer.location))
    never = visitor.client.get("/c/" + "x" * 24)
    for path in (over, f"{over}/fragment", f"{over}/callback.ics"):
        found = visitor.client.get(path)
        assert found.status_code == 404
    assert visitor.client.get(over).data == never.data
    (row,) = house.requests()
    assert "Ada" not in row and "2079460100" not in row


def test_only_after_the_end(visitor: Visitor) -> None:
    path = visitor.book()
    assert "Delete it now" not in text_of(visitor.client.get(path))
    answer = change(visitor, path, "erase")
    assert answer.status_code == 409 and "Cancel it first" in text_of(answer)


def test_needs_our_form(visitor: Visitor, over: str) -> None:
    answer = visitor.client.post(f"{over}/erase")
    assert answer.status_code == 400 and "Nothing was changed yet" in text_of(answer)
    assert '<details id="erase" open>' in answer.text
    assert visitor.client.get(over).status_code == 200


def test_the_form_sent_again_says_that_it_was_sent(visitor: Visitor) -> None:
    form = visitor.fill()
    path = visitor.send(form).location
    visitor.cancel(path)
    change(visitor, path, "erase")
    answer = visitor.send(form)
    assert answer.status_code == 409 and "This form was sent before" in text_of(answer)
