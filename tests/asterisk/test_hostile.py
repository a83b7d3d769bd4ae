"""P14: nothing that a user typed reaches AMI, whatever was typed, where, and into which field."""

import re
import urllib.parse
from datetime import UTC, datetime, timedelta

from asterisk_callback.telephony import contract
from tests.lab import behaviours
from tests.lab.calls import AT_ONCE, Call
from tests.lab.deployment import Deployment
from tests.lab.deployment_files import API_KEY
from tests.lab.web_client import WebClient

MARK = "Zq9x"
TEXTS = (
    f"{MARK}\r\nAction: Originate\r\nChannel: Local/1001@from-agents\r\n\r\n",
    f"{MARK}\nVariable: DB(x/y)=evil",
    f"${{SHELL(touch /tmp/{MARK})}}",
    f'$["{MARK}"="1"]',
    f"{MARK},DB(x/y)=evil",
    f"{MARK}&PJSIP/1001",
    f"{MARK}\" <1001> \\ '; DROP TABLE requests; --",
    f"{MARK}\x00\x1b[31m",
    f"{MARK}\u202e\u2028é漢",
    f"{MARK} Ѕuppоrt \u2066аgеnt\u2069 １００１",
    MARK * 2500,
)
# All of a field that is kept as it was typed, within its 80 letters.
KEPT = f"{MARK} \" <1001> \\ '&PJSIP/1001,DB(x/y)=evil;${{SHELL(id)}} $[1+1] Ѕuppоrt"
FORM = (
    "phone",
    "queue",
    "name",
    "topic",
    "about",
    "email",
    "country",
    "when",
    "slot",
    "time_zone",
    "key",
)
API: tuple[str, ...] = (
    "phone",
    "queue",
    "name",
    "topic",
    "about",
    "email",
    "locale",
    "scheduled_for",
)
API += ("time_zone", MARK)
TEXT_FIELDS = ("name", "topic", "about")
MODULE = re.compile(r"IFMODULE\([a-z_]+\.so\)")  # one of our own table (telephony/modules.py)
SAFE = re.compile(r"[A-Za-z0-9 /@<>=_.,:;&+-]*")


def test_nothing_typed_reaches_ami(lab: Deployment) -> None:
    world, proxy = lab.bed.world, lab.proxy
    assert proxy is not None
    number = lab.number()
    world.customer(number, behaviours.answer(after=0.1, talk=0.2))
    for agent in ("1001", "1002"):
        lab.bed.log_out(agent)
    # One real call follows all of it, with a hostile name from the start.
    texts = {"name": KEPT, "topic": KEPT, "about": f"{KEPT}\r\n{TEXTS[0]}"}
    first = WebClient(lab.base_url).submit(phone=number, queue="support", **texts)
    assert first.code == 303
    call = Call(lab, number, first.location.rpartition("/")[2])
    codes = {*_through_the_form(lab, number), *_through_the_embed(lab, number)}
    codes |= {*_through_the_api(lab, number), *_by_moving(lab), *_by_changing(lab, number)}
    assert codes <= {200, 201, 303, 400, 413, 422}, codes
    world.agent("1001", AT_ONCE)
    lab.bed.log_in("1001")
    call.wait("completed")
    call.rings(1)
    lab.bed.pbx.wait_idle()

    sent = proxy.sent.decode("utf-8", "replace")
    assert MARK not in sent
    assert number.lstrip("+") not in sent  # the number comes from the gate, never over AMI
    for action in proxy.actions():
        for key, value in action.items():
            for line in value.split("\n"):
                module = action["Action"] == "Getvar" and MODULE.fullmatch(line)
                assert SAFE.fullmatch(line) or module, (key, line)
    for originate in proxy.actions("Originate"):
        names = {v.partition("=")[0].lstrip("_") for v in originate.get("Variable", "").split("\n")}
        assert names <= {*contract.ORIGINATE_VARIABLES, ""}
    assert MARK not in lab.bed.pbx.log_file.read_text(errors="replace")
    assert "/x/y" not in lab.bed.pbx.cli("database show")


