"""What can be configured: the sections, their keys, their defaults, an example for each key.

The example is what an error message shows, so it must be right as it stands.
"""

import re
import socket
from datetime import timedelta
from pathlib import Path

from pydantic import Field, SecretStr, model_validator

from asterisk_callback.config import fields as f
from asterisk_callback.config.channels import ChannelsSettings
from asterisk_callback.config.console import ConsoleSettings
from asterisk_callback.config.delivery import UNSIGNED, DeliverySettings
from asterisk_callback.config.hours import CalendarSettings, HoursSettings, SlotSettings
from asterisk_callback.config.limits import CallLimitSettings, LimitSettings
from asterisk_callback.config.log_in import LogInSettings
from asterisk_callback.config.retry import BriefTalk, Retries
from asterisk_callback.config.sections import Section
from asterisk_callback.config.sections import key as _key
from asterisk_callback.config.sites import Sites
from asterisk_callback.domain.languages import LANGUAGES
from asterisk_callback.domain.limits import MESSAGES_PER_ADDRESS
from asterisk_callback.domain.phone import NumberType
from asterisk_callback.domain.queue import QUESTIONS
from asterisk_callback.domain.queue_member import PHONES


class CompanySettings(CalendarSettings):
    name: f.Title = _key('name = "Larkmoor Broadband"')
    zone: f.Zone = _key('zone = "Europe/London"')
    country: f.Region = _key('country = "GB"')
    phone: f.Line = _key('phone = "020 7946 0000"', "")
    languages: f.Languages = _key('languages = ["en", "de"]', LANGUAGES)
    accent: f.Accent | None = _key('accent = "#0b6e4f"', None)
    privacy_url: f.AnyUrl | None = _key('privacy_url = "https://www.example.org/privacy"', None)


class DatabaseSettings(Section):
    url: f.DatabaseUrl = _key('url = "sqlite:///callback.db"', SecretStr("sqlite:///callback.db"))
    direct_url: f.DatabaseUrl | None = _key(
        'direct_url = "postgresql://callback@db.example.org/callback"', None
    )


class WebSettings(Section):
    listen: f.Listen = _key('listen = "127.0.0.1:8080"', f.Address("127.0.0.1", 8080))
    base_url: f.Url = _key('base_url = "https://call.example.org"', "http://127.0.0.1:8080")
    secret_key: f.SecretKey = _key('secret_key = "at least 32 random characters, kept for good"')
    trusted_proxies: int = Field(0, ge=0, le=10, examples=["trusted_proxies = 1"])
    threads: int = Field(32, ge=2, le=2000, examples=["threads = 32"])
    status_days: int = Field(30, ge=1, le=3650, examples=["status_days = 30"])


class InsideSettings(Section):
    """For whoever works here: the pages behind /login."""

    enabled: bool = _key("enabled = true", True)
    idle: f.Duration = _key('idle = "30m"', timedelta(minutes=30))
    longest: f.Duration = _key('longest = "12h"', timedelta(hours=12))

    @model_validator(mode="after")
    def _long_enough(self) -> "InsideSettings":
        if self.idle < timedelta(minutes=1):
            raise ValueError("idle must be at least a minute")
        if self.longest < self.idle:
            raise ValueError("longest must not be less than idle")
        return self


class NumberSettings(Section):
    regions: tuple[f.Region, ...] = _key('regions = ["GB", "IE"]', ())
    kinds: tuple[NumberType, ...] = _key(
        'kinds = ["fixed_line", "mobile"]', (NumberType.FIXED_LINE, NumberType.MOBILE)
    )
    refused: tuple[f.Range, ...] = _key('refused = ["+44871", "+4475"]', ())


class Timings(Section):
    """Of the AMI link, in seconds."""

    connect: float = Field(5.0, gt=0, examples=["connect = 5"])
    login: float = Field(5.0, gt=0, examples=["login = 5"])
    boot: float = Field(15.0, gt=0, examples=["boot = 15"])
    action: float = Field(5.0, gt=0, examples=["action = 5"])
    ping_every: float = Field(5.0, gt=0, examples=["ping_every = 5"])
    ping_deadline: float = Field(5.0, gt=0, examples=["ping_deadline = 5"])
    backoff_first: float = Field(0.5, gt=0, examples=["backoff_first = 0.5"])
    backoff_max: float = Field(30.0, gt=0, examples=["backoff_max = 30"])


