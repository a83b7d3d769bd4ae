"""Agents' orders (log in, log out, pause) sent to one Asterisk."""

import logging
from collections.abc import Awaitable, Callable, Mapping

from asterisk_callback.domain.queue_member import Action, MemberOrder, OrderOutcome
from asterisk_callback.telephony import aside, contract, log_in
from asterisk_callback.telephony.link import ActionTimeout, AmiLink, LinkNotReady
from asterisk_callback.telephony.member_actions import action_of, judge
from asterisk_callback.telephony.server_settings import AsteriskServer
from asterisk_callback.telephony.wire import UnsafeField

log = logging.getLogger(__name__)

# The extension of CONTEXT_LAMP after an order that was carried out.
_LAMPS = {Action.ADD: contract.EXTEN_LAMP_ON, Action.REMOVE: contract.EXTEN_LAMP_OFF}


class MemberOrderSender:
    """ask_dialplan: runs lines of our dialplan that call nobody (channel, variables); raises
    LinkNotReady and ActionTimeout."""

    def __init__(
        self, link: AmiLink, server: AsteriskServer, ask_dialplan: Callable[..., Awaitable[bool]]
    ) -> None:
        self._link = link
        self._server = server
        self._ask_dialplan = ask_dialplan

    async def send(self, order: MemberOrder) -> tuple[OrderOutcome, str]:
        """Sends one agent's order, once. Returns its outcome, with a sentence for the agent if it
        was not carried out."""
        how = log_in.joining(self._server.log_ins, order.interface, order.asterisk_queue)
        try:
            joins = await self._joins(how) if order.action is Action.ADD else {}
        except (LinkNotReady, ActionTimeout):
            return OrderOutcome.LATE, ""  # only a question was sent
        try:
            lamp = log_in.lamp(how)
            name, fields = action_of(order, self._server.members, joins)
            judged = judge(order, await self._link.action(name, fields))
            await self._show(order, lamp, judged[0])
            return judged
        except LinkNotReady:
            return OrderOutcome.LATE, ""
        except ActionTimeout:
            return OrderOutcome.UNANSWERED, ""
        except UnsafeField as error:
            # Accounts and configuration accept less than this, so it is a bug: logged, not sent.
            log.error("order %d of an agent was not sent: %s", order.id, error)
            return OrderOutcome.REFUSED, "It was not sent: a name in it can't be told to Asterisk."

    async def _joins(self, how: log_in.Joining) -> Mapping[str, str]:
        """Raises LinkNotReady and ActionTimeout."""
        name, penalty = await self._value(how.name), await self._value(how.penalty)
        if name and not log_in.can_be_sent(name):
            log.warning("an agent logs in without the PBX's name: a sign in it can't be sent")
        return log_in.fields(how, name, penalty)

    async def _value(self, given: str) -> str:
        """The value of the configuration, or the AstDB entry that it names; "" for neither."""
        place = log_in.place(given)
        return given if place is None else await aside.stored(self._link, *place) or ""

    async def _show(self, order: MemberOrder, lamp: str, outcome: OrderOutcome) -> None:
        """Sets the PBX's own lamp. The order is done by then: a failure here does not change it."""
        if not lamp or outcome is not OrderOutcome.DONE or order.action not in _LAMPS:
            return
        where = f"Local/{_LAMPS[order.action]}@{contract.CONTEXT_LAMP}/n"
        try:
            await self._ask_dialplan(where, f"{contract.VAR_LAMP}={lamp}")
        except (LinkNotReady, ActionTimeout) as error:
            log.warning("an agent's lamp was not set: %s", error)
