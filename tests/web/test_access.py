"""Every route has its rule, and the rule is kept: by role, and by queue."""

import pytest
from flask import Blueprint

from asterisk_callback.commands.fair_turns import lane_of
from asterisk_callback.domain.account import EVERY_QUEUE, Grant, Role, User, UserId
from flask_app import app as whole
from flask_app import create_app
from flask_app.shared import access
from flask_app.shared.access import signed_in
from tests.web.house import MONDAY, House
from tests.web.insider import PAGE, Insider

EVERYBODY = "everybody"
SECRET = "whoever has the secret of a status page"
TEAM = "whoever has the secret of a team's page"
API_KEY = "a site, by its API key"
SITE = "everybody, in the name of a configured site"
SIGNED_IN = "who is signed in"
ADMINISTRATOR = "who is signed in as administrator"
AGENT = "who is signed in as agent or higher"
SUPERVISOR = "who is signed in as supervisor or higher"
AGENT = "who is signed in as agent or higher"

# Who may use which route. A new route comes in with a row here.
RULES = {
    "static": EVERYBODY,
    "theme.sheet": EVERYBODY,
    "contact.form": EVERYBODY,
    "contact.form_of_queue": EVERYBODY,
    "contact.fragment": EVERYBODY,
    "contact.adjust": EVERYBODY,
    "contact.submit": EVERYBODY,
    "customer.status": SECRET,
    "customer.fragment": SECRET,
    "customer.calendar": SECRET,
    "customer.deleted": SECRET,
    "done.page": TEAM,
    "done.mark": TEAM,
    "change.now": SECRET,
    "change.move": SECRET,
    "change.number": SECRET,
    "change.cancel": SECRET,
    "change.erase": SECRET,
    "embed_script": EVERYBODY,
    "embed.form": SITE,
    "embed.fragment": SITE,
    "embed.adjust": SITE,
    "embed.submit": SITE,
    "embed.status": SITE,
    "embed.status_fragment": SITE,
    "api.describe": EVERYBODY,
    "api.availability": API_KEY,
    "api.create": API_KEY,
    "api.read": API_KEY,
    "api.move": API_KEY,
    "api.cancel": API_KEY,
    "health.alive": EVERYBODY,
    "health.ready": EVERYBODY,
    "sign_in.form": EVERYBODY,
    "sign_in.submit": EVERYBODY,
    "sign_in.code": EVERYBODY,
    "sign_in.out": EVERYBODY,
    "sign_in.welcome": EVERYBODY,
    "sign_in.choose": EVERYBODY,
    "account.first": SIGNED_IN,
    "account.page": SIGNED_IN,
    "account.password": SIGNED_IN,
    "account.factor": SIGNED_IN,
    "account.turn_on": SIGNED_IN,
    "account.turn_off": SIGNED_IN,
    "account.recovery_codes": SIGNED_IN,
    "account.everywhere": SIGNED_IN,
    "account.told": SIGNED_IN,
    "console.page": AGENT,
    "console.fragment": AGENT,
    "console.awake": AGENT,
    "console.take": AGENT,
    "console.pass_on": AGENT,
    "console.call_back": AGENT,
    "console.cancel": AGENT,
    "console.drop": AGENT,
    "console.wrap_up": AGENT,
    "console.leave": AGENT,
    "board.page": SUPERVISOR,
    "board.fragment": SUPERVISOR,
    "board_actions.page": SUPERVISOR,
    "board_actions.call_next": SUPERVISOR,
    "board_actions.cancel": SUPERVISOR,
    "board_actions.again": SUPERVISOR,
    "board_actions.move": SUPERVISOR,
    "board_actions.give": SUPERVISOR,
    "board_bulk.choose": SUPERVISOR,
    "board_bulk.confirmed": SUPERVISOR,
    "board_holds.dialling": SUPERVISOR,
    "board_holds.intake": SUPERVISOR,
    "presence.press": AGENT,
    "reports.page": SUPERVISOR,
    "reports.figures": SUPERVISOR,
    "reports.requests": SUPERVISOR,
    "admin.page": ADMINISTRATOR,
    "admin.add": ADMINISTRATOR,
    "admin.user": ADMINISTRATOR,
    "admin.change": ADMINISTRATOR,
    "admin.grant": ADMINISTRATOR,
    "admin.revoke": ADMINISTRATOR,
    "admin.link": ADMINISTRATOR,
    "admin.disable": ADMINISTRATOR,
    "admin.enable": ADMINISTRATOR,
    "admin.factor_off": ADMINISTRATOR,
    "admin.sign_out": ADMINISTRATOR,
}


