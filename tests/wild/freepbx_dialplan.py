"""The dialplan of a PBX that behaves as a FreePBX was measured to: its contexts' names, our words.

What matters of it: a queue's members are Local channels that `from-queue` finds by NODEST; an
extension that does not take a call goes on to its voicemail, which answers, unless
SHARED(BLKVM,${BLKVM_CHANNEL}) is TRUE; trunks force their caller id unless KEEPCID; and who calls
out where no trunk or no route is left hears an announcement, which answers, too.
"""

from collections.abc import Sequence

FORCED_CALLER_ID = "4930999000"
# A digit in front of the number chooses the way out, as an outbound route's prefix does.
OVER_IAX2, ALL_DOWN, ALL_DOWN_UNANSWERED, UNANSWERED, NO_ROUTE = "7", "8", "5", "3", "9"

_HEAD = """
[general]
static=yes
[globals]
AMPMGRUSER=admin
AMPDBENGINE=mysql
ASTVARLIBDIR=/var/lib/asterisk
FORCED_CALLER_ID={forced}
#include extensions_custom.conf

[from-internal]
include => from-internal-xfer
include => bad-number
[from-internal-xfer]
include => from-internal-custom
include => from-internal-additional
[from-internal-additional]
include => ext-queues
include => ext-local
include => outbound-allroutes
[from-trunk]
include => ext-queues

; The extension that is to be rung is in the Local channel's name, the queue's number in NODEST.
[from-queue]
exten => _X.,1,Set(QAGENT=${{EXTEN}})
 same => n,Set(__FROMQ=true)
 same => n,GotoIf($["${{NODEST}}" = ""]?lost,1)
 same => n,Goto(${{NODEST}},1)
exten => lost,1,Hangup(19)
[from-queue-exten-internal]
include => from-internal
"""

_QUEUE = """
[from-queue]
exten => {queue},1,Goto(from-queue-exten-internal,${{QAGENT}},1)
[ext-queues]
exten => {queue},1,Answer()
 same => n,Set(__BLKVM_CHANNEL=${{CHANNEL}})
 same => n,Set(SHARED(BLKVM,${{CHANNEL}})=TRUE)
 same => n,Set(__NODEST={queue})
 same => n,Set(QUEUENUM={queue})
 same => n,Queue({queue},tR,,,300)
 same => n,Hangup()
"""

_EXTENSION = """
[ext-local]
exten => {agent},hint,PJSIP/{agent}&Custom:DND{agent}
exten => {agent},1,Gosub(exten-vm,s,1({agent}))
 same => n,Hangup()
"""

