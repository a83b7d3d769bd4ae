"""How a callback queue delivers: its mode, and what only customer-first asks for."""

from datetime import timedelta

from pydantic import Field, field_validator, model_validator

from asterisk_callback.config import fields as f
from asterisk_callback.config.sections import Section
from asterisk_callback.config.sections import key as _key
from asterisk_callback.domain.mode import CustomerFirst, Mode

_TO_COME = (Mode.PREVIEW, Mode.NOTIFY)


class CustomerFirstSettings(Section):
    """Of a callback queue with mode = "customer_first"; another mode does not look at it."""

    confirm: bool = _key("confirm = true", False)
    detect_machine: bool = _key("detect_machine = true", False)
    machine_message: f.Sounds = _key('machine_message = "callback/we-called"', "")
    hold_for: f.Duration = _key('hold_for = "2m"', timedelta(minutes=2))
    priority: int = Field(10, ge=0, le=1000, examples=["priority = 10"])
    keep_free: int = Field(0, ge=0, le=1000, examples=["keep_free = 1"])

    @property
    def rules(self) -> CustomerFirst:
        return CustomerFirst(**self.model_dump())

    @model_validator(mode="after")
    def _fits(self) -> "CustomerFirstSettings":
        if self.machine_message and not self.detect_machine:
            raise ValueError("machine_message needs detect_machine = true beside it")
        if self.hold_for < timedelta(seconds=5):
            raise ValueError("hold_for must be at least 5 seconds")
        return self


class DeliverySettings(Section):
    """Keys of a callback queue."""

    mode: Mode = _key('mode = "customer_first"', Mode.AGENT_FIRST)
    customer_first: CustomerFirstSettings = CustomerFirstSettings()

    @field_validator("mode")
    @classmethod
    def _exists(cls, mode: Mode) -> Mode:
        if mode in _TO_COME:
            raise ValueError(f"can’t be {mode} yet: this version has agent_first, customer_first")
        return mode