def test_the_rules_of_all_routes(house: House) -> None:
    app = house.app()
    known = {name: rule.who if rule else None for name, rule in access.rules(app).items()}
    assert known == RULES
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(RULES)


def test_a_route_without_a_rule_stops_the_start(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten = Blueprint("forgotten", __name__)
    forgotten.get("/forgotten")(lambda: "everything")
    monkeypatch.setattr(whole, "STAFF_BLUEPRINTS", (*whole.STAFF_BLUEPRINTS, forgotten))
    with pytest.raises(RuntimeError, match="forgotten"):
        create_app(house.parts)


@pytest.fixture
def desk(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """With pages for agents, supervisors, and supervisors of one queue."""
    blueprint = Blueprint("desk", __name__)

    @signed_in(Role.SUPERVISOR)
    @blueprint.get("/board")
    def board() -> str:
        return "the board"

    @blueprint.route("/queues/<queue>", methods=["GET", "POST"])
    @signed_in(Role.SUPERVISOR)
    def of_queue(queue: str) -> str:
        access.require(Role.AGENT, queue)
        return queue

    @blueprint.get("/ticking")
    @signed_in(quiet=True)
    def ticking() -> str:
        return access.me().login

    monkeypatch.setattr(whole, "STAFF_BLUEPRINTS", (*whole.STAFF_BLUEPRINTS, blueprint))
    return house


def codes(house: House, login: str) -> tuple[int, int, int]:
    """What /board, /queues/support and /queues/sales answer them."""
    one = Insider(house.app().test_client())
    assert one.sign_in(login).status_code == 303
    board, support, sales = (
        one.get(path).status_code for path in ("/board", "/queues/support", "/queues/sales")
    )
    return board, support, sales


def test_roles_per_queue(desk: House) -> None:
    desk.user("agent", Grant(Role.AGENT, "support"))
    desk.user("both", Grant(Role.SUPERVISOR, "support"), Grant(Role.AGENT, "sales"))
    desk.user("every", Grant(Role.SUPERVISOR))
    desk.user("admin", Grant(Role.ADMINISTRATOR))
    nothing = desk.user("nothing")
    desk.accounts.users.revoke(nothing.id, "agent", EVERY_QUEUE, actor="test")
    assert codes(desk, "agent") == (403, 403, 403)
    assert codes(desk, "both") == (200, 200, 403)
    assert codes(desk, "every") == (200, 200, 200)
    assert codes(desk, "admin") == (200, 200, 200)
    assert codes(desk, "nothing") == (403, 403, 403)


def test_a_role_is_taken_at_once(desk: House) -> None:
    user = desk.user("sue", Grant(Role.SUPERVISOR, "support"))
    one = Insider(desk.app().test_client())
    one.sign_in("sue")
    assert one.get("/board").status_code == 200
    desk.accounts.users.revoke(user.id, "supervisor", "support", actor="test")
    refused = one.get("/board")
    assert refused.status_code == 403


def test_strangers_are_sent_to_sign_in(desk: House) -> None:
    client = desk.app().test_client()
    for path in ("/board", "/queues/support", "/account"):
        assert client.get(path, headers=PAGE).location.startswith("/login?next=")
        assert client.get(path).status_code == 401
        assert client.post(path).status_code in (400, 405)


def test_what_a_script_asks_keeps_nobody_awake(desk: House) -> None:
    desk.user()
    one = Insider(desk.app().test_client())
    one.sign_in()
    for _ in range(2):
        desk.clock.pass_(minutes=14)
        assert one.get("/ticking").status_code == 200
    desk.clock.pass_(minutes=3)
    assert one.get("/ticking").status_code == 303


def test_what_a_user_may() -> None:
    user = User(
        id=UserId(1),
        login="a",
        name="A",
        created_at=MONDAY,
        grants=(Grant(Role.SUPERVISOR, "sales"), Grant(Role.AGENT)),
    )
    assert user.queues(Role.AGENT, ["support", "sales"]) == ("support", "sales")
    assert user.queues(Role.SUPERVISOR, ["support", "sales"]) == ("sales",)
    assert user.role is Role.SUPERVISOR and not user.may(Role.ADMINISTRATOR)


def test_the_inside_has_turns_of_its_own(house: House) -> None:
    """commands/fair_turns.py knows its paths."""
    names = {one.name for one in whole.STAFF_BLUEPRINTS}
    for rule in house.app().url_map.iter_rules():
        own = lane_of(f"GET {rule.rule} HTTP/1.1\r\n".encode(), "", 0).own
        watched = rule.endpoint.startswith("health.")
        assert own == (rule.endpoint.partition(".")[0] in names or watched), rule
