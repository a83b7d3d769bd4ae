"""Channels beside e-mail and webhook, and whom each of them tells.

A new one: its section here, a field of that name in ChannelsSettings, and a module of that name in
notify/channels/ whose function `channel` takes what `transport` gives.
"""

import re
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from asterisk_callback.config import fields as f
from asterisk_callback.config.sections import Section
from asterisk_callback.config.sections import key as _key
from asterisk_callback.domain.customer_message import MessageKind
from asterisk_callback.domain.limits import MESSAGES_PER_NUMBER

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_KNOWN = ("number", "digits", "text", "id", "token")


class ChannelSettings(Section):
    """Whom a channel tells: all but these keys say how."""

    customers: tuple[MessageKind, ...] = _key(
        'customers = ["confirmation", "missed"]',
        (MessageKind.CONFIRMATION, MessageKind.REMINDER, MessageKind.MISSED, MessageKind.CANCELLED),
    )
    per_number: int = Field(MESSAGES_PER_NUMBER, ge=1, examples=["per_number = 5"])
    teams: dict[f.Name, tuple[f.Number, ...]] = _key('teams = { support = ["+447400900123"] }', {})
    operators: tuple[f.Number, ...] = _key('operators = ["+447400900123"]', ())

    @property
    def writes_into(self) -> Path | None:
        """A folder that its messages are put into, if it delivers so."""
        return None

    @property
    def transport(self) -> dict[str, Any]:
        """How it delivers: what the module of this channel takes."""
        ours = set(type(self).model_fields) - set(ChannelSettings.model_fields)
        given = {name: getattr(self, name) for name in ours}
        return {name: _revealed(one) for name, one in given.items() if one is not None}


class SmsHttpSettings(Section):
    """A provider of SMS. {number} {digits} {text} {id} {token} stand in url, headers and body."""

    url: f.Webhook = _key('url = "https://api.example.org/messages"')
    method: Literal["POST", "PUT", "GET"] = _key('method = "POST"', "POST")
    headers: dict[f.HeaderName, f.Secret] = _key(
        'headers = { Authorization = "Bearer {token}" }', {}
    )
    # Some providers want their key in it.
    body: dict[str, Any] = Field(
        {}, examples=['body = { to = "{number}", text = "{text}" }'], repr=False
    )
    body_as: Literal["json", "form"] = _key('body_as = "form"', "json")
    token: f.Secret | None = _key('token = "of the account"', None)
    sent_status: tuple[f.HttpStatus, ...] = _key("sent_status = [200, 201]", ())
    sent_answer: f.Pattern | None = _key("""sent_answer = '"status": *"queued"'""", None)
    failed_status: tuple[f.HttpStatus, ...] = _key("failed_status = [400, 422]", (400, 404, 422))
    failed_answer: f.Pattern | None = _key("""failed_answer = '"code": *21211'""", None)
    allow_hosts: tuple[f.Host, ...] = _key('allow_hosts = ["sms.lan"]', ())

    @model_validator(mode="after")
    def _says_it(self) -> "SmsHttpSettings":
        address = urlsplit(self.url.get_secret_value())
        if "@" in address.netloc:
            raise ValueError("url can hold no name and password: put them into headers")
        if "{" in address.netloc:
            raise ValueError("url may hold placeholders after its host only")
        if address.scheme != "https" and address.hostname not in self.allow_hosts:
            raise ValueError("url must begin with https://, or its host be in allow_hosts")
        headers = " ".join(one.get_secret_value() for one in self.headers.values())
        used = set(_PLACEHOLDER.findall(f"{self.url.get_secret_value()} {headers} {self.body}"))
        if used - set(_KNOWN):
            known = " ".join(f"{{{one}}}" for one in _KNOWN)
            raise ValueError(f"url, headers and body know the placeholders {known} only")
        if "text" in _PLACEHOLDER.findall(headers):
            raise ValueError("headers can't hold {text}: it belongs into body or url")
        if not {"number", "digits"} & used or "text" not in used:
            raise ValueError("body or url must hold {text}, and {number} or {digits}")
        if ("token" in used) != (self.token is not None):
            raise ValueError("token goes together with {token}: give both or neither")
        if self.body_as == "form" and any(
            isinstance(one, dict | list) for one in self.body.values()
        ):
            raise ValueError('body_as = "form" can have no tables or lists in body')
        return self


class SmsSettings(ChannelSettings):
    """SMS by a provider's HTTP API, or by a gateway with a spool folder (smstools)."""

    spool: f.Folder | None = _key('spool = "/var/spool/sms/outgoing"', None)
    http: SmsHttpSettings | None = None

    @property
    def writes_into(self) -> Path | None:
        return self.spool

    @model_validator(mode="after")
    def _one_way(self) -> "SmsSettings":
        if (self.spool is None) == (self.http is None):
            raise ValueError("needs one way to send: either spool or [channels.sms.http]")
        return self


class ChannelsSettings(Section):
    sms: SmsSettings | None = None

    def given(self) -> dict[str, ChannelSettings]:
        """Those that are configured, by name."""
        named = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: one for name, one in named.items() if one is not None}


def _revealed(value: Any) -> Any:
    """As plain values, secrets as their text."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Section):
        return {name: _revealed(one) for name, one in value if one is not None}
    if isinstance(value, dict):
        return {name: _revealed(one) for name, one in value.items() if one is not None}
    return value
