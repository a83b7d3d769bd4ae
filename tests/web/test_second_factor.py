"""The second factor: turned on and off, asked for, guessed at."""

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from asterisk_callback.services.accounts.second_factor import code_at
from tests.web.house import PASSWORD, House
from tests.web.insider import Insider
from tests.web.page import hidden, text_of

# So many wrong codes in a row are slips (services/accounts/codes.py).
FREE = 3


@pytest.fixture
def insider(client: FlaskClient) -> Insider:
    return Insider(client)


def turn_on(insider: Insider, signed: str, code: str, password: str = PASSWORD) -> TestResponse:
    return insider.post("/account/second-factor", secret=signed, code=code, old=password)


def with_factor(house: House, insider: Insider) -> tuple[str, list[str]]:
    """Turns anna's second factor on. Returns the secret and the recovery codes."""
    house.user()
    insider.sign_in()
    page = insider.get("/account/second-factor")
    assert "<svg" in page.text
    secret = secret_of(page)
    signed = hidden(page, "secret")
    wrong = turn_on(insider, signed, "000000")
    assert wrong.status_code == 422 and "does not fit" in text_of(wrong)
    done = turn_on(insider, signed, code_at(secret, house.clock.now))
    spare = re.findall(r"<li>([a-z2-7-]{19})</li>", done.text)
    assert done.status_code == 200 and len(spare) == 10
    insider.post("/logout")
    house.clock.pass_(seconds=30)
    return secret, spare


def test_the_second_factor(house: House, insider: Insider) -> None:
    secret, _ = with_factor(house, insider)
    asked = insider.sign_in(next="/account?x=1")
    assert asked.status_code == 200 and "The code, please" in text_of(asked)
    assert not insider.is_in()
    wrong = insider.code(asked, "123456")
    assert wrong.status_code == 422 and not insider.is_in()
    code = code_at(secret, house.clock.now)
    done = insider.code(wrong, code)
    assert done.status_code == 303 and done.location == "/account?x=1" and insider.is_in()
    # The same code once more, by somebody who looked over the shoulder.
    other = Insider(house.app().test_client())
    assert other.code(other.sign_in(), code).status_code == 422
    house.clock.pass_(seconds=30)
    assert other.code(other.sign_in(), code_at(secret, house.clock.now)).status_code == 303


def test_a_recovery_code_works_once(house: House, insider: Insider) -> None:
    _, spare = with_factor(house, insider)
    typed = f" {spare[3].upper()} "
    assert insider.code(insider.sign_in(), typed).status_code == 303
    assert "9 of your recovery codes" in text_of(insider.get("/account"))
    other = Insider(house.app().test_client())
    assert other.code(other.sign_in(), spare[3]).status_code == 422
    assert "recovery code used" in text_of(insider.get("/account"))


def test_an_unlocked_screen_changes_no_second_factor(house: House, insider: Insider) -> None:
    """Another secret in its place would keep its owner out, and turning it off asks for more."""
    secret, spare = with_factor(house, insider)
    old = hidden_secret(house)
    insider.code(insider.sign_in(), spare[0])
    page = insider.get("/account/second-factor")
    code = code_at(secret_of(page), house.clock.now)
    signed = hidden(page, "secret")
    refused = turn_on(insider, signed, code)
    assert refused.status_code == 422 and "on already" in text_of(refused)
    assert hidden_secret(house) == old == secret


@pytest.mark.case("CASES 7: turning on the second factor, with an open session only")
def test_turning_it_on_asks_for_the_password_and_ends_other_sessions(
    house: House, insider: Insider
) -> None:
    house.user()
    insider.sign_in()
    other = Insider(house.app().test_client())
    other.sign_in()
    page = insider.get("/account/second-factor")
    signed, secret = hidden(page, "secret"), secret_of(page)
    code = code_at(secret, house.clock.now)
    for typed in ("", "wrong"):
        refused = turn_on(insider, signed, code, typed)
        assert refused.status_code == 422 and "not your current password" in text_of(refused)
        assert secret_of(refused) == secret  # which the app has by now
    assert hidden_secret(house) is None and other.is_in()
    assert turn_on(insider, signed, code).status_code == 200
    assert insider.is_in() and not other.is_in()


