"""The one Originate of an attempt: which half of its Local channel does what, in each mode.

The half that dials the customer is always cb-TOKEN-a, the one that stands in the Asterisk queue
cb-TOKEN-b. Originate runs our context on the Local channel's first half, once the second has
answered: in agent-first the agent answers there, in customer-first the customer.
"""

from collections.abc import Container, Mapping
from datetime import timedelta

from asterisk_callback.domain.attempt import Token
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.queue import QUEUE_ALONE, ClaimedCall
from asterisk_callback.telephony import contract
from asterisk_callback.telephony.whisper import whisper

Fields = Mapping[str, str | int | list[str]]

# On top of the time until somebody answers; the gate's deadline comes later still.
ORIGINATE_MARGIN = timedelta(seconds=15)


def originate_fields(
    claim: ClaimedCall, sounds: str, codecs: str, prompts: Container[str] = (), instance: str = ""
) -> Fields:
    """The action's fields: the attempt's token and names from the configuration (P14).

    prompts: the languages that Asterisk has our prompts in. instance: our name among several.
    """
    token, queue = claim.attempt.token, claim.queue
    first = claim.attempt.mode is DeliveryMode.CUSTOMER_FIRST
    preview = claim.attempt.mode is DeliveryMode.PREVIEW
    queue_for = _agent_within(claim)
    route = _customer_first(token) if first else _agent_first(token, _AGENT_SIDE[preview])
    answered_within = (queue.ring_for if first else queue_for) + ORIGINATE_MARGIN
    variables = {
        f"__{contract.VAR_TOKEN}": token,
        contract.VAR_REQUEST: claim.reference,
        contract.VAR_QUEUE: queue.asterisk_queue,
        contract.VAR_QUEUE_FOR: str(int(queue_for.total_seconds())),
        contract.VAR_QUEUE_OPTIONS: _options(queue.queue_options, preview=preview),
        contract.VAR_RECORD: _recording(claim),
        contract.VAR_WHISPER: "" if preview else whisper(sounds, queue, claim.waited),
        **(_of_customer_first(claim, prompts) if first else {}),
        **({contract.VAR_MEMBER: claim.attempt.member or ""} if preview else {}),
    }
    return {
        "ActionID": token,
        **{name: contract.of_instance(value, instance) for name, value in route.items()},
        "Priority": 1,
        "Timeout": int(answered_within.total_seconds() * 1000),
        "CallerID": f"Callback <{claim.trunk.caller_id}>",
        "Async": "true",
        "Codecs": codecs,
        "Variable": [f"{name}={value}" for name, value in variables.items()],
    }


_AGENT_SIDE = {False: contract.CONTEXT_AGENT, True: contract.CONTEXT_PREVIEW}


def _recording(claim: ClaimedCall) -> str:
    """By its name nobody learns whose talk it is: an id of ours, and the attempt's number."""
    return claim.queue.record.format(id=claim.reference or "callback", attempt=claim.attempt.id)


def _options(given: str, *, preview: bool) -> str:
    """Those that Dial() knows by the same letter, for an own phone; Queue() knows them all."""
    return given.replace(QUEUE_ALONE, "") if preview else given


def _agent_within(claim: ClaimedCall) -> timedelta:
    """How long it may take until an agent is there: in the Asterisk queue, or at the own phone."""
    match claim.attempt.mode:
        case DeliveryMode.CUSTOMER_FIRST:
            return claim.queue.first.hold_for
        case DeliveryMode.PREVIEW:
            return claim.queue.preview.own_for
        case _:
            return claim.queue.queue_for


def _agent_first(token: Token, context: str) -> dict[str, str]:
    return {
        "Channel": f"Local/{token}@{context}/n",
        "ChannelId": contract.customer_uniqueid(token),
        "OtherChannelId": contract.agent_uniqueid(token),
        "Context": contract.CONTEXT_CUSTOMER,
        "Exten": token,
    }


def _customer_first(token: Token) -> dict[str, str]:
    return {
        "Channel": f"Local/{token}@{contract.CONTEXT_FIRST}/n",
        "ChannelId": contract.agent_uniqueid(token),
        "OtherChannelId": contract.customer_uniqueid(token),
        "Context": contract.CONTEXT_FIRST_QUEUE,
        "Exten": contract.EXTEN_FIRST_QUEUE,
    }


def _of_customer_first(claim: ClaimedCall, prompts: Container[str]) -> dict[str, str]:
    first = claim.queue.first
    return {
        contract.VAR_CONFIRM: "1" if first.confirm else "",
        contract.VAR_DETECT: "1" if first.detect_machine else "",
        contract.VAR_MESSAGE: first.machine_message,
        contract.VAR_PRIORITY: str(first.priority),
        # In a language without prompts Asterisk would play nothing at all.
        contract.VAR_LANGUAGE: claim.language if claim.language in prompts else "",
    }
