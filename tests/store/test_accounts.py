"""Accounts on both databases: what is unique, what happens once, and races."""

from datetime import timedelta

import pytest

from asterisk_callback.domain.account import (
    Grant,
    InvalidAccount,
    Role,
    TooManyTries,
    User,
    WrongCredentials,
)
from asterisk_callback.domain.errors import CallbackError
from asterisk_callback.domain.queue_member import MemberRules
from asterisk_callback.services.accounts import throttle
from asterisk_callback.services.accounts.passwords import Passwords
from asterisk_callback.services.accounts.second_factor import SecondFactor, code_at, new_secret
from asterisk_callback.services.accounts.sessions import SignInSessions
from asterisk_callback.services.accounts.sign_in import SignIn
from asterisk_callback.services.accounts.users import Users
from asterisk_callback.store import SqlStore
from tests.factories import SetClock
from tests.store.conftest import OpenStore
from tests.store.racing import at_once

PASSWORD = "four words in a row"
QUICK = Passwords(memory_kib=64, passes=1)


def users(store: SqlStore) -> Users:
    return Users(store=store, passwords=QUICK, queues=("sales", "support"))


def sign_in(store: SqlStore) -> SignIn:
    sessions = SignInSessions(store=store, passwords=QUICK)
    return SignIn(store=store, passwords=QUICK, sessions=sessions)


def anna(store: SqlStore, **given: str) -> User:
    made = users(store).add("anna", "Anna", actor="test", **given)  # type: ignore[arg-type]
    users(store).set_password(made.id, PASSWORD, actor="test")
    return made


def turn_on(store: SqlStore, secret: str, code: str) -> list[str]:
    """Anna's. Returns the recovery codes."""
    token = sign_in(store).with_password("anna", PASSWORD, "192.0.2.1").token
    visit = SignInSessions(store=store, passwords=QUICK).find(token or "")
    assert visit is not None
    factor = SecondFactor(store=store, passwords=QUICK)
    return factor.turn_on(visit, secret, code, password=PASSWORD, address="192.0.2.1")


def test_an_account_comes_back_as_it_was_made(store: SqlStore) -> None:
    grants = (Grant(Role.AGENT, "sales"), Grant(Role.SUPERVISOR))
    made = users(store).add("Anna", " Anna  Berg ", member="PJSIP/anna", grants=grants, actor="x")
    assert (made.login, made.name, made.member) == ("anna", "Anna Berg", "PJSIP/anna")
    assert set(made.grants) == set(grants)
    with store.reading() as tx:
        assert tx.accounts.all() == [made] and tx.accounts.get(made.id) == made
        assert tx.accounts.user_by_login("anna") == tx.accounts.user_by_member("PJSIP/anna") == made
        assert tx.accounts.user_by_login("ben") is tx.accounts.user_by_member("PJSIP/ben") is None
        trail = [(one.actor, one.event, one.detail) for one in tx.accounts.events()]
    assert trail[::-1] == [
        ("x", "added", "PJSIP/anna"),
        ("x", "granted", "agent of sales"),
        ("x", "granted", "supervisor of every queue"),
    ]


def test_names_and_members_are_unique(store: SqlStore) -> None:
    made = anna(store, member="PJSIP/anna")
    with pytest.raises(InvalidAccount, match="login name"):
        users(store).add("ANNA", "", actor="test")
    with pytest.raises(InvalidAccount, match="queue member"):
        users(store).add("ben", "", member="PJSIP/anna", actor="test")
    users(store).rename(made.id, "Anna B.", "PJSIP/anna", actor="test")
    for login in ("ben", "cem"):
        users(store).add(login, "", actor="test")  # several without a member


def test_two_at_once_get_one_name(url: str, open_store: OpenStore) -> None:
    stores = [open_store(url) for _ in range(4)]

    def add(store: SqlStore) -> str:
        try:
            return users(store).add("anna", "", actor="test").login
        except InvalidAccount as error:
            return str(error.field)

    done = at_once(*[lambda s=store: add(s) for store in stores])
    assert sorted(done) == ["anna", "login", "login", "login"]


def test_a_grant_is_given_and_taken_once(store: SqlStore) -> None:
    made = anna(store)
    for verb in (users(store).grant, users(store).revoke):
        assert verb(made.id, "agent", "sales", actor="test") is True
        assert verb(made.id, "agent", "sales", actor="test") is False


