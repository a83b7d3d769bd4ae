"""The rights of the AMI user: sufficient, and not too many.

Asterisk lists the actions that a user may send (its write rights). What a user may read shows only
in the events that come: `gate` looks at those of its probe, and FullyBooted needs read=system.
"""

from asterisk_callback.config import Settings
from asterisk_callback.doctor.ami_probe import DoctorAmi
from asterisk_callback.doctor.finding import Finding, ok, warning, wrong

# The actions that we send, and the right that gives each.
_NEEDED = {
    "Originate": "originate",
    "Hangup": "call",
    "CoreShowChannels": "reporting",
    "DBGet": "reporting",
    "ShowDialPlan": "reporting",
    "QueueStatus": "reporting",
}
# What agents ask of their phones. Without it calls come all the same.
_FOR_AGENTS = ("QueueAdd", "QueueRemove", "QueuePause")
_MEND = "write = originate,call,reporting,agent for the {file}; then: manager reload"
# Actions that only rights beyond ours give: whoever steals the secret could do these, too.
_TOO_MUCH = {
    "Command": "command",
    "Reload": "config",
    "UpdateConfig": "config",
    "GetConfig": "config",
    "ModuleLoad": "system",
    "DBPut": "system",
    "DBDel": "system",
    "Shutdown": "system",
    "PJSIPShowEndpoints": "system",
    "AOCMessage": "aoc",
    "MonitorExec": "system",
    "UserEvent": "user",
    "DialplanExtensionAdd": "system",
}


async def check(line: DoctorAmi, settings: Settings) -> list[Finding]:
    answer = await line.link.action("ListCommands", {})
    allowed = {name for name in answer.fields if name not in ("Response", "ActionID")}
    file = f"user [{settings.asterisk.username}] in manager_callback.conf"
    return [_enough(allowed, file), _of_agents(allowed, file), _not_too_many(allowed, file)]


def _enough(allowed: set[str], file: str) -> Finding:
    name = "asterisk.rights"
    missing = {action: right for action, right in _NEEDED.items() if action not in allowed}
    if not missing:
        return ok(name, "the AMI user may send all that we send")
    rights = ",".join(sorted(set(missing.values())))
    return wrong(
        name,
        f"the AMI user may not send {', '.join(missing)}: it lacks write={rights}",
        _MEND.format(file=file),
    )


def _of_agents(allowed: set[str], file: str) -> Finding:
    name = "asterisk.rights.agents"
    missing = [action for action in _FOR_AGENTS if action not in allowed]
    if not missing:
        return ok(name, "it may pause agents, and log them in and out of their queues")
    return warning(
        name,
        f"agents can't pause, log in or log out on our pages: the AMI user may not send "
        f"{', '.join(missing)}, it lacks write=agent. Calls come all the same",
        _MEND.format(file=file),
    )


def _not_too_many(allowed: set[str], file: str) -> Finding:
    name = "asterisk.rights.excess"
    excess = {right: action for action, right in _TOO_MUCH.items() if action in allowed}
    if not excess:
        return ok(name, "it has no rights beyond these")
    named = ", ".join(f"{right} (such as {action})" for right, action in sorted(excess.items()))
    return warning(
        name,
        f"the AMI user has more than needed: write={named}",
        _MEND.format(file=file),
    )
