"""Somebody else's PBX, and the world around it: which files it has, and where ours are put."""

import dataclasses
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.lab import pbx_files
from tests.lab.asterisk_base import MODULES
from tests.lab.bed import Bed
from tests.lab.pbx import Pbx, Queue
from tests.lab.trees import Tree, tree
from tests.lab.world import World
from tests.wild import chan_sip, other_user


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One kind of PBX, before the product comes.

    files     of /etc/asterisk, laid over the lab's; world_files the same for the phones' Asterisk
    pjsip     more of pjsip.conf; context is that of the extensions in it
    tech      of phones and trunk; "SIP" is chan_sip, with a sip.conf
    init      options of `asterisk-callback init`, without addresses
    settings  what the administrator then writes into callback.toml
    dialplan, manager  the files that get our include lines
    other_user  Asterisk is no root, and `init --install --add-includes` puts the files in place
    """

    version: str = "22"
    agents: tuple[str, ...]
    queues: tuple[Queue, ...]
    init: tuple[str, ...]
    settings: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)
    world_files: Mapping[str, str] = field(default_factory=dict)
    pjsip: str = ""
    context: str = "from-agents"
    tech: str = "PJSIP"
    dialplan: str = "extensions.conf"
    manager: str = "manager.conf"
    other_user: bool = False


class WildBed(Bed):
    """The PBX of a place; its data folder is its own, since prompts are copied into it."""

    def __init__(self, place: Place, folder: Path) -> None:
        theirs = tree(place.version)
        launcher: tuple[str, ...] = ()
        if place.other_user:
            theirs, launcher = other_user.within_reach(theirs, folder), other_user.launcher()
        own = dataclasses.replace(theirs, data=folder / "data")
        _own_data(theirs, own.data)
        self.pbx = Pbx(
            own, queues=place.queues, agents=place.agents, extra_files=place.files,
            launcher=launcher,
        )  # fmt: skip
        self.world = World(tree("22"), self.pbx.sip_port, place.agents, place.world_files)
        self.pbx.trunks = {"trunk": self.world.trunk_port}
        self.pbx.configure()
        phones = pbx_files.pjsip(place.agents, self.pbx.trunks) + place.pjsip
        phones = phones.replace("context=from-agents", f"context={place.context}")
        self.pbx.write({"pjsip.conf": phones})
        self.tech = place.tech
        if self.tech == "SIP":
            queues = pbx_files.queues(place.queues).replace("PJSIP/", "SIP/")
            sip = chan_sip.phones(place.agents, self.world.trunk_port)
            self.pbx.write({"sip.conf": sip, "queues.conf": queues})

    def agent_state(self, agent: str) -> str:
        found = self.pbx.ami.action("Getvar", Variable=f"DEVICE_STATE({self.tech}/{agent})")
        return found.get("Value", "")


def _own_data(theirs: Tree, data: Path) -> None:
    """Links to everything of the tree's, but a folder for English sounds that can be added to."""
    (data / "sounds/en").mkdir(parents=True)
    for entry in theirs.data.iterdir():
        if entry.name != "sounds":
            (data / entry.name).symlink_to(entry)
    for entry in (theirs.data / "sounds/en").iterdir():
        (data / "sounds/en" / entry.name).symlink_to(entry)


def copy_prompts(source: Path, data: Path) -> None:
    """As `cp -r sounds/en/. …/sounds/en/` does."""
    shutil.copytree(source, data / "sounds/en", dirs_exist_ok=True)


def modules(*more: str) -> str:
    """modules.conf with more than the lab's."""
    return "[modules]\nautoload=no\n" + "".join(f"load={m}.so\n" for m in (*MODULES, *more))
