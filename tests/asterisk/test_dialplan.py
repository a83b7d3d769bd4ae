"""dialplan/ loads in silence on 22 and 16, and its names are those of telephony/contract.py."""

import re

import pytest

from asterisk_callback.domain import gate
from asterisk_callback.domain.attempt import TOKEN_DIGITS
from asterisk_callback.telephony import contract
from tests.lab import behaviours
from tests.lab.ami import Packet
from tests.lab.calls import ask
from tests.lab.deployment import Deployment
from tests.lab.deployment_files import DIALPLAN, REPOSITORY
from tests.lab.fixtures import on_22_and_16
from tests.lab.waiting import PATIENCE, until

TEXT = "\n".join(
    line
    for name in ("callback_settings.conf", "extensions_callback.conf")
    for line in (DIALPLAN / name).read_text().splitlines()
    if not line.lstrip().startswith(";")
)
# What the product sends: found in its source, so that a new action can't be forgotten here. Agents'
# orders choose their action first.
ACTIONS = {
    found
    for path in (REPOSITORY / "asterisk_callback").rglob("*.py")
    for found in re.findall(
        r'(?:\.(?:list_)?action\(\s*|return (?="Queue))"(\w+)"', path.read_text()
    )
}
# The events that translate, members and link act on, but those that answer a list action.
EVENTS = (
    "FullyBooted", "AgentCalled", "AgentConnect", "DialState", "DialEnd", "UserEvent",
    "OriginateResponse", "QueueMemberStatus", "QueueCallerJoin", "QueueCallerLeave",
)  # fmt: skip


# -- it loads


@on_22_and_16
def test_it_loads_without_a_complaint(lab: Deployment) -> None:
    lab.bed.pbx.cli("dialplan reload")
    for context in contract.CONTEXTS:
        assert f"[ Context '{context}'" in lab.bed.pbx.cli(f"dialplan show {context}")
    assert lab.complaints() == []


@on_22_and_16
def test_a_call_leaves_no_complaint_in_asterisks_log(lab: Deployment) -> None:
    call = ask(lab, behaviours.answer(talk=0.2), queue="spoken")
    call.wait("completed")
    lab.bed.pbx.wait_idle()
    assert "callback" in lab.prompts()
    assert lab.complaints() == []


@on_22_and_16
def test_every_prompt_can_be_played(lab: Deployment) -> None:
    names = {path.stem for path in (DIALPLAN / "sounds/en").iterdir()}
    for name in sorted(names):
        lab.bed.pbx.ami.action(
            "Originate", Channel=f"Local/{name}@{contract.CONTEXT_TELL}/n", Application="Wait",
            Data="10", Timeout=9000, Async="true",
        )  # fmt: skip
    until(lambda: names <= set(lab.prompts()), PATIENCE, "all prompts to be played")
    assert lab.complaints() == []


# -- names, both ways


def test_contexts() -> None:
    assert set(re.findall(r"^\[([^\]]+)\]", TEXT, re.M)) == set(contract.CONTEXTS)


def test_contexts_that_are_jumped_to_exist() -> None:
    used = set(re.findall(r"callback-[a-z]+(?:-[a-z]+)*", TEXT))
    assert used == {*contract.CONTEXTS, contract.CONTEXT_BEFORE_QUEUE}


def test_variables() -> None:
    used = set(re.findall(r"CALLBACK_[A-Z0-9_]+", TEXT))
    own = set(re.findall(r"(?:Set|Read)\((CALLBACK_[A-Z0-9_]+)[=,]", TEXT))
    shared = set(contract.ORIGINATE_VARIABLES) | set(contract.GATE_VARIABLES)
    assert used - own == shared
    assert not own & shared


@pytest.mark.case("CASES 2: extenpatternmatchnew=yes")
def test_no_name_stands_beside_a_pattern_that_matches_it() -> None:
    for block in re.split(r"^(?=\[)", TEXT, flags=re.M):
        extensions = set(re.findall(r"^exten => ([^,]+),", block, re.M))
        patterns = {one for one in extensions if one.startswith("_")}
        assert len(patterns) <= 1, block
        # Digits only, or a lower-case name: neither matches T, the one name that stands beside.
        if patterns:
            assert extensions - patterns <= {"T"}, block


def test_the_tokens_pattern() -> None:
    patterns = re.findall(r"exten => (_X{5,})", TEXT)
    assert set(patterns) == {"_" + "X" * TOKEN_DIGITS}
    assert len(patterns) == 6


