"""Signing in and out: the cookie, the throttle, the second factor, the end of a session."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.services.accounts import sign_in, throttle
from tests.web.house import PASSWORD, House
from tests.web.insider import PAGE, Insider
from tests.web.page import hidden, text_of

NO = "Name and password don’t fit together."


@pytest.fixture
def insider(client: FlaskClient) -> Insider:
    return Insider(client)


def cookie_of(answer: TestResponse, name: str) -> str:
    (found,) = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith(f"{name}=")]
    return found


def events(house: House) -> list[str]:
    with house.store.reading() as tx:
        return [f"{one.login} {one.event} {one.detail}".strip() for one in tx.accounts.events()]


def test_in_and_out(house: House, insider: Insider) -> None:
    house.user()
    assert not insider.is_in()
    answer = insider.sign_in("  Anna ")
    assert answer.status_code == 303 and insider.is_in()
    page = insider.get("/account")
    assert "Anna" in text_of(page) and "agent of every queue" in text_of(page)
    assert page.headers["Cache-Control"] == "no-store"
    assert insider.post("/logout").location == "/login"
    assert not insider.is_in()


def test_the_cookie_over_http_and_tls(house: House, tmp_path: Path) -> None:
    house.user()
    plain = cookie_of(Insider(house.app().test_client()).sign_in(), "inside")
    assert "HttpOnly" in plain and "SameSite=Lax" in plain and "Path=/" in plain
    assert "Secure" not in plain and "Domain" not in plain and "Expires" not in plain
    app = house.app(base_url="https://call.example.org")
    client = app.test_client()
    base = {"base_url": "https://call.example.org", "headers": PAGE}
    token = hidden(client.get("/login", **base), "csrf_token")
    typed = {"csrf_token": token, "login": "anna", "password": PASSWORD}
    answer = client.post("/login", data=typed, **base)
    assert "; Secure; HttpOnly; Path=/" in cookie_of(answer, "__Host-callback")
    safe = cookie_of(answer, "__Host-inside")
    assert "Secure" in safe and "HttpOnly" in safe and "SameSite=Lax" in safe
    assert "Path=/" in safe and "Domain" not in safe


def test_each_sign_in_has_a_token_of_its_own(house: House, insider: Insider) -> None:
    """A cookie that somebody planted before is worth nothing after."""
    house.user()
    insider.client.set_cookie("inside", "planted")
    token = hidden(insider.get("/login"), "csrf_token")
    first = cookie_of(insider.sign_in(), "inside")
    assert "planted" not in first
    insider.post("/logout")
    assert hidden(insider.get("/login"), "csrf_token") != token
    assert cookie_of(insider.sign_in(), "inside") != first


def test_tabs_served_at_once_after_a_sign_in_take_each_others_forms(
    house: House, insider: Insider
) -> None:
    """A console that waits, and the tab in which its agent signed in: the last cookie wins."""
    house.user()
    insider.sign_in()
    signed_in = insider.client.get_cookie("callback")
    assert signed_in is not None
    waits = hidden(insider.get("/account"), "csrf_token")
    insider.client.set_cookie("callback", signed_in.value)
    insider.get("/account")
    sent = insider.client.post("/logout", data={"csrf_token": waits}, headers=PAGE)
    assert sent.status_code == 303


def test_only_hashes_of_tokens_are_kept(house: House, insider: Insider) -> None:
    house.user()
    cookie = cookie_of(insider.sign_in(), "inside").partition("=")[2].partition(";")[0]
    link = house.accounts.users.link(house.user("ben").id, actor="test")
    with house.store.connect() as connection, connection.begin():
        for table in ("account", "account_session", "account_event", "sign_in_try"):
            rows = str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())
            assert cookie not in rows and link not in rows and PASSWORD not in rows


@pytest.mark.parametrize(
    ("login", "password"),
    [("anna", "wrong"), ("nobody", PASSWORD), ("off", PASSWORD), ("new", PASSWORD), ("a\0b", "x")],
)
def test_every_refusal_is_the_same(
    house: House, insider: Insider, login: str, password: str
) -> None:
    """And costs the same: one hash is verified, whoever it is."""
    house.user()
    house.accounts.users.disable(house.user("off").id, actor="test")
    house.accounts.users.add("new", "New", actor="test")
    verified: list[str | None] = []
    fits: Callable[[str, str | None], bool] = house.passwords.fits
    house.passwords.fits = lambda *asked: verified.append(asked[1]) or fits(*asked)  # type: ignore
    answer = insider.sign_in(login, password)
    assert answer.status_code == 422 and NO in text_of(answer)
    assert len(verified) == 1
    assert not insider.is_in()


def test_what_was_typed_as_a_name_is_not_written_down(house: House, insider: Insider) -> None:
    insider.sign_in("my secret password", "x")
    assert events(house) == ["sign-in refused unknown name"]


@pytest.mark.parametrize("login", ["anna", "nobody"])
def test_too_many_tries(house: House, insider: Insider, login: str) -> None:
    house.user()
    for _ in range(throttle.PER_NAME):
        assert insider.sign_in(login, "wrong").status_code == 422
    answer = insider.sign_in(login, PASSWORD)
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) == 15 * 60
    assert login in answer.text  # what was typed is kept
    refused = [one for one in events(house) if "refused" in one]
    assert len(refused) == throttle.PER_NAME and "no more tries" in refused[0]
    house.clock.pass_(minutes=16)
    assert insider.sign_in(login, PASSWORD).status_code == (303 if login == "anna" else 422)


def test_signing_in_clears_the_count(house: House, insider: Insider) -> None:
    house.user()
    for _ in range(3):
        for _ in range(throttle.PER_NAME - 1):
            insider.sign_in(password="wrong")
        assert insider.sign_in().status_code == 303
        insider.post("/logout")


def test_nobody_can_lock_somebody_else_out(house: House, insider: Insider) -> None:
    """Of a browser in which they have signed in before."""
    house.user()
    house.user("ben")
    insider.sign_in()
    insider.post("/logout")
    stranger = Insider(house.app().test_client())
    for _ in range(throttle.PER_NAME + 1):
        stranger.sign_in(password="wrong")
    assert stranger.sign_in().status_code == 429
    assert insider.sign_in().status_code == 303
    insider.post("/logout")
    # It helps with this one name only, and has a limit of its own.
    for _ in range(throttle.PER_NAME):
        assert insider.sign_in(password="wrong").status_code == 422
    assert insider.sign_in().status_code == 429
    for _ in range(throttle.PER_NAME):
        stranger.sign_in("ben", "wrong")
    assert insider.sign_in("ben").status_code == 429
    insider.client.set_cookie("known", "forged")
    assert insider.sign_in().status_code == 429


def test_too_many_names_from_one_address(
    house: House, insider: Insider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "PER_ADDRESS", 5)
    house.user()
    for number in range(5):
        assert insider.sign_in(f"name{number}", "wrong").status_code == 422
    assert insider.sign_in().status_code == 429


@pytest.mark.case("CASES 7: a known browser is judged by its own counter only")
def test_fifty_wrong_log_ins_from_the_owners_address(house: House, insider: Insider) -> None:
    """An office behind one address: its guest must not lock everybody out."""
    house.user()
    insider.sign_in()
    insider.post("/logout")
    stranger = Insider(house.app().test_client())
    for number in range(throttle.PER_ADDRESS):
        assert stranger.sign_in(f"name{number}", "wrong").status_code == 422
    assert stranger.sign_in("name50", "wrong").status_code == 429
    assert insider.sign_in().status_code == 303
    insider.post("/logout")
    # Nor do one's own slips in such a browser keep others of this address out.
    house.clock.pass_(minutes=16)
    for _ in range(throttle.PER_NAME):
        insider.sign_in(password="wrong")
    with house.store.reading() as tx:
        assert tx.sessions.tries_since(house.clock.now - throttle.WINDOW, address="127.0.0.1") == []


def test_a_session_ends_by_itself(house: House, insider: Insider) -> None:
    house.user()
    insider.sign_in()
    for _ in range(5):
        house.clock.pass_(minutes=29)
        assert insider.is_in()
    house.clock.pass_(minutes=31)
    assert not insider.is_in()
    insider.sign_in()
    for _ in range(24):
        house.clock.pass_(minutes=29)
        assert insider.is_in()
    house.clock.pass_(minutes=25)  # twelve hours and a minute, never idle
    assert not insider.is_in()


def test_where_one_wanted_to_go(house: House, insider: Insider) -> None:
    house.user()
    sent = insider.get("/account?a=b")
    assert sent.location == "/login?next=/account?a%3Db"
    page = insider.get(sent.location)
    assert insider.sign_in(next=hidden(page, "next")).location == "/account?a=b"
    # A script is told plainly.
    assert house.app().test_client().get("/account").status_code == 401


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil", "evil"]
)
def test_it_never_leads_elsewhere(house: House, insider: Insider, elsewhere: str) -> None:
    house.user()
    assert insider.sign_in(next=elsewhere).location == "/account/first"


def test_no_form_without_its_token(house: House, insider: Insider) -> None:
    house.user()
    refused = insider.client.post("/login", data={"login": "anna", "password": PASSWORD})
    assert refused.status_code == 400 and "Send it once more" in text_of(refused)
    insider.sign_in()
    for path in ("/logout", "/account/password", "/account/sign-out-everywhere"):
        assert insider.client.post(path, headers=PAGE).status_code == 400
    assert insider.is_in()


def test_a_new_password_ends_the_other_sessions(house: House, insider: Insider) -> None:
    house.user()
    other = Insider(house.app().test_client())
    other.sign_in()
    insider.sign_in()
    new = "five words in a row"
    for typed, sentence in (
        ({"old": "wrong", "password": new}, "not your current password"),
        ({"old": PASSWORD, "password": "short"}, "at least 12"),
        ({"old": PASSWORD, "password": "annaannaanna1"}, "too easy"),
        ({"old": PASSWORD, "password": "password1234"}, "too easy"),
    ):
        refused = insider.post("/account/password", **typed)
        assert refused.status_code == 422 and sentence in text_of(refused)
    assert other.is_in()
    assert insider.post("/account/password", old=PASSWORD, password=new).status_code == 303
    assert insider.is_in() and not other.is_in()
    assert other.sign_in().status_code == 422 and other.sign_in(password=new).status_code == 303


@pytest.mark.case("CASES 7: wrong current passwords have a counter of their own")
def test_wrong_current_passwords(house: House, insider: Insider) -> None:
    """They are written as refusals, and log-ins at the door neither use up their tries nor lose
    any by them."""
    house.user()
    insider.sign_in()
    stranger = Insider(house.app().test_client())
    for _ in range(throttle.PER_NAME):
        stranger.sign_in(password="wrong")
    new = "five words in a row"
    for _ in range(throttle.PER_NAME):
        refused = insider.post("/account/password", old="wrong", password=new)
        assert refused.status_code == 422 and "not your current" in text_of(refused)
    assert events(house)[0] == "anna not confirmed wrong current password"
    assert insider.post("/account/password", old=PASSWORD, password=new).status_code == 429
    known = [one for one in events(house) if "not confirmed" in one]
    assert len(known) == throttle.PER_NAME
    insider.post("/logout")
    assert insider.sign_in().status_code == 303
    house.clock.pass_(minutes=16)
    assert insider.post("/account/password", old=PASSWORD, password=new).status_code == 303


@pytest.mark.case("CASES 7: log-ins with invented names")
def test_strangers_at_the_door_are_remembered_in_part(
    house: House, insider: Insider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "STRANGERS", 3, raising=False)
    for number in range(6):
        insider.sign_in(f"name{number}", "x")
    assert len(events(house)) <= 4
    house.user()
    made = [one for one in events(house) if one.startswith("anna")]
    house.clock.pass_(days=31)
    insider.sign_in("one more", "x")
    assert events(house) == ["sign-in refused unknown name", *made]


def test_sign_out_everywhere(house: House, insider: Insider) -> None:
    house.user()
    other = Insider(house.app().test_client())
    other.sign_in()
    insider.sign_in()
    assert "another browser" in text_of(insider.get("/account"))
    insider.post("/account/sign-out-everywhere")
    assert not insider.is_in() and not other.is_in()


def test_who_is_disabled_is_out_at_once(house: House, insider: Insider) -> None:
    user = house.user()
    insider.sign_in()
    house.accounts.users.disable(user.id, actor="test")
    assert not insider.is_in()
    house.accounts.users.enable(user.id, actor="test")
    assert not insider.is_in() and insider.sign_in().status_code == 303


def test_a_link_for_a_first_password(house: House, insider: Insider) -> None:
    user = house.accounts.users.add("ben", "Ben", actor="test")
    path = f"/welcome/{house.accounts.users.link(user.id, actor='test')}"
    assert "You sign in as ben" in text_of(insider.get(path))
    short = insider.post(path, on=path, password="short")
    assert short.status_code == 422 and "at least 12" in text_of(short)
    done = insider.post(path, on=path, password=PASSWORD)
    assert done.status_code == 200 and "Sign in with it" in text_of(done)
    assert insider.get(path).status_code == 404
    assert insider.sign_in("ben").status_code == 303
    late = f"/welcome/{house.accounts.users.link(user.id, actor='test')}"
    house.clock.pass_(hours=25)
    assert insider.get(late).status_code == 404


def test_old_hashes_are_renewed(house: House, insider: Insider) -> None:
    house.user()

    def kept() -> str:
        with house.store.reading() as tx:
            user = tx.accounts.user_by_login("anna")
        assert user is not None and user.password_hash is not None
        return user.password_hash

    before = kept()
    insider.sign_in()
    assert kept() == before
    stronger = type(house.passwords)(memory_kib=128, passes=1)
    sign_in = replace(house.accounts.sign_in, passwords=stronger)
    accounts = replace(house.accounts, sign_in=sign_in)
    assert Insider(house.app(accounts=accounts).test_client()).sign_in().status_code == 303
    assert "m=128," in kept()


def test_a_database_that_can_only_be_read_shows_its_pages(house: House, insider: Insider) -> None:
    house.user()
    insider.sign_in()
    house.clock.pass_(minutes=5)
    with house.store.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")  # of the one connection that writes
    with pytest.raises(StoreUnavailable, match="can't be written"):
        house.user("berta")
    assert insider.is_in()


def test_the_database_is_away(house: House, insider: Insider) -> None:
    house.user()
    insider.sign_in()

    class Away:
        def find(self, *_: object, **__: object) -> None:
            raise StoreUnavailable("the database does not answer")

    accounts = replace(house.accounts, sessions=Away())  # type: ignore[arg-type]
    client = house.app(accounts=accounts).test_client()
    client.set_cookie("inside", "any")
    page = client.get("/account", headers=PAGE)
    assert page.status_code == 503 and "The database does not answer" in text_of(page)


def test_without_an_inside(house: House) -> None:
    client = house.app(accounts=None).test_client()
    for path in ("/login", "/account", "/logout", "/admin"):
        assert client.get(path).status_code == 404
