"""Those who work here, and their way in. The dispatcher's process never loads this."""

from typing import TYPE_CHECKING

from asterisk_callback.bootstrap.rules import member_rules
from asterisk_callback.config.settings import Settings
from asterisk_callback.services.accounts.passwords import Passwords
from asterisk_callback.services.accounts.second_factor import SecondFactor
from asterisk_callback.services.accounts.sessions import Sessions
from asterisk_callback.services.accounts.sign_in import SignIn
from asterisk_callback.services.accounts.users import Users
from asterisk_callback.store import SqlStore

if TYPE_CHECKING:
    from flask_app.shared.app_services import Accounts


def accounts(settings: Settings, made: SqlStore) -> "Accounts":
    """What the web half asks."""
    from flask_app.shared.app_services import Accounts

    passwords = Passwords()
    limits = settings.inside
    sessions = Sessions(store=made, passwords=passwords, idle=limits.idle, longest=limits.longest)
    return Accounts(
        sign_in=SignIn(store=made, passwords=passwords, sessions=sessions),
        sessions=sessions,
        users=users(settings, made, passwords),
        second_factor=SecondFactor(store=made, passwords=passwords),
    )


def users(settings: Settings, made: SqlStore, passwords: Passwords | None = None) -> Users:
    """What the command line asks, too."""
    names = tuple(settings.queues)
    return Users(
        store=made,
        passwords=passwords or Passwords(),
        queues=names,
        members=member_rules(settings),
    )
