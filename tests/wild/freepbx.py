"""A PBX that behaves as a FreePBX was measured to, with the product installed on it."""

from typing import Any

from tests.lab import asterisk_base, deployment_files, ports
from tests.lab.pbx import Queue
from tests.wild import freepbx_dialplan
from tests.wild.installed import Installed, init_knows
from tests.wild.place import Place, modules

AGENTS = ("6001", "6002")
QUEUE = "600"
# The ways out through from-internal, by the digit that chooses the outbound route.
WAYS = {
    "inside": "",
    "iax": freepbx_dialplan.OVER_IAX2,
    "down": freepbx_dialplan.ALL_DOWN,
    "down-told": freepbx_dialplan.ALL_DOWN_UNANSWERED,
    "told": freepbx_dialplan.UNANSWERED,
    "nowhere": freepbx_dialplan.NO_ROUTE,
}
_IAX = "[general]\nbindport={port}\nbindaddr=127.0.0.1:{port}\n"
_LINE = """[line]
type=peer
username=pbx
host=127.0.0.1
port={port}
disallow=all
allow=ulaw
"""
_CALLER = """[pbx]
type=user
context=phones
requirecalltoken=no
disallow=all
allow=ulaw
"""
_DEAD = "[dead](phone)\naors=dead\n[dead]\ntype=aor\n"
# What FreePBX writes for a queue of its own, but with few seconds; linear: 6001 is the first.
_QUEUE = f"""
[general]
persistentmembers=yes
autofill=yes
[{QUEUE}]
strategy=linear
ringinuse=yes
timeout=30
retry=1
wrapuptime=0
joinempty=yes
leavewhenempty=no
setinterfacevar=yes
setqueuevar=yes
"""


def place(version: str = "22") -> Place:
    """The PBX, and how an administrator of it installs the product."""
    here, there = ports.single(), ports.single()
    members = "".join(
        f"member=Local/{a}@from-queue/n,0,Agent {a},hint:{a}@ext-local\n" for a in AGENTS
    )
    return Place(
        version=version,
        agents=AGENTS,
        queues=(Queue(QUEUE, AGENTS),),
        init=("--queue", "support", "--asterisk-queue", QUEUE, "--caller-id",
              deployment_files.CALLER_ID, *_way_out()),
        settings=_settings(),
        files={
            "modules.conf": modules("chan_iax2"),
            "extensions.conf": freepbx_dialplan.extensions(AGENTS, [QUEUE]),
            "extensions_custom.conf": freepbx_dialplan.custom(QUEUE),
            "manager_custom.conf": "",
            "manager.conf": _manager(),
            "queues.conf": _QUEUE + members,
            "iax.conf": _IAX.format(port=here) + _LINE.format(port=there),
        },
        world_files={
            "modules.conf": modules("chan_iax2"),
            "iax.conf": _IAX.format(port=there) + _CALLER,
        },
        pjsip=_DEAD,
        context="from-internal",
        dialplan="extensions_custom.conf",
        manager="manager_custom.conf",
    )  # fmt: skip


def _manager() -> str:
    return asterisk_base.MANAGER + "#include manager_custom.conf\n"


def _way_out() -> tuple[str, ...]:
    """`--freepbx`, or what the documentation said before it was there."""
    return ("--freepbx",) if init_knows("--freepbx") else ("--dial", "PJSIP/{digits}@trunk")


def _settings() -> dict[str, Any]:
    """Callback queues for each mode, and for each way out through from-internal."""
    short = {
        "asterisk_queue": QUEUE, "trunk": "main", "queue_for": 30, "ring_for": 6,
        "slots": {"notice": 0, "capacity": 1_000_000, "days_ahead": 30},
        **deployment_files.known("brief_talk", {"times": 0}),
    }  # fmt: skip
    first = {"mode": "customer_first", "customer_first": {"hold_for": 30}}
    own = {"mode": "preview", "preview": {"offer_for": 20, "own_for": 6}}
    queues = {"support": {}, "first": first, "preview": own}
    trunks = {}
    for name, prefix in WAYS.items():
        dial = "Local/" + prefix + "{digits}@from-internal/n"
        trunks[name] = {"dial": dial, "caller_id": deployment_files.CALLER_ID}
        queues[name] = {"trunk": name}
        queues[f"{name}-first"] = {"trunk": name, **first}
    titles = {name: {**short, "title": name.capitalize(), **more} for name, more in queues.items()}
    return {"trunks": trunks, "queues": titles}


class FreePbx(Installed):
    """The product on it. Extensions take calls, until a test says otherwise."""

    def reset(self) -> None:
        for what in ("DND", "AMPUSER", "CONFIRM"):
            self.bed.pbx.cli(f"database deltree {what}")
        super().reset()
        self._mark = self.bed.pbx.ami.mark()

    _mark = 0

    def ring_time(self, extension: str, seconds: int) -> None:
        """How long the extension rings before its voicemail takes the call."""
        self.bed.pbx.cli(f"database put AMPUSER {extension}/ringtimer {seconds}")

    def do_not_disturb(self, extension: str) -> None:
        """As its feature code does it."""
        self.bed.pbx.cli(f"database put DND {extension} YES")

    def call_confirm(self) -> None:
        """The queue's option of that name."""
        self.bed.pbx.cli(f"database put CONFIRM {QUEUE} yes")

    def voicemails(self) -> list[str]:
        """The extensions whose voicemail has answered since the reset."""
        events = self.bed.pbx.ami.events("UserEvent", self._mark, UserEvent="Voicemail")
        return [packet["Extension"] for packet in events]
