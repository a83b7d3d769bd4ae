"""Dispatches as the outbox makes them, without a database; and a server that hears webhooks."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pytest

from asterisk_callback.domain.customer_message import Message, MessageId, MessageKind
from asterisk_callback.notify.customer import Sender
from asterisk_callback.services.telling.customer import Dispatch
from tests.factories import NOW, a_request, a_wish, callback_queue, number
from tests.lab.hook_server import Hooks, hook_server

if TYPE_CHECKING:
    from asterisk_callback.notify.channels.email import Mail

COMPANY = Sender(
    name="Larkmoor & Sons",
    base_url="https://call.example.org",
    zone="Europe/London",
    country="GB",
    phone="020 7946 0000",
)
MakeDispatch = Callable[..., Dispatch]


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with hook_server() as server:
        yield server


@pytest.fixture
def dispatch() -> MakeDispatch:
    """dispatch(kind, facts=…, request={…}, **wish): one message to customer@example.org."""

    def make(kind: MessageKind, **given: Any) -> Dispatch:
        facts = given.pop("facts", {})
        request = a_request(e164=number(123), **given.pop("request", {}))
        wish = a_wish(**({"email": "customer@example.org"} | given))
        due = {"created_at": NOW, "due_at": NOW}
        message = Message(
            id=MessageId(1), wish_id=wish.id, kind=kind, occasion="", tries=1, facts=facts, **due
        )
        return Dispatch(
            id="callback-0123456789abcdef",
            message=message,
            wish=wish,
            request=request,
            queue=callback_queue("support"),
            secret="the-secret",
        )

    return make


def opened(mail: "Mail") -> EmailMessage:
    """As its reader's program has it."""
    return message_from_bytes(mail.content, policy=policy.default)


CHOSEN = {
    "asap": False,
    "due_at": NOW + timedelta(days=1),
    "wall_time": "2026-11-24T10:00",
    "zone": "Europe/London",
}
