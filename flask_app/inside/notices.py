"""What somebody is told of their account, above each page of the inside until they read it."""

from dataclasses import dataclass

from asterisk_callback.domain.account import AccountNotice, NoticeKind
from asterisk_callback.domain.errors import StoreUnavailable
from flask_app.shared import access
from flask_app.shared.app_services import parts

_CHANGE = "change your password under My account, and turn the second factor on."
_ASK = "If you did not ask for it, speak to them, and "


@dataclass(frozen=True, slots=True)
class Told:
    """said: what happened, and what to do if it is not as it should be."""

    notice: AccountNotice
    said: str


def told() -> list[Told]:
    """To who is asking, the newest first. None while the database is away: the page says that."""
    found = access.visit()
    accounts = parts().accounts
    if found is None or accounts is None:
        return []
    try:
        return [Told(one, _words(one)) for one in accounts.users.notices(found.user.id)]
    except StoreUnavailable:
        return []


def _words(one: AccountNotice) -> str:
    who = one.actor.removeprefix("user:")
    if one.kind is NoticeKind.CODES:
        return (
            f"Somebody typed your right password, and then wrong codes: {one.detail}. "
            "If that was not you, they know your password: change it under My account."
        )
    said = {
        NoticeKind.LINK: f"{who} made a link with which a new password is chosen for you. {_ASK}",
        NoticeKind.FACTOR_OFF: f"{who} turned your second factor off. {_ASK}",
        NoticeKind.NEW_PASSWORD: f"{who} gave you another password. {_ASK}",
        NoticeKind.NEW_ADMINISTRATOR: f"{who} made {one.detail} an administrator. If that should "
        "not be, take the role away under Administration, and ",
        NoticeKind.ROLE_TAKEN: f"{who} took the role of an administrator from you. {_ASK}",
        NoticeKind.ROLE_TAKEN_MADE: f"You took the role of an administrator from {one.detail}. "
        "If that was not you, ",
        NoticeKind.LINK_MADE: f"You made a link for a new password of {one.detail}, an "
        "administrator. If that was not you, ",
        NoticeKind.FACTOR_OFF_MADE: f"You turned off the second factor of {one.detail}, an "
        "administrator. If that was not you, ",
    }[one.kind]
    return said + _CHANGE