def test_a_code_is_taken_once_of_many_at_once(
    url: str, open_store: OpenStore, clock: SetClock
) -> None:
    stores = [open_store(url, clock) for _ in range(4)]
    anna(stores[0])
    secret = new_secret()
    code = code_at(secret, clock.now)
    codes = turn_on(stores[0], secret, code)
    clock.advance(seconds=30)
    half = sign_in(stores[0]).with_password("anna", PASSWORD, "192.0.2.1").half
    assert half

    def enter(store: SqlStore, typed: str) -> bool:
        try:
            return sign_in(store).with_code(half, typed, "192.0.2.1").token is not None
        except WrongCredentials:
            return False

    now = code_at(secret, clock.now)
    assert sum(at_once(*[lambda s=store: enter(s, now) for store in stores])) == 1
    clock.advance(minutes=1)  # the three others were wrong codes in a row
    assert sum(at_once(*[lambda s=store: enter(s, codes[0]) for store in stores])) == 1


def test_a_hundred_tries_at_once_are_counted(url: str, open_store: OpenStore) -> None:
    """No more passwords are judged than the limit says, however many processes ask."""
    stores = [open_store(url) for _ in range(4)]
    anna(stores[0])

    def guess(store: SqlStore) -> list[str]:
        said = []
        for _ in range(6):
            try:
                sign_in(store).with_password("anna", "wrong", "192.0.2.1")
            except CallbackError as error:
                said.append(type(error).__name__)
        return said

    lists = at_once(*[lambda s=store: guess(s) for store in stores])
    said = [one for each in lists for one in each]
    assert said.count(WrongCredentials.__name__) == throttle.PER_NAME
    assert said.count(TooManyTries.__name__) == 24 - throttle.PER_NAME


@pytest.mark.case("CASES 7: guesses of the second factor meet growing pauses, the user is told")
def test_codes_guessed_at_once_are_counted(
    url: str, open_store: OpenStore, clock: SetClock
) -> None:
    stores = [open_store(url, clock) for _ in range(4)]
    user = anna(stores[0])
    secret = new_secret()
    turn_on(stores[0], secret, code_at(secret, clock.now))
    half = sign_in(stores[0]).with_password("anna", PASSWORD, "192.0.2.1").half

    def guess(store: SqlStore) -> list[str]:
        said = []
        for _ in range(6):
            try:
                sign_in(store).with_code(half, "000000", "192.0.2.1")
            except CallbackError as error:
                said.append(type(error).__name__)
        return said

    lists = at_once(*[lambda s=store: guess(s) for store in stores])
    said = [one for each in lists for one in each]
    assert said.count(WrongCredentials.__name__) == 3 and said.count(TooManyTries.__name__) == 21
    (told,) = users(stores[0]).notices(user.id)
    assert told.detail == "3 wrong codes in a row, the last one from 192.0.2.1"


def test_old_tries_and_sessions_are_forgotten(
    url: str, open_store: OpenStore, clock: SetClock
) -> None:
    store = open_store(url, clock)
    made = anna(store)
    for _ in range(3):
        assert sign_in(store).with_password("anna", PASSWORD, "192.0.2.1").token
        with pytest.raises(WrongCredentials):
            sign_in(store).with_password("nobody", PASSWORD, "192.0.2.1")
        clock.advance(hours=13)
    with store.writing() as tx:
        assert len(tx.sessions.of(made.id)) == 1
        assert len(tx.sessions.tries_since(clock.now - timedelta(days=9))) == 1


@pytest.mark.parametrize(
    "member",
    ["PJSIP/anna", "SIP/6001", "Local/6001@from-queue/n", "Local/agent4@callback-member/n"],
)
def test_members_that_asterisk_knows(member: str) -> None:
    assert MemberRules().checked(f" {member} ") == member


@pytest.mark.parametrize(
    "member",
    ["anna", "PJSIP/", "PJSIP/a,b", "PJSIP/a&PJSIP/b", "PJSIP/${X}", "PJSIP/a b", "PJSIP/a\r\nb: c",
     "PJSIP/a|b", "Local/09098791234@out/n", "DAHDI/g0/09098791234", "IAX2/u:p@host/900",
     "PJSIP/09098791234@trunk", "Local/1@out@from-queue/n", "Local/1/n@from-queue/n",
     "/anna", "PJSIP/-anna", "PJSIP/ä", "PJSIP/" + "a" * 80],
)  # fmt: skip
@pytest.mark.case("CASES 7: members are phones")
def test_members_that_could_be_something_else(member: str) -> None:
    with pytest.raises(InvalidAccount):
        MemberRules().checked(member)
