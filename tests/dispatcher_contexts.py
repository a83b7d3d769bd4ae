"""A dispatcher's context without an Asterisk, for tests of one of its loops."""

from types import SimpleNamespace
from typing import Any, cast

from asterisk_callback.dispatcher.context import DispatcherContext, DispatcherSettings
from asterisk_callback.telephony.link import AmiAddress
from asterisk_callback.telephony.server_settings import AsteriskServer
from tests.factories import SERVER, Office

# An Asterisk that is not there.
NOWHERE = AsteriskServer(name=SERVER, address=AmiAddress("127.0.0.1", 1, "nobody", "secret"))


def a_context(office: Office, switchboard: Any = None, **settings: Any) -> DispatcherContext:
    """The context of the office's dispatcher.

    switchboard: what stands for Asterisk; None: nothing of it is asked. settings: of
    DispatcherSettings.
    """
    known: dict[str, Any] = {"name": office.me.name, "server": NOWHERE}
    return DispatcherContext(
        store=office.store,
        settings=DispatcherSettings(**(known | settings)),
        queues=office.queues,
        switchboard=cast(Any, switchboard or SimpleNamespace()),
        trunks={},
        me=office.me,
    )