class AsteriskSettings(Section):
    name: f.Name = _key('name = "pbx"', "pbx")
    instance: f.Instance = _key('instance = "north"', "")
    host: f.Host = _key('host = "127.0.0.1"', "127.0.0.1")
    port: int = Field(5038, ge=1, le=65535, examples=["port = 5038"])
    username: f.AsteriskName = _key('username = "callback"', "callback")
    secret: f.Secret = _key('secret = "the secret in manager_callback.conf"')
    tls: bool = _key("tls = true", False)
    ca_file: Path | None = _key('ca_file = "/etc/asterisk/keys/ca.crt"', None)
    etc: f.Folder = _key('etc = "/etc/asterisk"', f.ETC)
    sounds: f.Sounds = _key('sounds = "callback/"', "callback/")
    prompts: f.Languages = _key('prompts = ["en", "de"]', ("en",))
    members: f.Members = _key('members = ["PJSIP/*", "Local/*@from-queue/n"]', PHONES)
    codecs: f.Codecs = _key('codecs = "ulaw,alaw"', "ulaw,alaw")
    log_in: dict[f.Name, LogInSettings] = _key("[asterisk.log_in.pbx]", {})
    timings: Timings = Timings()


REMINDER = timedelta(minutes=60)


class MessagesSettings(Section):
    """What customers are told, by whichever channel."""

    reminder: f.Duration | None = _key('reminder = "60m"', None)


class MailSettings(Section):
    """How messages to customers are sent; without this section none is."""

    host: f.Host = _key('host = "smtp.example.org"')
    port: int = Field(587, ge=1, le=65535, examples=["port = 587"])
    security: f.MailSecurity = _key('security = "starttls"', "starttls")
    ca_file: Path | None = _key('ca_file = "/etc/ssl/mail-ca.crt"', None)
    username: f.Line = _key('username = "callback@example.org"', "")
    password: f.Secret | None = _key('password = "of the mailbox"', None)
    sender: f.Mailbox = _key('sender = "Larkmoor Broadband <callback@example.org>"')
    reply_to: f.Mailbox | None = _key('reply_to = "support@example.org"', None)
    # Of before [messages]: read where that has none.
    reminder: f.Duration | None = _key('reminder = "60m"', None)
    per_address: int = Field(MESSAGES_PER_ADDRESS, ge=1, examples=["per_address = 10"])


class GateSettings(Section):
    listen: f.Listen = _key('listen = "127.0.0.1:4574"', f.Address("127.0.0.1", 4574))
    # At most a minute: the agent stands on a silent line meanwhile.
    within: float = Field(2.0, ge=0.5, le=60, examples=["within = 2"])


def _host_name() -> str:
    return re.sub(r"[^a-z0-9-]", "-", socket.gethostname().lower())[:64] or "dispatcher"


class DispatcherSection(Section):
    name: f.Name = Field(default_factory=_host_name, examples=['name = "dispatcher-1"'])
    lease: f.Duration = _key("lease = 15", timedelta(seconds=15))
    reconcile_every: f.Duration = _key("reconcile_every = 30", timedelta(seconds=30))
    probe_every: f.Duration = _key("probe_every = 30", timedelta(seconds=30))
    grace: f.Duration = _key("grace = 10", timedelta(seconds=10))
    drain: f.Duration = _key("drain = 20", timedelta(seconds=20))
    window: int = Field(16, ge=1, le=64, examples=["window = 16"])


class AlarmSettings(Section):
    webhook: f.Webhook | None = _key('webhook = "https://ops.example.org/hooks/callback"', None)
    webhook_secret: f.ApiKey | None = _key('webhook_secret = "at-least-16-random-characters"', None)
    email: tuple[f.Mailbox, ...] = _key('email = ["ops@example.org"]', ())
    heartbeat: f.Webhook | None = _key('heartbeat = "https://beats.example.org/callback"', None)

    @model_validator(mode="after")
    def _signed(self) -> "AlarmSettings":
        if self.webhook is not None and self.webhook_secret is None:
            raise ValueError(UNSIGNED)
        return self


