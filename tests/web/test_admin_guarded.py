"""What one administrator does to another: it needs their own second factor, and both are told."""

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from asterisk_callback.domain.account import Grant, Role, User
from asterisk_callback.services.accounts.second_factor import code_at, new_secret
from tests.web.house import PASSWORD, House
from tests.web.insider import Insider
from tests.web.page import hidden, text_of
from tests.web.test_second_factor import secret_of

pytestmark = pytest.mark.case("CASES 7: one administrator makes a sign-in link for another")
FREE = 3  # wrong codes in a row (services/accounts/codes.py)
ADMINISTRATOR = Grant(Role.ADMINISTRATOR)


@pytest.fixture
def helen(house: House) -> User:
    return house.user("helen", ADMINISTRATOR)


def read_all(insider: Insider) -> None:
    """What they are told so far."""
    for up_to in re.findall(r'name="up_to" value="(\d+)"', insider.get("/account").text):
        insider.post("/account/told", up_to=up_to)


@pytest.fixture
def root(house: House, client: FlaskClient, helen: User) -> Insider:
    """Signed in, without a second factor."""
    house.user("root", ADMINISTRATOR)
    insider = Insider(client)
    insider.sign_in("root")
    return insider


def with_factor(house: House, root: Insider) -> str:
    """Turns root's second factor on. Returns its secret."""
    page = root.get("/account/second-factor")
    secret, signed = secret_of(page), hidden(page, "secret")
    typed = {"secret": signed, "code": code_at(secret, house.clock.now), "old": PASSWORD}
    assert root.post("/account/second-factor", **typed).status_code == 200
    house.clock.pass_(seconds=30)
    return secret


def named(house: House, login: str) -> User:
    with house.store.reading() as tx:
        user = tx.accounts.user_by_login(login)
    assert user is not None
    return user


def press(root: Insider, user: User, what: str, code: str = "", **typed: str) -> TestResponse:
    path = f"/admin/users/{user.id}"
    return root.post(f"{path}/{what}", on=path, code=code, **typed)


def link_in(page: TestResponse) -> str:
    found = re.search(r"http://localhost(/welcome/[\w-]+)<", page.text)
    assert found is not None, text_of(page)
    return found[1]


def test_without_a_second_factor_there_is_no_link(house: House, root: Insider, helen: User) -> None:
    own = named(house, "root")
    for user in (helen, own):  # one's own, too: it would be a way around one's password
        refused = press(root, user, "link")
        assert refused.status_code == 422 and "of your own second factor" in text_of(refused)
    assert "Turn it on first" in text_of(root.get(f"/admin/users/{helen.id}"))
    taken = press(root, helen, "revoke", role="administrator", queue="")
    assert taken.status_code == 422  # or the link would be free after it
    assert press(root, helen, "second-factor-off").status_code == 422
    with house.store.reading() as tx:
        kept = tx.accounts.get(helen.id)
    assert kept is not None and kept.link_hash is None and kept.may(Role.ADMINISTRATOR)
    anna = house.user("anna")
    assert link_in(press(root, anna, "link"))  # who is no administrator, as before


def test_a_link_with_a_code_and_both_are_told(house: House, root: Insider, helen: User) -> None:
    secret = with_factor(house, root)
    other = Insider(house.app().test_client())
    other.sign_in("helen")
    read_all(other)
    assert press(root, helen, "link", "000000").status_code == 422
    assert "sign-in refused" not in text_of(root.get("/account"))
    assert "not confirmed" in text_of(root.get("/account"))
    page = press(root, helen, "link", code_at(secret, house.clock.now))
    link = link_in(page)
    assert "You made a link for a new password of helen" in text_of(root.get("/account"))
    told = other.get("/account")
    assert "root made a link with which a new password is chosen for you" in text_of(told)
    assert "23 Nov, 14:01" in text_of(told)
    other.post("/account/told", up_to=hidden(told, "up_to"))
    assert "root made a link" not in text_of(other.get("/account"))
    assert other.get(link).status_code == 200
    code = code_at(secret, house.clock.now)
    assert press(root, helen, "link", code).status_code == 422  # one code, one link


def test_a_second_factor_turned_off_by_another(house: House, root: Insider, helen: User) -> None:
    secret = with_factor(house, root)
    with house.store.writing() as tx:
        tx.accounts.change(helen.id, totp_secret=new_secret())
    done = press(root, helen, "second-factor-off", code_at(secret, house.clock.now))
    assert done.status_code == 303
    assert "You turned off the second factor of helen" in text_of(root.get("/account"))
    other = Insider(house.app().test_client())
    other.sign_in("helen")
    assert "root turned your second factor off" in text_of(other.get("/account"))
    house.clock.pass_(seconds=30)
    code = code_at(secret, house.clock.now)
    gone = press(root, helen, "revoke", code, role="administrator", queue="")
    assert gone.status_code == 303
    assert other.get("/admin").status_code == 403
    assert "root took the role of an administrator from you" in text_of(other.get("/account"))
    assert "You took the role of an administrator from helen" in text_of(root.get("/account"))


def test_guesses_in_a_session_meet_the_same_pauses(
    house: House, root: Insider, helen: User
) -> None:
    secret = with_factor(house, root)
    for _ in range(FREE):
        assert press(root, helen, "link", "000000").status_code == 422
    right = press(root, helen, "link", code_at(secret, house.clock.now))
    assert right.status_code == 429 and "Too many wrong codes" in text_of(right)
    assert "3 wrong codes in a row" in text_of(root.get("/account"))


def test_what_the_command_line_does_is_told_too(house: House, helen: User) -> None:
    house.accounts.users.set_password(helen.id, PASSWORD, actor="operator")
    other = Insider(house.app().test_client())
    other.sign_in("helen")
    page = other.get("/account")
    assert "operator gave you another password" in text_of(page)
    # A first password, and a link for one, are the way in, and no news.
    new = house.accounts.users.add("new", "New", actor="operator")
    house.accounts.users.link(new.id, actor="operator")
    house.accounts.users.set_password(new.id, PASSWORD, actor="operator")
    assert house.accounts.users.notices(new.id) == []


def test_nobody_makes_an_administrator_unseen(house: House, root: Insider, helen: User) -> None:
    other = Insider(house.app().test_client())
    other.sign_in("helen")
    read_all(other)
    typed = {"login": "new", "role": "administrator", "queue": ""}
    assert root.post("/admin/users", on="/admin", **typed).status_code == 200
    for administrator in (root, other):
        assert "root made new an administrator" in text_of(administrator.get("/account"))
    read_all(other)
    assert "made new" not in text_of(other.get("/account")).partition("Lately")[0]
    assert house.accounts.users.notices(named(house, "new").id) == []


@pytest.mark.case("CASES 7: log-ins with invented names")
def test_strangers_do_not_push_grants_and_links_out(house: House, root: Insider) -> None:
    anna = house.user("anna")
    press(root, anna, "link")
    stranger = Insider(house.app().test_client())
    for number in range(36):
        stranger.sign_in(f"name{number}", "x")
    for _ in range(10):
        stranger.sign_in("anna", "x")
    page = text_of(root.get("/admin"))
    done, _, door = page.partition("Signing in")
    assert "link made: anna" in done and "granted: anna" in done and "refused" not in done
    assert door.count("unknown name") < 36 and "sign-in refused: anna" in door
    assert "link made" in text_of(root.get(f"/admin/users/{anna.id}"))
