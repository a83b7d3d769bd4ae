"""What is recorded by acting: each on a database of its own, and what it left in the rows.

The row texts are those of `asterisk-callback requests show`, which both name and order a story's
facts, so that a change of the tables is no difference.
"""

from collections.abc import Callable, Iterator
from functools import partial

from tests.recorded.answers import answer, settled
from tests.recorded.company import Company, company
from tests.recorded.database import before
from tests.web.page import hidden

SLOT = "2026-11-27T11:00:00+00:00"
Act = Callable[[], str]


def all_of() -> Iterator[tuple[str, Act]]:
    """Each recording's name, and what makes it."""
    for wish_id in list(before().status_pages)[1::4]:
        for action, typed in _CUSTOMERS.items():
            yield f"act/wish-{wish_id:03}-{action}", partial(_customer, wish_id, action, typed)
    for request_id in before().column("callback_request", "id")[::4]:
        for action, typed in _SUPERVISORS.items():
            name = f"act/request-{request_id:03}-{action}"
            yield name, partial(_supervisor, request_id, action, typed)
        for command in ("cancel", "retry"):
            name = f"act/command-{request_id:03}-{command}"
            yield name, partial(_command, request_id, command)
    for queue in ("support", "office", "consult", "leads", "evening", "held", "shut", "narrow"):
        for when in ("asap", SLOT, "2026-11-25T03:00", "nonsense"):
            yield f"act/form-{queue}-{when[:13]}", partial(_form, queue, when)
            yield f"act/api-{queue}-{when[:13]}", partial(_api, queue, when)
    for request_id in before().team_pages:
        yield f"act/done-{request_id:03}", partial(_done, request_id)


_CUSTOMERS = {
    "cancel": {},
    "move": {"slot": SLOT},
    "number": {"phone": "07400 555 123", "country": "GB"},
    "now": {},
    "erase": {},
}
_SUPERVISORS = {
    "next": {},
    "again": {},
    "move": {"slot": SLOT},
    "give": {"to": "held"},
    "cancel": {"reason": "already solved"},
}


def _customer(wish_id: int, action: str, typed: dict[str, str]) -> str:
    path = f"/c/{before().status_pages[wish_id]}"
    with company() as ours:
        # The page of one that was deleted has no form; any page of this browser has the token.
        told = answer(ours.post(f"{path}/{action}", typed, on="/"))
        request_id = before().column("wish", "request_id")[wish_id - 1]
        return told + _rows(ours, request_id)


def _supervisor(request_id: int, action: str, typed: dict[str, str]) -> str:
    path = f"/board/requests/{request_id}"
    with company() as ours:
        told = answer(ours.post(f"{path}/{action}", typed, on="/board", login="sue"))
        return told + answer(ours.get(path, "sue")) + _rows(ours, request_id)


def _command(request_id: int, command: str) -> str:
    with company() as ours:
        return settled(ours.run("requests", command, str(request_id))) + _rows(ours, request_id)


def _form(queue: str, when: str) -> str:
    typed = {"country": "GB", "phone": "07400 700 321", "queue": queue, "name": "Pat"}
    with company() as ours:
        page = ours.get(f"/q/{queue}")
        typed |= {name: hidden(page, name) for name in ("csrf_token", "key")}
        chosen = {"when": "asap"} if when == "asap" else {"when": "slot", "slot": when}
        told = answer(ours.browser().post("/callbacks", data=typed | chosen))
        return told + _rows(ours, _next())


def _api(queue: str, when: str) -> str:
    body = {"phone": "+447400700321", "queue": queue, "name": "Pat"}
    if when != "asap":
        body["scheduled_for"] = when
    with company() as ours:
        told = answer(ours.api("POST", "/callbacks", json=body))
        return told + _rows(ours, _next())


def _done(request_id: int) -> str:
    path = f"/done/{before().team_pages[request_id]}"
    with company() as ours:
        page = ours.get(path)
        token = hidden(page, "csrf_token") if 'name="csrf_token"' in page.text else ""
        told = answer(ours.browser().post(path, data={"csrf_token": token}))
        return told + _rows(ours, request_id)


def _next() -> int:
    return int(max(before().column("callback_request", "id"))) + 1


def _rows(ours: Company, request_id: int) -> str:
    """The request as operators see it, and any that took its place."""
    shown = [ours.run("requests", "show", str(one)) for one in (request_id, _next())]
    return settled("\n".join(shown))