def secret_of(page: TestResponse) -> str:
    found = re.search(r"into the app: <b[^>]*>([A-Z2-7 ]+)</b>", page.text)
    assert found is not None
    return found[1].replace(" ", "")


def hidden_secret(house: House) -> str | None:
    with house.store.reading() as tx:
        user = tx.accounts.user_by_login("anna")
    assert user is not None
    return user.totp_secret


def wait(house: House, asked: TestResponse) -> int:
    """Until the next code is judged. Returns the minutes."""
    seconds = int(asked.headers["Retry-After"])
    house.clock.pass_(seconds=seconds)
    return round(seconds / 60)


@pytest.mark.case("CASES 7: guesses of the second factor meet growing pauses, the user is told")
def test_guesses_behind_a_right_password(house: House, insider: Insider) -> None:
    secret, _ = with_factor(house, insider)
    thief = Insider(house.app().test_client())

    def guess() -> TestResponse:
        return thief.code(thief.sign_in(), "000000")

    for _ in range(FREE):
        assert guess().status_code == 422
    pauses = []
    for _ in range(12):
        refused = guess()
        assert refused.status_code == 429
        assert "Too many wrong codes in a row" in text_of(refused)
        pauses.append(wait(house, refused))
        assert guess().status_code == 422
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 480, 480, 480]
    # During a pause a right code is not judged either: it would tell when it is right.
    right = thief.code(thief.sign_in(), code_at(secret, house.clock.now))
    assert right.status_code == 429 and not thief.is_in()
    # Its owner has signed in here before, and is kept out by nobody's guesses. They are told.
    code = code_at(secret, house.clock.now)
    assert insider.code(insider.sign_in(), code).status_code == 303
    page = insider.get("/account")
    assert "15 wrong codes in a row, the last one from 127.0.0.1" in text_of(page)
    assert "they know your password" in text_of(page)
    done = insider.post("/account/told", up_to=hidden(page, "up_to"), next="/account?x=1")
    assert done.location == "/account?x=1"
    assert "wrong codes" not in text_of(insider.get("/account")).partition("Signing in")[0]
    # A new password ends the pauses: who guessed behind the old one knows nothing now.
    new = "five words in a row"
    insider.post("/account/password", old=PASSWORD, password=new)
    house.clock.pass_(seconds=60)
    other = Insider(house.app().test_client())
    code = code_at(secret, house.clock.now)
    assert other.code(other.sign_in(password=new), code).status_code == 303


def test_a_slip_costs_nothing(house: House, insider: Insider) -> None:
    secret, _ = with_factor(house, insider)
    for _ in range(3):
        asked = insider.sign_in()
        for _ in range(FREE - 1):
            assert insider.code(asked, "000000").status_code == 422
        assert insider.code(asked, code_at(secret, house.clock.now)).status_code == 303
        assert "wrong codes" not in text_of(insider.get("/account"))
        insider.post("/logout")
        house.clock.pass_(seconds=30)


def test_the_first_step_is_not_kept_for_long(house: House, insider: Insider) -> None:
    _, spare = with_factor(house, insider)
    asked = insider.sign_in()
    forged = insider.client.post(
        "/login/code",
        data={"csrf_token": hidden(asked, "csrf_token"), "half": "1:x", "code": spare[0]},
    )
    assert forged.status_code == 422 and "took too long" in text_of(forged)
    # A new password in between makes it worthless.
    with house.store.reading() as tx:
        user = tx.accounts.user_by_login("anna")
    assert user is not None
    house.accounts.users.set_password(user.id, "another four words", actor="test")
    assert insider.code(asked, spare[0]).status_code == 422 and not insider.is_in()
