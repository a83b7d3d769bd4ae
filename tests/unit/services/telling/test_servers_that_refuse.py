"""A mail server that takes nothing, from the refusal to the alarm, which comes another way."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.notify.channels.email import Email, MailServer
from asterisk_callback.notify.channels.webhook import Webhook
from asterisk_callback.notify.customer import Sender
from asterisk_callback.notify.operator import OperatorWords
from asterisk_callback.notify.team import TeamWords
from asterisk_callback.services.telling.channel import Way
from asterisk_callback.services.telling.operator import Alarms
from asterisk_callback.services.telling.outbox import Outbox, Telling
from asterisk_callback.services.telling.team import TeamTelling
from tests import post
from tests.factories import SERVER, Office, SetClock, callback_queue
from tests.lab import mail_server
from tests.lab.hook_server import Hooks, hook_server
from tests.post import work_off

SENDER, KEY = "Larkmoor <callback@example.org>", "test secret"


def alarms_after(office: Office, clock: SetClock, port: int, hooks: Hooks) -> list[str]:
    """What the webhook is told of ten minutes later; the mail server is the other way."""
    url = f"http://127.0.0.1:{hooks.server_port}/"
    words = OperatorWords(mailboxes=("ops@example.org",))
    webhook = Way(channel=Webhook(url=url, secret=KEY, allow_hosts=None), compose=words)
    mail = Way(channel=Email(server=given(port), sender=SENDER), compose=words)
    watch = Alarms(
        store=office.store, queues=office.queues, server=SERVER, channels=("webhook", "email")
    )
    assert watch.look(None) == []
    clock.now += timedelta(minutes=10)
    watch.look(None)
    work_off(Telling(store=office.store, channels=[mail, webhook]))
    return [json.loads(body)["alarm"] for _, _, body in hooks.heard]


def given(port: int) -> MailServer:
    return post.mail_server(port)


@pytest.mark.case("CASES 6: a mail server that refuses everything is told by another way")
@pytest.mark.parametrize(
    ("answer", "customers"),
    [("554 No", 2), ("451 Come again", 2), ("554 5.7.1 Relay access denied", 1)],
)
def test_customers_can_t_be_written_to(
    office: Office, clock: SetClock, answer: str, customers: int
) -> None:
    """What the server says of itself needs no second customer: some companies have one a day."""
    company = Sender(name="L", base_url="https://l.example", zone="Europe/London", country="GB")
    for n in range(customers):
        office.submit(n, email=f"customer{n}@example.org")
    with mail_server.MailServer(to_recipient=answer) as server, hook_server() as hooks:
        send = post.customer_mail(given(server.port), company, SENDER).send
        outbox = Outbox(store=office.store, queues=office.queues, secret_key=KEY, send=send)
        while outbox.work_off():
            pass
        assert alarms_after(office, clock, server.port, hooks) == ["mail_refused"]
        server.to_recipient = mail_server.OK
        while outbox.work_off():
            pass
        assert len(server.received) == customers


@pytest.mark.case("CASES 6: a team's mail that is refused is told by another way")
def test_a_team_can_t_be_written_to(office: Office, clock: SetClock) -> None:
    queue = replace(callback_queue(), mode=DeliveryMode.NOTIFY, tells=("email",))
    office.queues = {"sales": queue}
    office.submit()
    with mail_server.MailServer(to_recipient="550 No") as server, hook_server() as hooks:
        words = TeamWords(
            mailboxes=("sales@example.org",),
            page="https://l.example/done/{}".format,
            zone="Europe/London",
        )
        channel = Email(server=given(server.port), sender=SENDER)
        telling = TeamTelling(
            store=office.store,
            queues=office.queues,
            secret_key=KEY,
            channels={("sales", "email"): Way(channel=channel, compose=words).send},
        )
        while telling.work_off():
            pass
        assert alarms_after(office, clock, server.port, hooks) == ["team_not_told"]
        server.to_recipient = mail_server.OK
        while telling.work_off():
            pass
        assert len(server.received) == 1
