"""The files of a whole deployment: the product's configuration, and its part of Asterisk's."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from asterisk_callback.config.settings import QueueSettings

from .pbx import Queue
from .speed import scaled, whole

REPOSITORY = Path(__file__).resolve().parents[2]
DIALPLAN = REPOSITORY / "dialplan"
SOUNDS = f"{DIALPLAN}/sounds/en/"
CALLER_ID = "442079460000"
API_KEY = "the-key-of-the-test-bed"

# linear: agent 1001 is always the first to be rung
ASTERISK_QUEUES = (
    Queue("support", ("1001", "1002"), strategy="linear"),
    Queue("brisk", ("1001", "1002"), strategy="linear", timeout=1, retry=1),
    Queue("sales", ("1003",), strategy="linear"),
    Queue("rest", ("1003",), wrapuptime=whole(5)),
    Queue("everyone", ("1001", "1002"), strategy="ringall"),
    Queue("careful", ("1001", "1002"), strategy="linear", timeout=20, confirms=True),
)

LONG_WHISPER = "&".join(f"{SOUNDS}{name}" for name in ("cancelled", "not-now", "busy"))  # 11 s
_NEVER = 1_000_000
Settings = dict[str, Any]


def settings(folder: Path, database: str, web: int, gate: int, ami: int, secret: str) -> Settings:
    """The configuration as a nested dictionary; times in seconds, ports on 127.0.0.1.

    What the product gives somebody or something time for is longer on a slow machine: no limit
    ends because the machine is busy.
    """
    short = {
        "trunk": "main",
        "queue_for": whole(30),
        "ring_for": whole(6),
        "whisper": str(folder / "beep"),
        "slots": {"notice": 0, "capacity": _NEVER, "days_ahead": 30},
        **known("brief_talk", {"times": 0}),  # most tests hang up as soon as they have seen a talk
    }
    first = {**short, "mode": "customer_first"}
    return {
        "company": {"name": "Larkmoor Broadband", "zone": "Europe/London", "country": "GB",
                    "phone": "020 7946 0000", "permitted": "00:00-24:00"},
        "database": {"url": database},
        "web": {"listen": f"127.0.0.1:{web}", "base_url": f"http://127.0.0.1:{web}",
                "secret_key": "of the test bed, and of nothing else", "threads": 8},
        "sites": {"shop": {"api_keys": [API_KEY], "origins": ["https://www.shop.example"]}},
        "limits": {"requests_per_number": _NEVER, "requests_per_number_in_30_days": _NEVER,
                   "requests_per_block": _NEVER, "wishes_per_address": _NEVER,
                   "calls_per_number": _NEVER, "calls_per_hour": _NEVER},
        "asterisk": {"port": ami, "secret": secret, "sounds": SOUNDS,
                     "prompts": ["en", "de"],
                     "timings": timings(backoff_first=0.2, backoff_max=1.0)},
        "gate": {"listen": f"127.0.0.1:{gate}", "within": min(60.0, scaled(2))},
        "dispatcher": {"name": "lab", "lease": whole(3), "reconcile_every": 2, "probe_every": 600,
                       "grace": whole(4)},
        "trunks": {"main": {"dial": "PJSIP/{digits}@trunk", "caller_id": CALLER_ID}},
        "queues": {
            "support": {"title": "Support", "asterisk_queue": "support", **short},
            "sales": {"title": "Sales", "asterisk_queue": "sales", **short},
            "brisk": {"title": "Brisk", "asterisk_queue": "brisk", **short},
            "everyone": {"title": "Everyone", "asterisk_queue": "everyone", **short,
                         "whisper": LONG_WHISPER},
            "again": {"title": "Again", "asterisk_queue": "support", **short,
                      "retry": {"busy": {"after": whole(5), "limit": 2}}},
            "spoken": {"title": "Spoken", "asterisk_queue": "support", **short, "whisper": ""},
            "second": {"title": "Second", "asterisk_queue": "support", **short,
                       **known("brief_talk", {"after": whole(5)})},
            "careful": {"title": "Careful", "asterisk_queue": "careful", **short},
            "first": {"title": "First", "asterisk_queue": "support", **first,
                      "customer_first": {"hold_for": whole(6)}},
            "rested": {"title": "Rested", "asterisk_queue": "rest", **first},
            "held": {"title": "Held", "asterisk_queue": "support", **first},
            "confirmed": {"title": "Confirmed", "asterisk_queue": "support", **first,
                          "customer_first": {"confirm": True}},
            "detected": {"title": "Detected", "asterisk_queue": "support", **first,
                         "customer_first": {"confirm": True, "detect_machine": True,
                                            "machine_message": f"{SOUNDS}first-sorry"}},
            "preview": {"title": "Preview", "asterisk_queue": "support", **short, "mode": "preview",
                        "preview": {"offer_for": whole(20), "own_for": whole(6)}},
            "recorded": {"title": "Recorded", "asterisk_queue": "support", **short,
                         "record": f"{folder}/talks/{{id}}-{{attempt}}.wav"},
            "patient": {"title": "Patient", "asterisk_queue": "support", **short,
                        "whisper": LONG_WHISPER},
        },
    }  # fmt: skip


def timings(**changes: float) -> Settings:
    """Of the link to Asterisk, in seconds: the product's own but for `changes`."""
    limits = {"connect": 5.0, "login": 5.0, "boot": 15.0, "action": 5.0, "ping_deadline": 5.0}
    scale = {name: scaled(changes.pop(name, seconds)) for name, seconds in limits.items()}
    return {**scale, **changes}