def test_events_and_their_fields() -> None:
    events = re.findall(r"UserEvent\((\w+),(.*)\)$", TEXT, re.M)
    assert {name for name, _ in events} == {
        contract.EVENT_LEG, contract.EVENT_DOCTOR, contract.EVENT_FACTS,
    }  # fmt: skip
    [told] = [_fields(text) for name, text in events if name == contract.EVENT_FACTS]
    assert tuple(told) == contract.FACTS_FIELDS
    legs = [_fields(text) for name, text in events if name == contract.EVENT_LEG]
    by_leg = {fields["Leg"]: fields for fields in legs}
    assert set(by_leg) == {"agent", "customer", "first", "line", "own"}
    assert by_leg["line"] == {**by_leg["customer"], "Leg": "line"}
    assert list(by_leg["first"]) == ["Token", "Leg", *contract.FIRST_FIELDS]
    outcome = ["Token", "Leg", *contract.OUTCOME_FIELDS, contract.FIELD_WORD]
    assert list(by_leg["customer"]) == outcome
    assert all(fields["Token"] == "${" + contract.VAR_TOKEN + "}" for fields in legs)
    # What is left in AstDB are the same values in the same order.
    connected, left, first = re.findall(
        rf"Set\(DB\({contract.ASTDB_FAMILY}/\S+?\)=(.*)\)$", TEXT, re.M
    )
    assert connected == contract.CONNECTED
    assert f'"{contract.CONNECTED}"' in TEXT  # by which the end knows that an agent was there
    assert first.split("|") == [
        contract.LEFT_FIRST, *(by_leg["first"][name] for name in contract.FIRST_FIELDS)
    ]  # fmt: skip
    assert left.split("|") == [by_leg["customer"][name] for name in contract.OUTCOME_FIELDS]
    assert f"DB_DELETE({contract.ASTDB_FAMILY}/" in TEXT


def _fields(text: str) -> dict[str, str]:
    return dict(re.findall(r"(\w+): (\$\{.*?\}\)?|\w*)(?:,(?=\w+:)|$)", text))


def test_the_line_in_the_queue_log() -> None:
    [line] = re.findall(r"QueueLog\((.*)\)$", TEXT, re.M)
    assert line.endswith(f",{contract.QUEUE_LOG},${{{contract.VAR_REQUEST}}}")


def test_agi_paths() -> None:
    assert re.search(rf"CALLBACK_GATE=agi://\S+/{contract.AGI_GATE}\)", TEXT)
    assert f"/{contract.AGI_DOCTOR})" in TEXT


def test_prompts_exist_and_none_is_left_over() -> None:
    files = {path.name for path in (DIALPLAN / "sounds/en").iterdir()}
    named = {
        *contract.PROMPTS,
        *contract.PROMPTS_FIRST,
        *contract.PROMPTS_MEMBER,
        *(f"waited-{n}" for n in contract.WAITED_MINUTES),
    }
    assert files == {f"{name}.gsm" for name in named}


def test_what_a_customer_hears_and_what_is_made_of_it() -> None:
    assert set(re.findall(r"CALLBACK_SOUNDS\}(first-[a-z0-9-]+)", TEXT)) == set(
        contract.PROMPTS_FIRST
    )
    heard = re.findall(r"Set\(CALLBACK_HEARD=([a-z-]+)\)", TEXT)
    assert set(heard) == set(contract.HEARD)
    assert f"[{contract.CONTEXT_FIRST_QUEUE}]\nexten => {contract.EXTEN_FIRST_QUEUE},1," in TEXT


def test_prompts_that_are_told_are_known() -> None:
    told = set(re.findall(r"callback-tell,([a-z-]+),1", TEXT)) | {"no-gate"}
    assert told <= set(contract.PROMPTS)
    by_the_gate = {rule.prompt for rule in gate.TABLE.values()}
    assert gate.TABLE[gate.RefusalReason.CANCELLED].prompt == contract.PROMPT_CANCELLED
    assert set(contract.PROMPTS) == told | by_the_gate | {"callback"}


# -- the rights of the AMI user


def _rights(kind: str) -> set[str]:
    text = (DIALPLAN / "manager_callback.conf").read_text()
    [found] = re.findall(rf"^{kind} = (.*)$", text, re.M)
    return set(found.split(","))


def _privileges(lab: Deployment, action: str) -> set[str]:
    said = lab.bed.pbx.cli(f"manager show command {action}")
    found = re.search(r"\[Privilege\]\s*\n\s*(\S+)", said)
    assert found is not None, said
    return set(found[1].split(",")) - {"all", "<none>"}


@on_22_and_16
def test_the_ami_user_may_do_what_is_needed_and_no_more(lab: Deployment) -> None:
    write = _rights("write")
    assert {"Originate", "Hangup", "Redirect", "QueuePause", "CoreShowChannels", "DBGet"} <= ACTIONS
    needed = [_privileges(lab, action) for action in ACTIONS]
    assert all(rights & write for rights in needed if rights)
    for right in write:
        assert any(rights & write == {right} for rights in needed), f"{right} is not needed"


@on_22_and_16
def test_the_ami_user_may_read_what_is_needed_and_no_more(lab: Deployment) -> None:
    proxy = lab.proxy
    assert proxy is not None
    lab.kill_product()
    lab.start_product()  # for FullyBooted
    call = ask(lab, behaviours.answer(after=0.1, talk=0.2))
    call.wait("completed")
    seen: dict[str, Packet] = {}
    until(lambda: seen.update({p.get("Event", ""): p for p in proxy.events()}) or
          set(EVENTS) <= set(seen), 10.0, f"all of {EVENTS}")  # fmt: skip
    bearers = {name: set(seen[name]["Privilege"].split(",")) - {"all"} for name in EVENTS}
    assert all(rights & _rights("read") for rights in bearers.values())
    assert _rights("read") == set().union(*(r & _rights("read") for r in bearers.values()))


@pytest.mark.parametrize("right", ["system", "command", "config", "log", "dialplan", "all"])
def test_rights_that_would_be_a_shell_are_not_given(right: str) -> None:
    assert right not in _rights("write")
