"""PBXs made by hand: Debian's stock configuration, chan_sip, and one with strict settings."""

import re
from collections.abc import Mapping
from typing import Any

from tests.lab import asterisk_base, deployment_files, pbx_files, ports
from tests.lab.asterisk_base import MODULES
from tests.lab.pbx import Queue
from tests.lab.trees import tree
from tests.wild.place import Place

AGENTS = ("1001", "1002")
QUEUE = Queue("support", AGENTS, strategy="linear")
_OURS = ("asterisk.conf", "logger.conf", "rtp.conf", "pjsip.conf", "queues.conf")
# Of what `autoload=yes` loads: these listen where every other Asterisk of this machine does.
_LISTENERS = ("chan_unistim", "chan_mgcp", "chan_skinny", "chan_ooh323", "pbx_dundi", "res_hep",
              "chan_sip")  # fmt: skip
_LAB_USER = asterisk_base.MANAGER.partition("[lab]")[2]
_PJSIP_TRUNK, _SIP_TRUNK = "PJSIP/{digits}@trunk", "SIP/{digits}@trunk"


def _settings() -> Mapping[str, Any]:
    short = {
        "asterisk_queue": QUEUE.name, "trunk": "main", "queue_for": 30, "ring_for": 6,
        "slots": {"notice": 0, "capacity": 1_000_000, "days_ahead": 30},
    }  # fmt: skip
    first = {"mode": "customer_first", "customer_first": {"hold_for": 30}}
    own = {"mode": "preview", "preview": {"offer_for": 20, "own_for": 6}}
    queues = {"support": {}, "first": first, "preview": own}
    return {
        "queues": {name: {**short, "title": name, **more} for name, more in queues.items()},
    }


def _place(dial: str = _PJSIP_TRUNK, **more: Any) -> Place:
    caller_id = ("--caller-id", deployment_files.CALLER_ID)
    return Place(
        agents=AGENTS, queues=(QUEUE,), init=("--dial", dial, *caller_id), settings=_settings(),
        **more,
    )  # fmt: skip


def stock() -> Place:
    """Debian's package as it is installed, all modules loaded, and the company's few lines."""
    etc = tree("22").program.parent / "etc/asterisk"
    files = {
        str(file.relative_to(etc)): file.read_text(errors="replace")
        for file in etc.rglob("*.conf") if file.name not in _OURS
    }  # fmt: skip
    own = pbx_files.extensions(AGENTS, [QUEUE.name], ()).partition("static=yes")[2]
    files["extensions.conf"] += own
    files["modules.conf"] += "".join(f"noload => {name}.so\n" for name in _LISTENERS)
    files["manager.conf"] = files["manager.conf"].replace("port = 5038", "port = @AMI@")
    files["manager.conf"] += f"\n[lab]{_LAB_USER}"
    iax = f"[general]\nbindport={(port := ports.single())}\nbindaddr=127.0.0.1:{port}\n"
    files["iax.conf"] = files["iax.conf"].replace("[general]\n", iax, 1)
    return _place(files=files)


def with_chan_sip() -> Place:
    """Asterisk 16 without PJSIP."""
    others = [name for name in MODULES if "pjsip" not in name]
    text = "[modules]\nautoload=no\n" + "".join(f"load={name}.so\n" for name in others)
    more = "load=res_http_websocket.so\nload=chan_sip.so\n"
    return _place(_SIP_TRUNK, version="16", tech="SIP", files={"modules.conf": text + more})


def strict() -> Place:
    """Another way to match extensions, and AMI as a careful administrator limits it."""
    extensions = pbx_files.extensions(AGENTS, [QUEUE.name], ())
    manager = re.sub(
        r"(?m)^\[general\]$",
        "[general]\nallowmultiplelogin=no\nauthlimit=5\nauthtimeout=5\ndisplayconnects=no",
        asterisk_base.MANAGER,
    )
    head = "[general]\nextenpatternmatchnew=yes"
    return _place(
        files={
            "extensions.conf": extensions.replace("[general]", head, 1), "manager.conf": manager,
        }
    )  # fmt: skip


def of_another_user() -> Place:
    """Asterisk under an account of its own, with files that nobody else may read."""
    return _place(other_user=True)


PLACES = {"stock": stock, "chan_sip": with_chan_sip, "strict": strict}
# What differs there is files alone: it does not need each mode and each prompt.
FEW = {"other user": of_another_user}
