"""The one place where parts are wired together: a module a half, and what both need.

What only one half of the service needs is imported where it is made: the dispatcher runs without
Flask, and the web without panoramisk.
"""

from asterisk_callback.bootstrap.database import (
    database_file,
    database_name,
    downgrade,
    other_tables,
    own,
    ready_store,
    running_store,
    schema,
    store,
    store_at,
    upgrade,
)
from asterisk_callback.bootstrap.dispatcher import ami_address, dispatcher, timings
from asterisk_callback.bootstrap.errors import SchemaOutdated, SetupError
from asterisk_callback.bootstrap.rules import guard, number_rules, queues
from asterisk_callback.bootstrap.telling import (
    alarm_channels,
    alarm_tellings,
    channel,
    customer_mail,
    email,
    mail_server,
    outbox_threads,
    outboxes,
    team_telling,
    team_webhook,
)
from asterisk_callback.bootstrap.web import (
    booking,
    console,
    readiness,
    sites,
    statuses,
    users,
    web_app,
    wrap_ups,
)

__all__ = [
    "SchemaOutdated",
    "SetupError",
    "alarm_channels",
    "alarm_tellings",
    "ami_address",
    "booking",
    "channel",
    "console",
    "customer_mail",
    "database_file",
    "database_name",
    "dispatcher",
    "downgrade",
    "email",
    "guard",
    "mail_server",
    "number_rules",
    "other_tables",
    "outbox_threads",
    "outboxes",
    "own",
    "queues",
    "readiness",
    "ready_store",
    "running_store",
    "schema",
    "sites",
    "statuses",
    "store",
    "store_at",
    "team_telling",
    "team_webhook",
    "timings",
    "upgrade",
    "users",
    "web_app",
    "wrap_ups",
]
