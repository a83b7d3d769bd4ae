"""How a callback queue delivers: its mode, and what only one of the modes asks for."""

from datetime import timedelta
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from asterisk_callback.config import fields as f
from asterisk_callback.config.sections import Section
from asterisk_callback.config.sections import key as _key
from asterisk_callback.domain.mode import (
    CustomerFirstOptions,
    DeliveryMode,
    OfferPolicy,
    PreviewOptions,
)

# Of a webhook, wherever it stands.
UNSIGNED = "webhook needs a webhook_secret beside it, to sign what it sends"


class CustomerFirstSettings(Section):
    """Of a callback queue with mode = "customer_first"; another mode does not look at it."""

    confirm: bool = _key("confirm = true", False)
    detect_machine: bool = _key("detect_machine = true", False)
    machine_message: f.Sounds = _key('machine_message = "callback/we-called"', "")
    hold_for: f.Duration = _key('hold_for = "2m"', timedelta(minutes=2))
    priority: int = Field(10, ge=0, le=1000, examples=["priority = 10"])
    keep_free: int = Field(0, ge=0, le=1000, examples=["keep_free = 1"])

    @property
    def rules(self) -> CustomerFirstOptions:
        return CustomerFirstOptions(**self.model_dump())

    @model_validator(mode="after")
    def _fits(self) -> "CustomerFirstSettings":
        if self.machine_message and not self.detect_machine:
            raise ValueError("machine_message needs detect_machine = true beside it")
        if self.hold_for < timedelta(seconds=5):
            raise ValueError("hold_for must be at least 5 seconds")
        return self


class PreviewSettings(Section):
    """Of a callback queue with mode = "preview"; another mode does not look at it."""

    offer_to: OfferPolicy = _key('offer_to = "all"', OfferPolicy.ONE)
    offer_for: f.Duration = _key('offer_for = "20s"', timedelta(seconds=20))
    work_for: f.Duration = _key('work_for = "10m"', timedelta(minutes=10))
    own_for: f.Duration = _key('own_for = "20s"', timedelta(seconds=20))

    @property
    def rules(self) -> PreviewOptions:
        return PreviewOptions(**self.model_dump())

    @model_validator(mode="after")
    def _long_enough(self) -> "PreviewSettings":
        for name in ("offer_for", "work_for", "own_for"):
            if getattr(self, name) < timedelta(seconds=1):
                raise ValueError(f"{name} must be at least a second")
        return self


class NotifySettings(Section):
    """Of a callback queue with mode = "notify": who is told, and how."""

    email: tuple[f.Mailbox, ...] = _key('email = ["sales@example.org"]', ())
    webhook: f.Webhook | None = _key('webhook = "https://crm.example.org/hooks/callback"', None)
    webhook_secret: f.ApiKey | None = _key('webhook_secret = "at-least-16-random-characters"', None)
    allow_hosts: tuple[f.Host, ...] = _key('allow_hosts = ["crm.lan"]', ())

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of those that are configured."""
        given = {"email": self.email, "webhook": self.webhook}
        return tuple(name for name, value in given.items() if value)

    @model_validator(mode="after")
    def _signed(self) -> "NotifySettings":
        if self.webhook is None:
            return self
        if self.webhook_secret is None:
            raise ValueError(UNSIGNED)
        address = urlsplit(self.webhook.get_secret_value())
        if address.scheme != "https" and address.hostname not in self.allow_hosts:
            raise ValueError("webhook must begin with https://, or its host be in allow_hosts")
        return self


class DeliverySettings(Section):
    """Keys of a callback queue."""

    mode: DeliveryMode = _key('mode = "customer_first"', DeliveryMode.AGENT_FIRST)
    customer_first: CustomerFirstSettings = CustomerFirstSettings()
    preview: PreviewSettings = PreviewSettings()
    notify: NotifySettings = NotifySettings()
