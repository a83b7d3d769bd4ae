"""The orders of agents as AMI actions, and what Asterisk's answers to them mean. Pure."""

from collections.abc import Mapping

from asterisk_callback.domain.account import is_member
from asterisk_callback.domain.queue_member import Action, MemberOrder, MemberRules, OrderOutcome
from asterisk_callback.telephony.ami import Response
from asterisk_callback.telephony.wire import UnsafeField

# Asterisk's words of 16 to 22 (app_queue.c, manager.c), small letters. What was asked for is so
# already: as good as done.
_SO_ALREADY = {Action.ADD: "already there", Action.REMOVE: "not there"}
_REFUSALS = (
    ("not dynamic", "{member} is a static member of {queue} (queues.conf): it can be paused, but "
     "not logged out."),
    ("no such queue", "Asterisk has no queue {queue}."),
    ("interface not found", "{member} is not logged in to {queue}."),
    ("permission denied", "Our user in Asterisk may not do that: it lacks write=agent in "
     "manager_callback.conf. Ask an administrator."),
)  # fmt: skip


def action_of(
    order: MemberOrder, members: MemberRules, joins: Mapping[str, str] | None = None
) -> tuple[str, Mapping[str, str]]:
    """The action and its fields. What others read of an agent in our pages is not sent along: it
    is typed text (P14). members: the phones that may come in. joins: what QueueAdd gets beside
    (log_in.fields). Raises UnsafeField."""
    adds = order.action is Action.ADD
    if not (members.allow if adds else is_member)(order.interface):
        raise UnsafeField("Interface", "is not the interface of a queue member")
    where = {"Queue": order.asterisk_queue, "Interface": order.interface}
    match order.action:
        case Action.ADD:
            return "QueueAdd", {**where, **(joins or {})}
        case Action.REMOVE:
            return "QueueRemove", where
        case Action.PAUSE:
            reason = {"Reason": order.reason} if order.reason else {}
            return "QueuePause", {**where, "Paused": "true", **reason}
        case Action.UNPAUSE:
            return "QueuePause", {**where, "Paused": "false"}


def judge(order: MemberOrder, response: Response) -> tuple[OrderOutcome, str]:
    """What became of it, and if it was refused, a sentence for the agent."""
    said = response.message.lower()
    if response.success or _SO_ALREADY.get(order.action, "-") in said:
        return OrderOutcome.DONE, ""
    for words, sentence in _REFUSALS:
        if words in said:
            told = sentence.format(member=order.interface, queue=order.asterisk_queue)
            return OrderOutcome.REFUSED, told
    return OrderOutcome.REFUSED, f"Asterisk refused: {response.message or 'it did not say why'}."
