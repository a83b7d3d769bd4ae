"""Recordings: would the Asterisk queue record callbacks by itself, without the customer's voice?"""

from asterisk_callback.config import Settings
from asterisk_callback.doctor.ami_probe import PROBE_SECONDS, DoctorAmi
from asterisk_callback.doctor.finding import Finding, ok, skipped, warning
from asterisk_callback.telephony import contract

# Measured: 22.10 loses the customer's voice in every second recording of a queue, 16.28 in none. In
# between Asterisk changed how the two directions are paired (asterisk/asterisk#851, #1279).
_SINCE = 180000


async def check(line: DoctorAmi, settings: Settings) -> list[Finding]:
    """Of each callback queue in agent_first: there the queue's caller is a channel of ours."""
    findings = []
    for name, queue in settings.queues.items():
        if queue.mode.rules.agent_first and not queue.mode.rules.offered:
            findings.append(await _queue(line, f"asterisk.recording.{name}", queue.asterisk_queue))
    return findings


async def _queue(line: DoctorAmi, check_name: str, asterisk_queue: str) -> Finding:
    answer = await line.call(
        f"{contract.EXTEN_RECORDING}@{contract.CONTEXT_DOCTOR}",
        variables=[f"{contract.VAR_QUEUE}={asterisk_queue}"],
    )
    told = (
        await line.wait_for(
            lambda event: (
                event.get("UserEvent") == contract.EVENT_DOCTOR
                and event.get("Queue") == asterisk_queue
            ),
            PROBE_SECONDS,
        )
        if answer.success
        else None
    )
    if told is None:
        return skipped(check_name, "not looked at: Asterisk did not say what its queue records")
    version = told.get("Version", "")
    if not told.get("Format") or (version.isdigit() and int(version) < _SINCE):
        return ok(check_name, f"{asterisk_queue!r} makes no recording that lacks a voice")
    return warning(
        check_name,
        f"{asterisk_queue!r} records its calls (monitor-format): of callbacks the customer's voice "
        "may be missing",
        'record = "callbacks/{id}-{attempt}.wav" in this queue of callback.toml records both '
        "(docs/recording.md); the queue's own recording of live calls is whole",
    )