def known(section: str, values: Settings) -> Settings:
    """{section: values} for a queue; nothing on a tree of before, which refuses what it does not
    know."""
    return {section: values} if section in QueueSettings.model_fields else {}


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> Settings:
    """`base` with `changes` laid over it, section by section; a value of None removes the key."""
    result = dict(base)
    for key, value in changes.items():
        if isinstance(value, Mapping):
            result[key] = merged(result.get(key) or {}, value)
        elif value is None:
            result.pop(key, None)
        else:
            result[key] = value
    return result


def toml(values: Mapping[str, Any], section: str = "") -> str:
    """The nested dictionary as TOML (a JSON scalar or list of scalars is TOML, too)."""
    lines = [f"{k} = {json.dumps(v)}" for k, v in values.items() if not isinstance(v, Mapping)]
    text = (f"[{section}]\n" if section else "") + "".join(line + "\n" for line in lines)
    for key, value in values.items():
        if isinstance(value, Mapping):
            text += toml(value, f"{section}.{key}" if section else key)
    return text


def write_asterisk_files(folder: Path, secret: str) -> tuple[list[Path], list[Path]]:
    """The files to include in extensions.conf and in manager.conf, and a beep for a whisper."""
    manager = folder / "manager_callback.conf"
    sample = (DIALPLAN / manager.name).read_text()
    manager.write_text(sample.replace("secret = CHANGE-ME", f"secret = {secret}"))
    # 0.1 s of µ-law at half loudness: most tests need not hear a sentence.
    (folder / "beep.ulaw").write_bytes((b"\x10" * 4 + b"\x90" * 4) * 100)
    settings_file = folder / "callback_settings.conf"
    parts = ("extensions_callback.conf", "callback_member.conf")
    return [settings_file, *(DIALPLAN / name for name in parts)], [manager]


def write_gates(folder: Path, first: int, second: int | None, seconds: int | None = None) -> None:
    """callback_settings.conf with the gates' ports; the sample must still have what we change.

    seconds: that a gate has for its answer; None: as shipped, or longer on a slow machine.
    """
    text = (DIALPLAN / "callback_settings.conf").read_text()
    text = text.replace("agi://127.0.0.1:4573/", "agi://127.0.0.1:4574/")  # before.sh: it was that
    changes = {
        "agi://127.0.0.1:4574/gate": f"agi://127.0.0.1:{first}/gate",
        "CALLBACK_GATE_2=)":
            f"CALLBACK_GATE_2=agi://127.0.0.1:{second}/gate)" if second else "CALLBACK_GATE_2=)",
        "CALLBACK_GATE_SECONDS=5)": f"CALLBACK_GATE_SECONDS={seconds or whole(5)})",
        "CALLBACK_SOUNDS=callback/)": f"CALLBACK_SOUNDS={SOUNDS})",
    }  # fmt: skip
    for old, new in changes.items():
        if text.count(old) != 1:
            raise ValueError(f"callback_settings.conf has no single {old!r} any more")
        text = text.replace(old, new)
    (folder / "callback_settings.conf").write_text(text)
