"""chan_sip, as PBXs that were never changed to PJSIP still have it (until Asterisk 20)."""

from collections.abc import Sequence

from tests.lab.world_files import password

_GENERAL = """
[general]
udpbindaddr=127.0.0.1:@SIP@
context=nowhere
allowguest=no
alwaysauthreject=yes
directmedia=no
srvlookup=no
disallow=all
allow=ulaw
timert1=100
timerb=6400
"""
_PHONE = """
[{agent}]
type=friend
host=dynamic
secret={password}
context=from-agents
callcounter=yes
busylevel=1
qualify=no
callerid=Agent {agent} <{agent}>
"""
_TRUNK = """
[trunk]
type=peer
host=127.0.0.1
port={port}
insecure=port,invite
context=from-trunk
qualify=no
"""


def phones(agents: Sequence[str], trunk_port: int) -> str:
    """sip.conf: a peer for each agent, and one for the trunk."""
    own = (_PHONE.format(agent=agent, password=password(agent)) for agent in agents)
    return _GENERAL + "".join(own) + _TRUNK.format(port=trunk_port)
