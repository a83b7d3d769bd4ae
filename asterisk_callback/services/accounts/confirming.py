"""Is it they who sit there? The current password, asked again before what an open session alone
must not do.

Its tries have a counter of their own, of the account and of nothing that anybody else can bring
about: wrong log-ins keep nobody from a change of password, and guesses in a session that somebody
took over are written as refusals.
"""

from dataclasses import dataclass

from asterisk_callback.domain.account import NOT_CONFIRMED, User, WrongCredentials
from asterisk_callback.services.accounts import throttle
from asterisk_callback.services.accounts.passwords import Passwords
from asterisk_callback.store import SqlStore


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirming:
    store: SqlStore
    passwords: Passwords

    def password(self, user: User, typed: str, address: str, *, field: str = "password") -> None:
        """Raises WrongCredentials (field) for a wrong one, TooManyTries. address: the client's."""
        counter = throttle.confirming(user.id)
        with self.store.writing() as tx:
            throttle.admit_to(tx, counter)
        # Without a transaction: it takes long, and the database has others to serve.
        fits = self.passwords.fits(typed, user.password_hash)
        with self.store.writing() as tx:
            if fits:
                tx.sessions.forget_tries(who=counter)
                return
            why = "wrong current password"
            tx.accounts.add_event(
                user.id, actor=throttle.actor_at(address), event=NOT_CONFIRMED, detail=why
            )
        raise WrongCredentials("This is not your current password.", field)
