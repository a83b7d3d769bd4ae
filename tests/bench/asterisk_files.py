"""What the bench's Asterisk has beside ours: agents, and a dialplan without us."""

QUEUE = "bench"
# The same path without us. The report's words are those of our own dialplan's.
BARE_AGENT, BARE_CUSTOMER = "bare-agent", "bare-customer"
DIALPLAN = f"""
[{BARE_AGENT}]
exten => _X.,1,Queue(${{CALLBACK_QUEUE}},ri,,,${{CALLBACK_QUEUE_FOR}})
 same => n,Hangup()
[{BARE_CUSTOMER}]
exten => _X.,1,Playback(${{CALLBACK_WHISPER}})
 same => n,Dial(PJSIP/1${{EXTEN:-10}}@trunk,6,i)
 same => n,Hangup()
exten => h,1,UserEvent(BareDone,Token: ${{CALLBACK_ID}},Leg: customer)
"""
_QUEUES = f"""
[general]
persistentmembers=no
autofill=yes
[{QUEUE}]
strategy=rrmemory
timeout=8
retry=1
ringinuse=no
"""

# Asterisk's own books cost more than its calls, and are the same for everybody.
QUIET = {
    "cel.conf": "[general]\nenable=no\n",
    "cdr.conf": "[general]\nenable=no\n",
    "logger.conf": "[logfiles]\nfull => warning,error\n",
}


def agents(many: int) -> list[str]:
    """Their endpoints."""
    return [f"a{n}" for n in range(1000, 1000 + many)]


def queues(many: int) -> str:
    """queues.conf with so many agents."""
    return _QUEUES + "".join(f"member => PJSIP/{a},0,Agent {a},PJSIP/{a}\n" for a in agents(many))


def rtp(ports: range) -> dict[str, str]:
    """rtp.conf with ports for more calls than the lab's own."""
    text = f"[general]\nrtpstart={ports[0]}\nrtpend={ports[-1]}\nicesupport=no\nstrictrtp=yes\n"
    return {"rtp.conf": text}
