"""A configuration that is not in force is an alarm, until it is."""

import asyncio
from dataclasses import replace

from asterisk_callback.dispatcher.context import DispatcherContext
from asterisk_callback.dispatcher.overtaken import Overtaken
from asterisk_callback.domain.alarm import AlarmEvent, AlarmName
from asterisk_callback.domain.server import DispatcherIdentity
from asterisk_callback.services.telling.operator import Alarms
from asterisk_callback.telephony.link import AmiAddress
from asterisk_callback.telephony.server_settings import AsteriskServer
from tests.dispatcher_contexts import a_context
from tests.factories import Office

SERVER = AsteriskServer(name="pbx", address=AmiAddress("127.0.0.1", 1, "nobody", "secret"))


def context(office: Office, name: str) -> DispatcherContext:
    return a_context(replace(office, me=DispatcherIdentity(name=name, epoch=1)))


def test_it_is_an_alarm_until_it_is_taken_up(office: Office) -> None:
    alarms = Alarms(store=office.store, queues=office.queues, server="pbx")

    def changes() -> list[tuple[AlarmEvent, AlarmName, str]]:
        return [(event, one.name, one.subject) for event, one in alarms.look(None)]

    said = ["", "changed", "changed", ""]
    one, other = (context(office, name) for name in ("one", "other"))
    overtaken, fine = Overtaken(one, lambda: said[0]), Overtaken(other, lambda: "")
    raised = (AlarmEvent.RAISED, AlarmName.OVERTAKEN, "one")
    cleared = (AlarmEvent.CLEARED, AlarmName.OVERTAKEN, "one")
    for expected in ([], [raised], [], [cleared]):
        for looking in (overtaken, fine):
            asyncio.run(looking.look())
        assert changes() == expected, said
        said.pop(0)


def test_the_process_after_a_reload_takes_back_what_the_one_before_said(office: Office) -> None:
    alarms = Alarms(store=office.store, queues=office.queues, server="pbx")
    asyncio.run(Overtaken(context(office, "one"), lambda: "changed").look())
    assert len(alarms.look(None)) == 1
    asyncio.run(Overtaken(context(office, "one"), lambda: "").look())
    assert [event for event, _ in alarms.look(None)] == [AlarmEvent.CLEARED]
