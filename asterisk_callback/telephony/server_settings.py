"""What the dispatcher is told of its Asterisk server."""

from dataclasses import dataclass, field

from asterisk_callback.domain.queue_member import MemberRules
from asterisk_callback.telephony.link import AmiAddress, LinkTimings
from asterisk_callback.telephony.log_in import LogIn


@dataclass(frozen=True, kw_only=True, slots=True)
class AsteriskServer:
    """An Asterisk server. sounds: where our prompts are, and prompts: in
    which languages; window: Originates under way at once.

    codecs: of the Local channel between agent and customer. What the phones and the trunk speak,
    so that nothing is transcoded: see docs/decisions/0006.
    instance: our name among several there. members: the phones that may be rung; log_ins: how they
    become members of a queue.
    """

    name: str
    address: AmiAddress
    sounds: str = "callback/"
    prompts: tuple[str, ...] = ("en",)
    window: int = 16
    codecs: str = "ulaw,alaw"
    members: MemberRules = field(default_factory=MemberRules)
    log_ins: tuple[LogIn, ...] = ()
    timings: LinkTimings | None = None
    instance: str = ""
