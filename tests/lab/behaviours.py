"""What a party does when its phone is called.

A behaviour is played by a phone of the world's Asterisk (`phone`), or answered by the trunk's far
end with exact SIP statuses (`sip`: seconds to wait and status, in turn). Customers can do both,
agents' phones only the first.
"""

from dataclasses import dataclass, field

RING_FOR_EVER = 3600.0


@dataclass(frozen=True, slots=True)
class Behaviour:
    """`phone`: verb and arguments for the world's dialplan. `sip`: None, or the raw responses."""

    phone: str = ""
    sip: tuple[tuple[float, int], ...] | None = None
    headers: dict[str, str] = field(default_factory=dict)


def answer(after: float = 0.0, talk: float | None = None, tone: int = 440) -> Behaviour:
    """Ring `after` s, answer, play a tone of `tone` Hz, hang up after `talk` s (None: never)."""
    return Behaviour(f"answer:{after}:{RING_FOR_EVER if talk is None else talk}:{tone}")


def person() -> Behaviour:
    """Answer, say half a second of "hello", and listen: what AMD() takes for a human."""
    return Behaviour("answer:0.1:3600:440/500,!0")


def says(*sounds: tuple[int, int]) -> Behaviour:
    """Answer, and then in turn: silence and speech of so many milliseconds; then listen."""
    tones = ",".join(f"!0/{quiet},!440/{speech}" for quiet, speech in sounds) or "!0/100"
    return Behaviour(f"answer:0.1:3600:{tones.removeprefix('!')},!0")


def machine() -> Behaviour:
    """Answer, speak for five seconds without a pause as a greeting does, and record in silence."""
    return Behaviour("answer:0.1:3600:440/5000,!0")


def ring(tone: int = 440) -> Behaviour:
    """Ring until the caller gives up or World.answer() is called: also "no answer"."""
    return Behaviour(f"ring:{RING_FOR_EVER}:{RING_FOR_EVER}:{tone}")


no_answer = ring


def busy() -> Behaviour:
    """486 at once."""
    return Behaviour("busy", ((0.0, 486),))


def ring_busy(after: float = 1.0) -> Behaviour:
    """180, then 486 after `after` s."""
    return Behaviour(f"ringhangup:{after}:17", ((0.0, 180), (after, 486)))


def reject() -> Behaviour:
    """A customer answers 603; an agent's phone declines (cause 21; Asterisk sends 403)."""
    return Behaviour("hangup:0:21", ((0.0, 603),))


def ring_reject(after: float = 1.0) -> Behaviour:
    """180, then the same as reject() after `after` s."""
    return Behaviour(f"ringhangup:{after}:21", ((0.0, 180), (after, 603)))


def congestion() -> Behaviour:
    """503."""
    return Behaviour("hangup:0:34", ((0.0, 503),))


def missing() -> Behaviour:
    """404: no such number."""
    return Behaviour("hangup:0:1", ((0.0, 404),))


def forward(number: str) -> Behaviour:
    """An agent's phone that sends its calls on to another extension of the PBX: 302."""
    return Behaviour(f"forward:{number}")


def silent() -> Behaviour:
    """The far end never replies to the INVITE."""
    return Behaviour(sip=())


def status(code: int, ringing_for: float | None = None) -> Behaviour:
    """Any final SIP status, at once or after 180 and `ringing_for` seconds."""
    final = ((0.0, code),) if ringing_for is None else ((0.0, 180), (ringing_for, code))
    return Behaviour(sip=final, headers=_CHALLENGES.get(code, {}))


def early_media(code: int | None = None, after: float = 0.5) -> Behaviour:
    """183, then a final SIP status after `after` s; None: never more than 183."""
    final = () if code is None else ((after, code),)
    return Behaviour(sip=((0.0, 183), *final), headers=_CHALLENGES.get(code or 0, {}))


def trying() -> Behaviour:
    """100 and nothing else."""
    return Behaviour(sip=((0.0, 100),))


def redirect(uri: str) -> Behaviour:
    """302 with Contact <`uri`>, such as "sip:4930999@127.0.0.1:5060"."""
    return Behaviour(sip=((0.0, 302),), headers={"Contact": f"<{uri}>"})


_DIGEST = 'Digest realm="lab", nonce="00", algorithm=MD5'
_CHALLENGES = {401: {"WWW-Authenticate": _DIGEST}, 407: {"Proxy-Authenticate": _DIGEST}}
