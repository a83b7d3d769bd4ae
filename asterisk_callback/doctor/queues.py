"""The Asterisk queues that the configuration names: who can be rung there, and when."""

from collections.abc import Sequence
from datetime import UTC, datetime

from asterisk_callback.config import Settings
from asterisk_callback.doctor.ami_probe import DoctorAmi
from asterisk_callback.doctor.finding import Finding, ok, skipped, warning, wrong
from asterisk_callback.domain.queue_member import Member
from asterisk_callback.services.telling.clocks import ASTERISK_APART, apart
from asterisk_callback.telephony import queue_rules
from asterisk_callback.telephony.queue_members import UNREADABLE, QueueMembers

# The dialplan answers at once.
_SECONDS = 5.0


async def check(line: DoctorAmi, settings: Settings) -> list[Finding]:
    findings: list[Finding] = []
    clock = _Clock()
    for name, queue in settings.queues.items():
        members = QueueMembers()
        items = await line.link.list_action(
            "QueueStatus", {"Queue": queue.asterisk_queue}, complete="QueueStatusComplete"
        )
        members.replace(items)
        findings += _members(name, queue.asterisk_queue, members)
        if members.facts(queue.asterisk_queue).known:
            findings.append(await _rings_idle_only(line, name, queue.asterisk_queue, clock))
    return [*findings, *clock.findings]


def _members(name: str, asterisk_queue: str, members: QueueMembers) -> list[Finding]:
    check_name = f"asterisk.queue.{name}"
    facts, all_of_them = members.facts(asterisk_queue), members.of(asterisk_queue)
    if not facts.known:
        return [
            wrong(
                check_name,
                f"Asterisk has no queue {asterisk_queue!r}",
                f"add [{asterisk_queue}] to queues.conf (then: queue reload all), or change "
                f"asterisk_queue in [queues.{name}]",
            )
        ]
    if not all_of_them:
        return [
            warning(
                check_name,
                f"the queue {asterisk_queue!r} has no members: nobody would be rung",
                f"add a member => line to [{asterisk_queue}] in queues.conf, or let agents log in",
            )
        ]
    people = "member" if len(all_of_them) == 1 else "members"
    said = f"{asterisk_queue!r} has {len(all_of_them)} {people}, {facts.logged_in} can be rung now"
    findings = [ok(check_name, said)]
    if not facts.logged_in:
        mend = "let an agent log in; until then nobody is called back"
        findings = [warning(check_name, said, mend)]
    return [*findings, *_unreadable(name, asterisk_queue, all_of_them)]


def _unreadable(name: str, asterisk_queue: str, members: Sequence[Member]) -> list[Finding]:
    """Asterisk sends no event about a member whose name is not UTF-8: its state would be stale."""
    bad = [one.interface for one in members if UNREADABLE in one.name]
    if not bad:
        return []
    return [
        warning(
            f"asterisk.queue.{name}.names",
            f"the names of these members of {asterisk_queue!r} are not UTF-8: {', '.join(bad)}. "
            "Asterisk does not tell what becomes of them, so no callback counts on them",
            "save queues.conf (or the list of agents that makes it) as UTF-8; then: queue reload "
            "all",
        )
    ]


class _Clock:
    """Asterisk's, which it shows with each answer."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def shows(self, seconds: int) -> None:
        if self.findings:
            return
        name, ahead = "asterisk.clock", datetime.fromtimestamp(seconds, UTC) - datetime.now(UTC)
        if abs(ahead) < ASTERISK_APART:
            self.findings.append(ok(name, "its clock agrees with this machine's"))
            return
        what = f"its clock is {apart(ahead)} this machine's"
        fix = "set both by NTP (timedatectl); records of calls have Asterisk's time"
        self.findings.append(wrong(name, what, fix))


async def _rings_idle_only(
    line: DoctorAmi, name: str, asterisk_queue: str, clock: _Clock
) -> Finding:
    check_name = f"asterisk.queue.{name}.ringinuse"
    answered = await line.link.action(
        "Originate", queue_rules.question(asterisk_queue, line.instance)
    )
    rules = await _rules(line, asterisk_queue, clock) if answered.success else None
    if rules is None:
        return skipped(check_name, "our dialplan did not say what queues.conf has")
    if rules.rings_idle_only:
        return ok(check_name, f"{asterisk_queue!r} does not ring agents who are on a call")
    return warning(
        check_name,
        f"{asterisk_queue!r} is not known to leave agents alone who are on a call (ringinuse=no), "
        "so no callback is kept ready for the next of them who is free",
        f"ringinuse=no in [{asterisk_queue}] of queues.conf; then: queue reload all (FreePBX: Skip "
        "Busy Agents: Yes + (ringinuse=no))",
    )


async def _rules(
    line: DoctorAmi, asterisk_queue: str, clock: _Clock
) -> queue_rules.QueueRules | None:
    event = await line.wait_for(
        lambda one: (queue_rules.answer(one) or ("",))[0] == asterisk_queue, _SECONDS
    )
    told = queue_rules.answer(event) if event is not None else None
    if told is None:
        return None
    clock.shows(told[2])
    return told[1]
