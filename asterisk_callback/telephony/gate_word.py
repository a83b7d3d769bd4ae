"""Does Asterisk get a word from the gate? Told by each call that asked it, and by probes, for which
nobody is rung."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping

from asterisk_callback.telephony import contract

Event = Mapping[str, str]

NEEDED = {"UserEvent": contract.USER_EVENT_OF_OURS}

# So many silences in a row stop the dialling: one may be a lost packet.
ENOUGH = 2
# The dialplan's own limit for both gates (CALLBACK_GATE_SECONDS, 5 as shipped) and the way.
PROBE_SECONDS = 8.0
# A gate that answers probes and not calls: so long until the next call tries it, then doubled.
REST, REST_MAX = 30.0, 600.0
# What AGI() says of a server that was reached, whatever it said (res_agi.c).
_REACHED = "SUCCESS"


def unheard(event: Event) -> bool:
    """Of a customer leg's report: the gate was asked, and gave no word."""
    return event.get(contract.FIELD_WORD, "") not in ("", contract.WORD_HEARD)


class GateWord:
    """silent: times in a row that nothing was heard. to_probe: a call heard nothing, so a probe has
    to tell more before another one does. instance: our name among several, for the others' calls
    and probes tell nothing of our gate."""

    def __init__(self, instance: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        self.to_probe = False
        self._ours = {
            event: contract.of_instance(context, instance)
            for event, context in (
                (contract.EVENT_LEG, contract.CONTEXT_REPORT),
                (contract.EVENT_DOCTOR, contract.CONTEXT_DOCTOR),
            )
        }
        self._clock = clock
        self._heard_at = clock()
        self.silent = self._mute = self._rests = 0
        self._rests_until = 0.0
        self._where = self._status = ""
        self._told = asyncio.Event()

    @property
    def fault(self) -> str:
        """Why nothing is dialled: one sentence, or ""."""
        resting = self._mute >= ENOUGH and self._clock() < self._rests_until
        return self.trouble if self.silent >= ENOUGH or resting else ""

    @property
    def trouble(self) -> str:
        """The same, and also while a call is let through to try it."""
        if self.silent < ENOUGH and self._mute < ENOUGH:
            return ""
        at = f" at {self._where}" if self._where else ""
        if self.silent >= ENOUGH:
            return (
                f"Asterisk gets no answer from the gate{at} ({self._status}), so agents would be "
                "rung for nothing"
            )
        return (
            f"the gate{at} answers Asterisk, but gives calls no word: this program's log says why"
        )

    def quiet_for(self, seconds: float) -> bool:
        """Nothing was heard of it for so long, so nobody knows."""
        return self._clock() - self._heard_at >= seconds

    def forget(self) -> None:
        """Asterisk is gone: who comes back may ask another gate."""
        self.to_probe = False
        self.silent = self._mute = self._rests = 0

    def take(self, event: Event) -> bool:
        """Applies one event; True if it says something about the gate."""
        name, word = event.get("UserEvent", ""), event.get(contract.FIELD_WORD, "")
        context = self._ours.get(name)
        if context is None or not word or event.get("Context", context) != context:
            return False
        if name == contract.EVENT_DOCTOR:
            self._probe(event, word)
        elif word == contract.WORD_HEARD:
            self._mute = self._rests = 0
            self._heard()
        else:
            self._call_unheard(word)
        return True

    def asked(self) -> None:
        """A probe is sent."""
        self.to_probe = False
        self._told.clear()

    async def told(self) -> None:
        """Waits for what a probe tells; no longer than it can take."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PROBE_SECONDS):
                await self._told.wait()

    def _probe(self, event: Event, word: str) -> None:
        self._where = event.get("Gate", "").removeprefix("agi://").partition("/")[0]
        if event.get("Reached"):
            self._heard()
        else:
            self._unheard(word)
        self._told.set()

    def _call_unheard(self, word: str) -> None:
        self._unheard(word)
        self.to_probe = True
        self._mute += word == _REACHED
        if self._mute < ENOUGH:
            return
        now = self._clock()
        # Many calls may be under way when it goes mute: they are one try, not many.
        self._rests += now >= self._rests_until
        rest = REST * 2.0 ** min(self._rests - 1, 10)
        self._rests_until = now + min(rest, REST_MAX)

    def _heard(self) -> None:
        self.silent = 0
        self._heard_at = self._clock()

    def _unheard(self, status: str) -> None:
        self.silent += 1
        self._status = status
