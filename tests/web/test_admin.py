"""Administration: users are added, changed and closed by administrators, and all of it is shown."""

import re

import pytest
from flask.testing import FlaskClient

from asterisk_callback.domain.account import Grant, Role
from tests.web.house import PASSWORD, House
from tests.web.insider import Insider
from tests.web.page import text_of, value_of


@pytest.fixture
def admin(house: House, client: FlaskClient) -> Insider:
    house.user("root", Grant(Role.ADMINISTRATOR))
    insider = Insider(client)
    assert insider.sign_in("root").location == "/account/first"
    assert insider.get("/account/first").location == "/board"
    return insider


def of(house: House, login: str) -> str:
    """The address of their page."""
    with house.store.reading() as tx:
        user = tx.accounts.user_by_login(login)
    assert user is not None
    return f"/admin/users/{user.id}"


def test_a_user_is_added_and_comes_in(house: House, admin: Insider) -> None:
    typed = {"login": "Anna", "name": "Anna Berg", "member": "PJSIP/anna", "role": "agent"}
    done = admin.post("/admin/users", on="/admin", queue="support", **typed)
    link = re.search(r"http://localhost(/welcome/[\w-]+)<", done.text)
    assert done.status_code == 200 and link is not None
    anna = Insider(house.app().test_client())
    anna.post(link[1], on=link[1], password=PASSWORD)
    anna.sign_in()
    assert "agent of support" in text_of(anna.get("/account"))
    listed = text_of(admin.get("/admin"))
    assert "Anna Berg anna agent of support PJSIP/anna" in listed
    assert "added: anna" in listed and "by user:root" in listed and "by user:anna" in listed
    assert link[1].rpartition("/")[2] not in admin.get("/admin").text


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"login": "an na"}, "login", "A login name has"),
        ({"login": "root"}, "login", "Somebody has this login name"),
        ({"login": "anna", "member": "PJSIP/a,b"}, "member", "Write the queue member"),
        ({"login": "anna", "member": "Local/0900@out/n"}, "member", "Allowed are PJSIP/*, SIP/*"),
        ({"login": "anna", "role": "king"}, "role", "Choose a role"),
        ({"login": "anna", "role": "administrator", "queue": "support"}, "queue", "every queue"),
        ({"login": "anna", "role": "agent", "queue": "nowhere"}, "queue", "no callback queue"),
    ],
)
def test_mistakes_cost_nothing_typed(
    house: House, admin: Insider, typed: dict[str, str], field: str, sentence: str
) -> None:
    answer = admin.post("/admin/users", on="/admin", **({"name": "Anna Berg"} | typed))
    assert answer.status_code == 422 and sentence in text_of(answer)
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', answer.text)
    assert value_of(answer, "name") == "Anna Berg" and value_of(answer, "login") == typed["login"]
    assert len(house.accounts.users.all()) == 1


def test_a_user_is_changed(house: House, admin: Insider) -> None:
    house.user("anna", Grant(Role.AGENT, "support"))
    anna = Insider(house.app().test_client())
    anna.sign_in()
    path = of(house, "anna")

    def do(what: str = "", **typed: str) -> str:
        answer = admin.post(f"{path}{what}", on=path, **typed)
        assert answer.status_code == 303, text_of(answer)
        return text_of(admin.get(path))

    assert "Kept." in do(name="Anna B.", member="PJSIP/7")
    assert value_of(admin.get(path), "member") == "PJSIP/7"
    assert "supervisor of every queue" in do("/grant", role="supervisor", queue="")
    assert "Taken" in do("/revoke", role="agent", queue="support")
    assert "be supervisor of every queue" in text_of(anna.get("/account"))
    assert "be agent of support" not in text_of(anna.get("/account"))
    assert "Signed out everywhere" in do("/sign-out")
    assert not anna.is_in()
    assert "Disabled since" in do("/disable")
    assert anna.sign_in().status_code == 422
    assert "have a password" in do("/enable")
    assert anna.sign_in().status_code == 303
    shown = text_of(admin.get(path))
    for event in ("changed", "granted", "revoked", "disabled", "enabled", "sign-in refused"):
        assert event in shown


def test_the_only_administrator_stays(house: House, admin: Insider) -> None:
    path = of(house, "root")
    for what, typed in (("/disable", {}), ("/revoke", {"role": "administrator", "queue": ""})):
        answer = admin.post(f"{path}{what}", on=path, **typed)
        assert answer.status_code == 422 and "the only administrator" in text_of(answer)
    assert admin.is_in()


def test_nobody_there(admin: Insider) -> None:
    answer = admin.get("/admin/users/99")
    assert answer.status_code == 404 and "There is no such page" in text_of(answer)


def test_for_administrators_only(house: House, admin: Insider) -> None:
    house.user("sue", Grant(Role.SUPERVISOR))
    sue = Insider(house.app().test_client())
    sue.sign_in("sue")
    own = of(house, "sue")
    assert "Administration" not in text_of(sue.get("/account"))
    assert sue.get("/admin").status_code == sue.get(own).status_code == 403
    for what in ("/grant", "/link", "/enable"):
        refused = sue.post(f"{own}{what}", on="/account", role="administrator")
        assert refused.status_code == 403
    assert len(house.accounts.users.all()) == 2
