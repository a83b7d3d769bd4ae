"""A mail server that takes nothing, from the refusal to the alarm, which comes another way."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from asterisk_callback.domain.mode import Mode
from asterisk_callback.notify.channels.email import Mailer, MailServer, Security
from asterisk_callback.notify.customer import Company
from asterisk_callback.notify.operator import AlarmMail, Webhook
from asterisk_callback.notify.team import TeamMail
from asterisk_callback.services.telling.operator import Alarms
from asterisk_callback.services.telling.outbox import Outbox, Telling
from asterisk_callback.services.telling.team import TeamTelling
from tests.factories import SERVER, Office, SetClock, callback_queue
from tests.lab import mail_server
from tests.lab.hook_server import Hooks, hook_server

SENDER, KEY = "Larkmoor <callback@example.org>", "test secret"


def alarms_after(office: Office, clock: SetClock, port: int, hooks: Hooks) -> list[str]:
    """What the webhook is told of ten minutes later; the mail server is the other way."""
    webhook = Webhook(url=f"http://127.0.0.1:{hooks.server_port}/")
    mail = AlarmMail(server=given(port), sender=SENDER, recipients=("ops@example.org",))
    watch = Alarms(
        store=office.store, queues=office.queues, server=SERVER, channels=("webhook", "email")
    )
    assert watch.look(None) == []
    clock.now += timedelta(minutes=10)
    watch.look(None)
    Telling(store=office.store, channels=[mail, webhook]).tell()
    return [json.loads(body)["alarm"] for _, _, body in hooks.heard]


def given(port: int) -> MailServer:
    return MailServer(host="127.0.0.1", port=port, security=Security.NONE)


@pytest.mark.case("CASES 6: a mail server that refuses everything is told by another way")
@pytest.mark.parametrize(
    ("answer", "customers"),
    [("554 No", 2), ("451 Come again", 2), ("554 5.7.1 Relay access denied", 1)],
)
def test_customers_can_t_be_written_to(
    office: Office, clock: SetClock, answer: str, customers: int
) -> None:
    """What the server says of itself needs no second customer: some companies have one a day."""
    company = Company(name="L", base_url="https://l.example", zone="Europe/London", country="GB")
    for n in range(customers):
        office.submit(n, email=f"customer{n}@example.org")
    with mail_server.MailServer(to_recipient=answer) as server, hook_server() as hooks:
        mailer = Mailer(server=given(server.port), sender=SENDER, company=company)
        outbox = Outbox(store=office.store, queues=office.queues, secret_key=KEY, send=mailer)
        while outbox.work_off():
            pass
        assert alarms_after(office, clock, server.port, hooks) == ["mail_refused"]
        server.to_recipient = mail_server.OK
        while outbox.work_off():
            pass
        assert len(server.received) == customers


@pytest.mark.case("CASES 6: a team's mail that is refused is told by another way")
def test_a_team_can_t_be_written_to(office: Office, clock: SetClock) -> None:
    queue = replace(callback_queue(), mode=Mode.NOTIFY, tells=("email",))
    office.queues = {"sales": queue}
    office.submit()
    with mail_server.MailServer(to_recipient="550 No") as server, hook_server() as hooks:
        tell = TeamMail(
            server=given(server.port),
            sender=SENDER,
            recipients=("sales@example.org",),
            page="https://l.example/done/{}".format,
            zone="Europe/London",
        )
        telling = TeamTelling(
            store=office.store,
            queues=office.queues,
            secret_key=KEY,
            channels={("sales", "email"): tell},
        )
        while telling.work_off():
            pass
        assert alarms_after(office, clock, server.port, hooks) == ["team_not_told"]
        server.to_recipient = mail_server.OK
        while telling.work_off():
            pass
        assert len(server.received) == 1
