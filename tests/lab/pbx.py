"""The PBX under test: agents' extensions, a trunk, two queues, and the caller's own files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import asterisk_base, pbx_files
from .asterisk import Asterisk
from .trees import Tree


@dataclass(frozen=True, slots=True)
class Queue:
    """An Asterisk queue; times in seconds. confirms: agents press 1 (callback_member.conf)."""

    name: str
    members: tuple[str, ...]
    strategy: str = "rrmemory"
    timeout: int = 8
    retry: int = 1
    wrapuptime: int = 0
    joinempty: str = "strict"
    leavewhenempty: str = "strict"
    confirms: bool = False
    options: Mapping[str, str] = field(default_factory=dict)


SUPPORT = Queue("support", ("1001", "1002"))
SALES = Queue("sales", ("1003",))


class Pbx(Asterisk):
    """An Asterisk configured as a small company's PBX.

    trunks            endpoint name -> UDP port of its far end; dial `PJSIP/{digits}@NAME`
    dialplan_includes absolute paths included at the end of extensions.conf
    manager_includes  the same for manager.conf (the product's AMI user)
    agents            extensions, each a PJSIP endpoint with one contact
    extra_files       more or other files of /etc/asterisk
    """

    def __init__(
        self,
        tree: Tree,
        trunks: Mapping[str, int] | None = None,
        dialplan_includes: Sequence[Path] = (),
        manager_includes: Sequence[Path] = (),
        queues: Sequence[Queue] = (SUPPORT, SALES),
        agents: Sequence[str] = ("1001", "1002", "1003"),
        extra_files: Mapping[str, str] | None = None,
        options: str = "",
        root: Path | None = None,
        launcher: Sequence[str] = (),
    ) -> None:
        self.agents, self.queues = tuple(agents), tuple(queues)
        self.trunks = dict(trunks or {})
        self.dialplan_includes = tuple(dialplan_includes)
        self.manager_includes = tuple(manager_includes)
        self._extra = dict(extra_files or {})
        super().__init__(tree, {}, root, name="pbx", options=options, launcher=launcher)
        self.configure()

    def configure(self) -> None:
        """Write the files again, after `trunks`, `queues` or the includes were changed."""
        self.write(
            {
                "pjsip.conf": pbx_files.pjsip(self.agents, self.trunks),
                "queues.conf": pbx_files.queues(self.queues),
                "extensions.conf": pbx_files.extensions(
                    self.agents, [q.name for q in self.queues], self.dialplan_includes
                ),
                "manager.conf": asterisk_base.MANAGER + pbx_files.includes(self.manager_includes),
                **self._extra,
            }
        )