_VOICEMAIL = """
[exten-vm]
exten => s,1,Set(RINGS=${DB(AMPUSER/${ARG1}/ringtimer)})
 same => n,Set(STATUS=BUSY)
 same => n,GotoIf($["${DB(DND/${ARG1})}" != ""]?vm)
; Call waiting is off: who talks is busy.
 same => n,GotoIf($["${DEVICE_STATE(PJSIP/${ARG1})}" = "INUSE"]?vm)
 same => n,Set(ASKED=${IF($["${FORCE_CONFIRM}" = ""]?auto-blkvm:call-confirm)})
 same => n,Dial(PJSIP/${ARG1},${IF($["${RINGS}" = ""]?60:${RINGS})},trU(${ASKED}))
 same => n,Set(STATUS=${DIALSTATUS})
 same => n(vm),GotoIf($["${SHARED(BLKVM,${BLKVM_CHANNEL})}" = "TRUE"]?blocked)
 same => n,Answer()
 same => n,UserEvent(Voicemail,Extension: ${ARG1})
 same => n,PlayTones(!850/3600000)
 same => n,Wait(60)
 same => n,Hangup()
 same => n(blocked),GotoIf($["${STATUS}" = "BUSY"]?busy)
 same => n,Congestion(10)
 same => n(busy),Busy(20)
[auto-blkvm]
exten => s,1,Set(SHARED(BLKVM,${BLKVM_CHANNEL})=)
 same => n,Return()

; The key that a queue with Call Confirm asks for; it is too late once another agent has the call.
[call-confirm]
exten => s,1,Set(GOSUB_RESULT=BUSY)
 same => n,Read(KEY,callback/agent-press-1,1,,1,6)
 same => n,GotoIf($["${SHARED(ANSWER_STATUS,${FORCE_CONFIRM})}" = ""]?late)
 same => n,GotoIf($["${SHARED(BLKVM,${BLKVM_CHANNEL})}" = ""]?late)
 same => n,ExecIf($["${KEY}" = "1"]?Set(GOSUB_RESULT=))
 same => n,ExecIf($["${KEY}" = "1"]?Set(SHARED(BLKVM,${BLKVM_CHANNEL})=))
 same => n(late),Return()

[outbound-allroutes]
include => outrt-1
include => outrt-2
include => outrt-3
include => outrt-4
include => outrt-5
[outrt-1]
exten => _44X.,1,Gosub(dialout-trunk,s,1(PJSIP/${EXTEN}@trunk))
 same => n,Gosub(outisbusy,s,1)
[outrt-2]
exten => _744X.,1,Gosub(dialout-trunk,s,1(IAX2/line/${EXTEN:1}))
 same => n,Gosub(outisbusy,s,1)
[outrt-3]
exten => _844X.,1,Gosub(dialout-trunk,s,1(PJSIP/${EXTEN:1}@dead))
 same => n,Gosub(outisbusy,s,1)
[outrt-4]
exten => _544X.,1,Gosub(dialout-trunk,s,1(PJSIP/${EXTEN:1}@dead))
 same => n,Gosub(outroutemsg,s,1)
[outrt-5]
exten => _344X.,1,Gosub(dialout-trunk,s,1(PJSIP/${EXTEN:1}@trunk))
 same => n,Gosub(outroutemsg,s,1)

[dialout-trunk]
exten => s,1,ExecIf($["${KEEPCID}" != "TRUE"]?Set(CALLERID(all)="" <${FORCED_CALLER_ID}>))
 same => n,Dial(${ARG1},300,T)
 same => n,Goto(s-${DIALSTATUS},1)
exten => s-BUSY,1,Playtones(busy)
 same => n,Busy(20)
exten => s-NOANSWER,1,Playtones(congestion)
 same => n,Congestion(20)
exten => _s-.,1,Return()
[outisbusy]
exten => s,1,Playback(all-circuits-busy-now)
 same => n,Hangup()
[outroutemsg]
exten => s,1,Progress()
 same => n,Playback(all-circuits-busy-now,noanswer)
 same => n,Congestion(20)
[bad-number]
exten => _X.,1,Playback(ss-noservice)
 same => n,Congestion(20)
"""


# What an administrator writes for a queue with Call Confirm: docs/agents.md. Here with a switch.
_BEFORE_QUEUE = """
[callback-before-queue]
exten => {queue},1,GotoIf($["${{DB(CONFIRM/{queue})}}" = ""]?plain)
 same => n,Set(__FORCE_CONFIRM=${{CHANNEL}})
 same => n,Set(SHARED(ANSWER_STATUS)=NOANSWER)
 same => n(plain),Return()
"""


def custom(queue: str) -> str:
    """extensions_custom.conf, before our own files are included in it."""
    return _BEFORE_QUEUE.format(queue=queue)


def extensions(agents: Sequence[str], queues: Sequence[str]) -> str:
    """extensions.conf; what an administrator adds stands in extensions_custom.conf."""
    text = _HEAD.format(forced=FORCED_CALLER_ID)
    text += "".join(_QUEUE.format(queue=queue) for queue in queues)
    text += "".join(_EXTENSION.format(agent=agent) for agent in agents)
    return text + _VOICEMAIL
