"""Configuration texts of the PBX under test."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .world_files import password

if TYPE_CHECKING:
    from .pbx import Queue

_PJSIP = """
[global]
type=global
endpoint_identifier_order=username,ip,anonymous
keep_alive_interval=0
[transport-udp]
type=transport
protocol=udp
bind=127.0.0.1:@SIP@
[system]
type=system
timer_t1=100
timer_b=6400
[phone](!)
type=endpoint
disallow=all
allow=ulaw,alaw
direct_media=no
rtp_symmetric=yes
bind_rtp_to_media_address=yes
media_address=127.0.0.1
dtmf_mode=rfc4733
"""

_AGENT = """
[{agent}](phone)
context=from-agents
device_state_busy_at=1
aors={agent}
auth={agent}
callerid=Agent {agent} <{agent}>
[{agent}]
type=aor
max_contacts=1
remove_existing=yes
minimum_expiration=5
default_expiration=60
qualify_frequency=0
[{agent}]
type=auth
auth_type=userpass
username={agent}
password={password}
"""

_TRUNK = """
[{name}](phone)
context=from-trunk
aors={name}
[{name}]
type=aor
contact=sip:127.0.0.1:{port}
qualify_frequency=0
"""

_IDENTIFY = """
[{name}]
type=identify
endpoint={name}
match=127.0.0.1/32
"""


# A parking lot, a conference, a queue that nobody may answer in time, directed pick-up
_AROUND = """
exten => 700,1,Park()
exten => 800,1,ConfBridge(1)
exten => 890,1,Queue(sales,,,,4)
exten => _**X.,1,PickupChan(PJSIP/${EXTEN:2},p)
"""


def pjsip(agents: Sequence[str], trunks: Mapping[str, int]) -> str:
    """Endpoints of agents and trunks; calls from outside belong to the first trunk."""
    text = _PJSIP + "".join(_AGENT.format(agent=a, password=password(a)) for a in agents)
    text += "".join(_TRUNK.format(name=name, port=port) for name, port in trunks.items())
    return text + "".join(_IDENTIFY.format(name=name) for name in list(trunks)[:1])


def queues(wanted: "Sequence[Queue]") -> str:
    """queues.conf with static members PJSIP/<agent>."""
    return "[general]\npersistentmembers=no\nautofill=yes\n" + "".join(map(_queue, wanted))


def _queue(queue: "Queue") -> str:
    settings = {
        "strategy": queue.strategy, "timeout": queue.timeout, "retry": queue.retry,
        "wrapuptime": queue.wrapuptime, "ringinuse": "no", "joinempty": queue.joinempty,
        "leavewhenempty": queue.leavewhenempty, "announce-frequency": 0, **queue.options,
    }  # fmt: skip
    lines = [f"[{queue.name}]", *(f"{key}={value}" for key, value in settings.items())]
    rung = "Local/{}@callback-member/n" if queue.confirms else "PJSIP/{}"
    lines += [f"member => {rung.format(m)},0,Agent {m},PJSIP/{m}" for m in queue.members]
    return "\n".join(lines) + "\n"


def extensions(agents: Sequence[str], queue_names: Sequence[str], files: Sequence[Path]) -> str:
    """Agents dial each other; a caller from the trunk may dial a queue's name; nothing else."""
    lines = ["[general]", "static=yes", "[from-agents]"]
    lines += [f"exten => {a},1,Dial(PJSIP/{a},20)" for a in agents]
    lines += _AROUND.splitlines()
    lines += ["[from-trunk]"]
    for name in queue_names:
        lines += [f"exten => {name},1,Answer()", f" same => n,Queue({name})"]
    return "\n".join(lines) + "\n" + includes(files)


def includes(files: Sequence[Path]) -> str:
    """Lines as the README has them, with absolute paths."""
    return "".join(f'#tryinclude "{Path(file).absolute()}"\n' for file in files)
