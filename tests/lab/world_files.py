"""Configuration of the world: agents' phones and the PSTN's subscribers, on one Asterisk."""

from collections.abc import Sequence

_PJSIP = """
[global]
type=global
endpoint_identifier_order=username,ip,anonymous
[transport-udp]
type=transport
protocol=udp
bind=127.0.0.1:@SIP@
[pbx](!)
type=endpoint
context=phones
disallow=all
allow=ulaw,alaw
direct_media=no
bind_rtp_to_media_address=yes
media_address=127.0.0.1
[pbx](pbx)
aors=pbx
[pbx]
type=aor
contact=sip:127.0.0.1:{pbx}
[pbx]
type=identify
endpoint=pbx
match=127.0.0.1/32
"""

_AGENT = """
[line-{agent}](pbx)
aors=pbx
from_user={agent}
outbound_auth=line-{agent}
[line-{agent}]
type=auth
auth_type=userpass
username={agent}
password={password}
[line-{agent}]
type=registration
server_uri=sip:127.0.0.1:{pbx}
client_uri=sip:{agent}@127.0.0.1:{pbx}
contact_user={agent}
outbound_auth=line-{agent}
expiration=60
retry_interval=1
forbidden_retry_interval=1
fatal_retry_interval=1
max_retries=1000000
max_random_initial_delay=0
"""

# A party's behaviour is the global B_<digits> = verb:seconds before:seconds after or cause:tone
_EXTENSIONS = """
[general]
static=yes

[phones]
exten => _[+0-9]!,1,Set(NUM=${FILTER(0-9,${EXTEN})})
 same => n,Set(CHANNEL(hangup_handler_push)=ended,s,1)
 same => n,Set(B=${GLOBAL(B_${NUM})})
 same => n,ExecIf($["${B}"=""]?Set(B=answer:0:3600:440))
 same => n,UserEvent(PhoneRings,Number: ${NUM},From: ${CALLERID(num)},FromName: ${CALLERID(name)},CallId: ${CHANNEL(pjsip,call-id)})
 same => n,Goto(${CUT(B,:,1)},1)
exten => answer,1,Ringing()
 same => n,Wait(${CUT(B,:,2)})
 same => n,Goto(talk,1)
exten => ring,1,Ringing()
 same => n,Wait(3600)
exten => busy,1,Busy(2)
exten => hangup,1,Hangup(${CUT(B,:,3)})
exten => ringhangup,1,Ringing()
 same => n,Wait(${CUT(B,:,2)})
 same => n,Hangup(${CUT(B,:,3)})
exten => forward,1,Transfer(PJSIP/sip:${CUT(B,:,2)}@127.0.0.1:PBX_PORT)
exten => talk,1,Answer()
 same => n,Set(HEARD=@ROOT@/audio/${NUM}-${UNIQUEID}.wav16)
 same => n,UserEvent(PhoneAnswers,Number: ${NUM},Heard: ${HEARD})
 same => n,MixMonitor(@ROOT@/audio/both-${NUM}-${UNIQUEID}.wav16,r(${HEARD}))
 same => n,PlayTones(!${CUT(B,:,4)}/3600000)
 same => n,Wait(${CUT(B,:,3)})
 same => n,UserEvent(PhoneHangsUp,Number: ${NUM})
 same => n,Hangup(16)

[transfer]
exten => _X.,1,Transfer(PJSIP/sip:${EXTEN}@127.0.0.1:PBX_PORT)
 same => n,UserEvent(PhoneTransfers,Number: ${NUM},Target: ${EXTEN},Status: ${TRANSFERSTATUS})
 same => n,ExecIf($["${TRANSFERSTATUS}"="SUCCESS"]?Hangup(16))
 same => n,Wait(3600)

[attended]
exten => s,1,Transfer(PJSIP/${REFER_TO})
 same => n,ExecIf($["${TRANSFERSTATUS}"="SUCCESS"]?Hangup(16))
 same => n,Wait(3600)

[ended]
exten => s,1,UserEvent(PhoneEnds,Number: ${NUM},Cause: ${HANGUPCAUSE})
 same => n,Return()
"""  # noqa: E501


def files(agents: Sequence[str], pbx_port: int) -> dict[str, str]:
    """The world's files: one phone per agent, registering to the PBX on `pbx_port`."""
    phones = "".join(
        _AGENT.format(agent=agent, password=password(agent), pbx=pbx_port) for agent in agents
    )
    return {
        "pjsip.conf": _PJSIP.format(pbx=pbx_port) + phones,
        "extensions.conf": _EXTENSIONS.replace("PBX_PORT", str(pbx_port)),
    }


def password(agent: str) -> str:
    """SIP password of an agent's phone, on both sides."""
    return f"pw{agent}"
