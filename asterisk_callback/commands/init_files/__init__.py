"""What `asterisk-callback init` writes: a commented configuration and the files for Asterisk."""

import json
import os
import re
import secrets
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from asterisk_callback.commands.init_files.pbx import ASTERISK, FREEPBX, PbxKind
from asterisk_callback.config.fields import ETC, Address
from asterisk_callback.telephony import contract

__all__ = ["ASTERISK", "FREEPBX", "Answers", "PbxKind", "lines_to_add", "write"]

# The files that hold a secret are readable by their owner only.
SECRET_MODE, PLAIN_MODE = 0o600, 0o644


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """What the admin said. queue: the callback queue's name and, unless they differ, Asterisk's."""

    company: str
    country: str
    zone: str
    queue: str
    asterisk_queue: str
    dial: str
    caller_id: str
    listen: Address
    gate: Address
    ami: Address
    pbx: PbxKind = ASTERISK
    instance: str = ""
    etc: Path = ETC


def lines_to_add(answers: Answers) -> dict[str, str]:
    """What Asterisk's own files get at their end, by file. Always `#tryinclude`: with #include a
    file that is missing or unreadable takes the whole dialplan, or AMI, away at the next start."""
    named = partial(contract.file_of, instance=answers.instance)
    return {
        answers.pbx.dialplan: _tryinclude(
            named(contract.FILE_SETTINGS), named(contract.FILE_EXTENSIONS)
        ),
        answers.pbx.manager: _tryinclude(named(contract.FILE_MANAGER)),
    }


def ami_user(instance: str) -> str:
    return contract.AMI_USER + (f"-{instance}" if instance else "")


def _tryinclude(*files: str) -> str:
    return "".join(f"#tryinclude {file}\n" for file in files)


def write(folder: Path, answers: Answers) -> list[Path]:
    """Writes everything below `folder` and returns the paths.

    Nothing is overwritten: FileExistsError names the first file that is in the way, and then
    nothing was written. Raises OSError.
    """
    contents = _contents(answers)
    for path in contents:
        if (folder / path).exists():
            raise FileExistsError(17, "is in the way; init overwrites nothing", str(folder / path))
    written = []
    for path, (data, mode) in contents.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        written.append(target)
    return written


def _contents(answers: Answers) -> dict[Path, tuple[bytes, int]]:
    ami_secret = secrets.token_urlsafe(24)
    asterisk = Path("asterisk")
    found = {
        Path("callback.toml"): (_configuration(answers, ami_secret).encode(), SECRET_MODE),
    }
    for relative, source in _tree(files("dialplan")):
        data, mode = source.read_bytes(), PLAIN_MODE
        match relative.name:
            case contract.FILE_MANAGER:
                data = _exchange(data, b"CHANGE-ME", ami_secret.encode())
                user = f"[{ami_user(answers.instance)}]".encode()
                data = _exchange(data, f"[{contract.AMI_USER}]".encode(), user)
                mode = SECRET_MODE
            case contract.FILE_SETTINGS:
                data = _exchange(data, b"127.0.0.1:4574", str(answers.gate).encode())
        if relative.suffix == ".conf":
            data = _of_instance(data.decode(), answers.instance).encode()
            relative = relative.with_name(contract.file_of(relative.name, answers.instance))
        if relative.parts[0] == "sounds":
            # Asterisk finds `callback/busy` in its sounds' folder as LANGUAGE/callback/busy.gsm.
            relative = relative.parent / "callback" / relative.name
        found[asterisk / relative] = (data, mode)
    return found


def _of_instance(text: str, instance: str) -> str:
    """Contexts, AstDB families, and the names of the files that the comments speak of."""
    for name in contract.FILES:
        text = text.replace(name, contract.file_of(name, instance))
    return contract.of_instance(text, instance)


def _opened(lines: re.Match[str]) -> str:
    return lines[1].replace("\n# ", "\n")


def _configuration(answers: Answers, ami_secret: str) -> str:
    values = {
        "COMPANY": answers.company,
        "COUNTRY": answers.country,
        "ZONE": answers.zone,
        "TITLE": answers.queue.replace("-", " ").capitalize(),
        "ASTERISK_QUEUE": answers.asterisk_queue,
        "DIAL": answers.dial,
        "CALLER_ID": answers.caller_id,
        "LISTEN": str(answers.listen),
        "BASE_URL": f"http://{answers.listen}",
        "GATE": str(answers.gate),
        "AMI_HOST": answers.ami.host,
        "AMI_SECRET": ami_secret,
        "AMI_USER": ami_user(answers.instance),
        "SECRET_KEY": secrets.token_urlsafe(36),
    }
    text = files(__name__).joinpath("callback.toml.tmpl").read_text(encoding="utf-8")
    text = text.replace("@QUEUE@", answers.queue).replace("@AMI_PORT@", str(answers.ami.port))
    if answers.pbx.members:
        members = json.dumps(answers.pbx.members)
        text = re.sub(r"(?m)^# members = .*$", f"members = {members}", text, count=1)
    if answers.pbx.log_in:
        text = re.sub(r"(?m)^# (\[asterisk\.log_in\.pbx\](?:\n# .+)+)", _opened, text)
    if answers.instance:
        text = re.sub(r'(?m)^# instance = "north"  ', f'instance = "{answers.instance}"', text)
    if answers.etc != ETC:
        folder = json.dumps(str(answers.etc), ensure_ascii=False)
        text = re.sub(r'(?m)^# etc = "[^"]*"', lambda _: f"etc = {folder}", text)
    # A JSON string is a TOML basic string, too.
    return re.sub(r"@([A-Z_]+)@", lambda m: json.dumps(values[m[1]], ensure_ascii=False), text)


def _tree(folder: Traversable, below: Path = Path()) -> list[tuple[Path, Traversable]]:
    """Every file to copy, but none of Python's own."""
    found = []
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.is_dir() and entry.name != "__pycache__":
            found += _tree(entry, below / entry.name)
        elif entry.is_file() and not entry.name.endswith((".py", ".pyc")):
            found.append((below / entry.name, entry))
    return found


def _exchange(data: bytes, old: bytes, new: bytes) -> bytes:
    assert old in data, "the sample no longer has what init fills in"
    return data.replace(old, new)
