"""What is sent for an agent's order, and what Asterisk's answers mean."""

import pytest

from asterisk_callback.domain.account import UserId
from asterisk_callback.domain.queue_member import Action, MemberOrder, MemberRules, OrderOutcome
from asterisk_callback.telephony import log_in
from asterisk_callback.telephony.ami import Response
from asterisk_callback.telephony.member_actions import action_of, judge
from asterisk_callback.telephony.wire import UnsafeField, safe_action
from tests.factories import NOW

QUEUE = {"Queue": "support", "Interface": "PJSIP/anna"}


def order(action: Action, interface: str = "PJSIP/anna", reason: str = "") -> MemberOrder:
    return MemberOrder(
        id=1, account_id=UserId(1), server="pbx", asterisk_queue="support", interface=interface,
        action=action, reason=reason, created_at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "name", "fields"),
    [
        (order(Action.ADD), "QueueAdd", QUEUE),
        (order(Action.REMOVE), "QueueRemove", QUEUE),
        (order(Action.PAUSE), "QueuePause", {**QUEUE, "Paused": "true"}),
        (order(Action.UNPAUSE), "QueuePause", {**QUEUE, "Paused": "false"}),
        (
            order(Action.PAUSE, reason="Short break"),
            "QueuePause", {**QUEUE, "Paused": "true", "Reason": "Short break"},
        ),
        (
            order(Action.ADD, "Local/anna@callback-member/n"),
            "QueueAdd",
            {
                "Queue": "support",
                "Interface": "Local/anna@callback-member/n",
                "StateInterface": "PJSIP/anna",
            },
        ),
        (
            order(Action.ADD, "Local/6001@from-queue/n"),
            "QueueAdd",
            {
                "Queue": "support",
                "Interface": "Local/6001@from-queue/n",
                "StateInterface": "hint:6001@ext-local",
            },
        ),
    ],
)  # fmt: skip
def test_what_is_sent(given: MemberOrder, name: str, fields: dict[str, str]) -> None:
    joins = log_in.fields(log_in.joining((), given.interface, "support"), "", "")
    assert action_of(given, MemberRules(), joins) == (name, fields)
    assert safe_action({"Action": name, **fields}, frozenset()) == {"Action": name, **fields}


@pytest.mark.parametrize(
    "interface",
    [
        "",
        "anna",
        "Local/09098791234@out/n",
        "DAHDI/g0/09098791234",
        "IAX2/a:b@host/900",
        "PJSIP/anna\r\nAction: x",
        "PJSIP/a,b",
        "PJSIP/a&PJSIP/b",
        "PJSIP/${x}",
    ],
)
def test_what_is_never_sent(interface: str) -> None:
    """P14."""
    with pytest.raises(UnsafeField):
        action_of(order(Action.ADD, interface), MemberRules())


@pytest.mark.parametrize(
    ("action", "message", "outcome", "sentence"),
    [
        (Action.ADD, "Unable to add interface: Already there", OrderOutcome.DONE, ""),
        (Action.REMOVE, "Unable to remove interface: Not there", OrderOutcome.DONE, ""),
        (Action.REMOVE, "Member not dynamic", OrderOutcome.REFUSED, "static member of support"),
        (
            Action.ADD,
            "Unable to add interface to queue: No such queue",
            OrderOutcome.REFUSED,
            "no queue",
        ),
        (Action.PAUSE, "Interface not found", OrderOutcome.REFUSED, "not logged in to support"),
        (Action.PAUSE, "Permission denied", OrderOutcome.REFUSED, "write=agent"),
        (Action.PAUSE, "Something new", OrderOutcome.REFUSED, "Asterisk refused: Something new."),
        (Action.PAUSE, "", OrderOutcome.REFUSED, "did not say why"),
    ],
)
def test_what_an_answer_means(
    action: Action, message: str, outcome: OrderOutcome, sentence: str
) -> None:
    found, said = judge(order(action), Response(False, message, {}))
    assert found is outcome and sentence in said


def test_a_yes_is_a_yes() -> None:
    assert judge(order(Action.ADD), Response(True, "Added interface", {})) == (
        OrderOutcome.DONE,
        "",
    )
