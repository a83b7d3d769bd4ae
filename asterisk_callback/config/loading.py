"""Finding and reading the configuration."""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from asterisk_callback.config import environment, foreign, sites, who_is_told
from asterisk_callback.config.environment import CONFIG_VARIABLE
from asterisk_callback.config.problems import ConfigError, SourceMap
from asterisk_callback.config.settings import QueueSettings, Settings

HERE = Path("callback.toml")
SYSTEM = Path("/etc/asterisk-callback/callback.toml")
_PROXIES = (
    "must say how many proxies stand in front, as base_url is https: without them a customer's "
    "true address, which the limits count, is not known"
)
# Without a file the environment alone may do; the sections with a required key must exist for
# an error to name the key.
_ALWAYS = ("company", "web", "asterisk", "trunks", "queues")


def find(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The file to read: the given one, $ASTERISK_CALLBACK_CONFIG, ./callback.toml, or the
    system's; None if there is none."""
    if path is not None:
        return path
    if environ.get(CONFIG_VARIABLE):
        return Path(environ[CONFIG_VARIABLE])
    # os.path: False, not an error, in a folder that may not be looked into, such as root's home of
    # whom `runuser` makes the service's user.
    return next((place for place in (HERE, SYSTEM) if os.path.exists(place)), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """All that a configuration is read from, as it was at one moment: processes that are given the
    same read the same, whatever is written meanwhile.

    file: None if there is none. environ: our variables. secrets: what stood in the files that some
    of them name.
    """

    file: Path | None
    text: str = field(repr=False)
    folder: Path
    environ: Mapping[str, str] = field(repr=False)
    secrets: Mapping[str, str] = field(repr=False)

    def dumps(self) -> str:
        file = str(self.file) if self.file is not None else None
        return json.dumps(
            [file, self.text, str(self.folder), dict(self.environ), dict(self.secrets)]
        )

    @staticmethod
    def loads(text: str) -> "Given":
        file, content, folder, environ, secrets = json.loads(text)
        return Given(
            file=Path(file) if file is not None else None,
            text=content,
            folder=Path(folder),
            environ=environ,
            secrets=secrets,
        )


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """The configuration, checked. Raises ConfigError with every problem at once.

    path: the file that the user named, or None to look for it. Relative paths in the configuration
    are relative to the folder of the file, so that a service finds them from anywhere.
    """
    return understand(take(path, environ))


def take(path: Path | None, environ: Mapping[str, str]) -> Given:
    """What `understand` reads. Raises ConfigError if there is none, or it can't be read."""
    file = find(path, environ)
    if file is None and not environment.of_ours(environ):
        raise ConfigError(
            [
                f"no configuration: neither ./{HERE} nor {SYSTEM} exists; "
                "`asterisk-callback init` writes one, `--config FILE` names another"
            ]
        )
    text = _read(file) if file is not None else ""
    folder = file.absolute().parent if file is not None else Path.cwd()
    return Given(
        file=file,
        text=text,
        folder=folder,
        environ=environment.of_ours(environ),
        secrets=environment.secrets(environ, folder),
    )


def understand(given: Given) -> Settings:
    """The configuration, checked. Raises ConfigError with every problem at once."""
    file, folder = given.file, given.folder
    data = _parse(given.text, file)
    values, sources, problems = environment.read(given.environ, folder, given.secrets)
    for section in _ALWAYS:
        data.setdefault(section, {})
    for keys, value in values.items():
        _put(data, keys, value)
    places = SourceMap(file, given.text, sources)
    try:
        # Through JSON, because there pydantic is strict about types and yet reads lists and enums.
        settings = Settings.model_validate_json(json.dumps(data, default=str), strict=True)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise ConfigError(problems + [places.describe(one) for one in found]) from None
    problems += _cross_check(settings, places)
    if problems:
        raise ConfigError(problems)
    return _resolved(settings, folder)


def _read(file: Path) -> str:
    try:
        # With or without the byte order mark that some editors write in front.
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError([f"{file}: is no text in UTF-8; save it again as UTF-8"]) from None
    except OSError as error:
        raise ConfigError(
            [f"{file}: can't be read ({error.strerror}); `asterisk-callback init` writes a new one"]
        ) from None


def _parse(text: str, file: Path | None) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # tomllib's message has the line and column, and of the text at most one character.
        raise ConfigError(
            [f'{file}: is no valid TOML: {error}; for example: name = "Larkmoor Broadband"']
        ) from None


def _put(data: dict[str, Any], keys: tuple[str, ...], value: Any) -> None:
    for key in keys[:-1]:
        inner = data.setdefault(key, {})
        if not isinstance(inner, dict):
            return  # the file has a value where a section belongs: its error is told anyway
        data = inner
    data[keys[-1]] = value


def _unknown_trunks(
    settings: Settings, name: str, queue: QueueSettings
) -> list[tuple[tuple[str | int, ...], str]]:
    known = f"must be one of the trunks below [trunks]: {', '.join(sorted(settings.trunks))}"
    where: list[tuple[str | int, ...]] = []
    if not set(queue.trunk_names) <= set(settings.trunks):
        where.append(("queues", name, "trunks" if queue.trunks else "trunk"))
    for region, names in queue.trunks_by_country.items():
        if not set(names) <= set(settings.trunks):
            where.append(("queues", name, "trunks_by_country", region))
    return [(place, known) for place in where]


def _cross_check(settings: Settings, places: SourceMap) -> list[str]:
    """What only shows when two keys are held against each other."""
    faults: list[tuple[tuple[str | int, ...], str]] = []
    for name, queue in settings.queues.items():
        faults += _unknown_trunks(settings, name, queue)
    faults += sites.faults(settings.sites, settings.queues)
    for name, trunk in settings.trunks.items():
        if "{prefix}" in trunk.dial and not trunk.prefix:
            faults.append((("trunks", name, "prefix"), "is empty, but dial has {prefix} in it"))
    faults += foreign.faults(settings)
    faults += who_is_told.faults(settings)
    if settings.web.base_url.startswith("https:") and not settings.web.trusted_proxies:
        # We speak plain http, so a proxy stands in front, and all customers would count as one.
        faults.append((("web", "trusted_proxies"), _PROXIES))
    direct = settings.database.direct_url
    if direct is not None and not direct.get_secret_value().startswith("postgres"):
        faults.append((("database", "direct_url"), "leads to PostgreSQL: it begins postgresql://"))
    mail = settings.mail
    if mail is not None and bool(mail.username) != (mail.password is not None):
        faults.append((("mail", "password"), "goes together with username: give both or neither"))
    if mail is not None and mail.username and mail.security == "none" and not _here(mail.host):
        faults.append((("mail", "security"), "none would send the password in the clear"))
    for name, queue in settings.queues.items():
        if mail is None and not queue.mode.rules.makes_calls and queue.notify.email:
            where = ("queues", name, "notify", "email")
            faults.append((where, "needs the mail server of [mail], which is missing"))
    if mail is None and settings.alarms.email:
        faults.append((("alarms", "email"), "needs the mail server of [mail], which is missing"))
    if settings.dispatcher.lease.total_seconds() < 2:
        faults.append((("dispatcher", "lease"), "must be at least 2 seconds"))
    return [
        places.describe({"loc": path, "type": "value_error", "ctx": {"error": sentence}})
        for path, sentence in faults
    ]


def _here(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")


def _resolved(settings: Settings, folder: Path) -> Settings:
    asterisk = settings.asterisk
    if asterisk.ca_file is not None:
        asterisk = asterisk.model_copy(update={"ca_file": folder / asterisk.ca_file})
    url = settings.database.url.get_secret_value()
    file = url.removeprefix("sqlite:///")
    if file != url and file and file != ":memory:" and not file.startswith("file:"):
        url = f"sqlite:///{folder / file}"
    regions = settings.numbers.regions or (settings.company.country,)
    mail = settings.mail
    if mail is not None and mail.ca_file is not None:
        mail = mail.model_copy(update={"ca_file": folder / mail.ca_file})
    return settings.model_copy(
        update={
            "mail": mail,
            "asterisk": asterisk,
            "database": settings.database.model_copy(update={"url": SecretStr(url)}),
            "numbers": settings.numbers.model_copy(update={"regions": regions}),
        }
    )