class TrunkSettings(CallLimitSettings):
    dial: f.Dial = _key('dial = "PJSIP/{digits}@trunk"')
    dial_foreign: f.DialForeign = _key('dial_foreign = "PJSIP/{digits}@trunk"', "")
    country: f.Region | None = _key('country = "FR"', None)
    caller_id: f.CallerId = _key('caller_id = "+442079460000"', "")
    prefix: f.Prefix = _key('prefix = "9"', "")
    gives_ringing: bool = _key("gives_ringing = true", True)
    pause: f.Duration = _key('pause = "30s"', timedelta(seconds=30))


class QueueSettings(CallLimitSettings, DeliverySettings):
    title: f.Title = _key('title = "Support"')
    asterisk_queue: f.AsteriskName = _key('asterisk_queue = "support"')
    trunk: f.Name | None = _key('trunk = "main"', None)
    trunks: tuple[f.Name, ...] = _key('trunks = ["main", "other"]', ())
    trunks_by_country: dict[f.Region, tuple[f.Name, ...]] = _key(
        'trunks_by_country = { FR = ["other"] }', {}
    )
    whisper: f.Sounds = _key('whisper = "callback/callback"', "")
    queue_for: f.Duration = _key('queue_for = "10m"', timedelta(seconds=600))
    record: f.Recording = _key('record = "callbacks/{id}-{attempt}.wav"', "")
    queue_options: f.QueueOptions = _key('queue_options = "tC"', "t")
    ring_for: f.Duration = _key('ring_for = "30s"', timedelta(seconds=30))
    lifetime: f.Duration | None = _key('lifetime = "3d"', None)
    topics: tuple[f.Title, ...] = _key('topics = ["My bill", "A fault"]', ())
    ask: f.Questions = _key('ask = ["name", "topic", "note", "email"]', QUESTIONS)
    regions: tuple[f.Region, ...] = _key('regions = ["GB", "IE"]', ())
    zone: f.Zone | None = _key('zone = "Europe/London"', None)
    hours: HoursSettings | None = _key("[queues.support.hours]", None)
    slots: SlotSettings = SlotSettings()
    max_waiting: int | None = Field(None, ge=1, examples=["max_waiting = 50"])
    retry: Retries = _key("[queues.support.retry.busy]", {})
    brief_talk: BriefTalk = _key("[queues.support.brief_talk]", BriefTalk())

    @model_validator(mode="after")
    def _has_trunks(self) -> "QueueSettings":
        if not self.trunk_names or (self.trunk and self.trunk not in self.trunk_names):
            raise ValueError('give either trunk = "main" or trunks = ["main", "other"]')
        some = (self.trunks, *self.trunks_by_country.values())
        if not all(self.trunks_by_country.values()):
            raise ValueError("trunks_by_country: a country needs at least one trunk")
        if any(len(set(names)) < len(names) for names in some):
            raise ValueError("trunks: each is named once")
        return self

    @property
    def trunk_names(self) -> tuple[str, ...]:
        """Where its calls leave, where a country has no trunks of its own."""
        return self.trunks or ((self.trunk,) if self.trunk else ())

    @model_validator(mode="after")
    def _long_enough(self) -> "QueueSettings":
        for name in ("queue_for", "ring_for", "lifetime"):
            given = getattr(self, name)
            if given is not None and given < timedelta(seconds=5):
                raise ValueError(f"{name} must be at least 5 seconds")
        return self


class Settings(Section):
    """The whole configuration; relative paths in it were resolved by `load`."""

    company: CompanySettings
    database: DatabaseSettings = DatabaseSettings()
    web: WebSettings
    inside: InsideSettings = InsideSettings()
    console: ConsoleSettings = ConsoleSettings()
    numbers: NumberSettings = NumberSettings()
    limits: LimitSettings = LimitSettings()
    asterisk: AsteriskSettings
    gate: GateSettings = GateSettings()
    alarms: AlarmSettings = AlarmSettings()
    messages: MessagesSettings = MessagesSettings()
    mail: MailSettings | None = None
    channels: ChannelsSettings = ChannelsSettings()
    dispatcher: DispatcherSection = Field(default_factory=DispatcherSection)
    trunks: dict[f.Name, TrunkSettings] = Field(min_length=1)
    queues: dict[f.Name, QueueSettings] = Field(min_length=1)
    sites: Sites = Field(default_factory=dict)

    @property
    def reminder(self) -> timedelta:
        """So long before a chosen time its customer is reminded; 0: not at all."""
        of_mail = self.mail.reminder if self.mail else None
        given = of_mail if self.messages.reminder is None else self.messages.reminder
        return REMINDER if given is None else given