def _through_the_form(lab: Deployment, number: str) -> set[int]:
    """Every text in every field of the form; the codes of the answers."""
    client, codes = WebClient(lab.base_url), set()
    form = client.fill(phone=number, queue="support")
    for field in FORM:
        for text in TEXTS:
            later = {"when": "later"} if field == "slot" else {}
            key = {"key": client.get("/").hidden("key")} if field in TEXT_FIELDS else {}
            codes.add(client.post("/callbacks", {**form, **later, **key, field: text}).code)
    codes.add(client.get(f"/c/{MARK}").code)
    assert 404 in codes
    return codes - {404, 409}  # 409: the same key with another text


def _through_the_embed(lab: Deployment, number: str) -> set[int]:
    """The form on another website: each text in what it keeps, in its token and in its site's
    name. The rest is the form's own code."""
    client, codes = WebClient(lab.base_url), set()

    def form() -> dict[str, str]:
        token = client.get("/embed/shop").hidden("token")
        return {"country": "GB", "when": "asap", "phone": number, "queue": "support"} | {
            "token": token
        }

    stale = form()
    for text in TEXTS:
        codes.add(client.post("/embed/shop", form() | dict.fromkeys(TEXT_FIELDS, text)).code)
        for field in ("phone", "queue", "token"):
            codes.add(client.post("/embed/shop", stale | {field: text}).code)
        site = urllib.parse.quote(text, safe="")
        assert client.post(f"/embed/{site}", stale).code in (404, 414)
    return codes


def _through_the_api(lab: Deployment, number: str) -> set[int]:
    """Every text in every field of the API."""
    client, codes = WebClient(lab.base_url), set()
    for field in API:
        for text in TEXTS:
            body = {"phone": number, "queue": "support", field: text}
            codes.add(client.api("POST", "", API_KEY, body)[0])
    return codes


def _by_moving(lab: Deployment) -> set[int]:
    """Every text in every field of a move, of a call that comes the day after tomorrow."""
    client = WebClient(lab.base_url)
    then = (datetime.now(UTC) + timedelta(days=2)).isoformat(timespec="minutes")
    body = {"phone": lab.number(), "queue": "support", "scheduled_for": then}
    code, made = client.api("POST", "", API_KEY, body)
    codes = {code}
    for field in ("scheduled_for", "time_zone", MARK):
        for text in TEXTS:
            move = {"scheduled_for": then} | {field: text}
            codes.add(client.api("PATCH", f"/{made['id']}", API_KEY, move)[0])
    assert client.api("DELETE", f"/{made['id']}", API_KEY)[0] == 200
    return codes


def _by_changing(lab: Deployment, number: str) -> set[int]:
    """Every text in every field of the status page; then the wish takes the number of the call."""
    client, other = WebClient(lab.base_url), lab.number()
    then = (datetime.now(UTC) + timedelta(days=2)).isoformat(timespec="minutes")
    body = {"phone": other, "queue": "support", "scheduled_for": then, "name": KEPT}
    page = f"/c/{client.api('POST', '', API_KEY, body)[1]['status_url'].rpartition('/')[2]}"
    form = {"csrf_token": client.get(page).hidden("csrf_token")}
    codes = set()
    for action, fields in {"number": ("phone", "country"), "move": ("slot", "day")}.items():
        for field in fields:
            for text in TEXTS:
                typed = {"phone": "12" if field == "country" else "", "slot": ""} | {field: text}
                codes.add(client.post(f"{page}/{action}", form | typed).code)
    assert codes <= {413, 422}, codes
    codes.add(client.post(f"{page}/number", form | {"phone": number, "country": "GB"}).code)
    assert not lab.attempts_for(other)
    return codes
