"""The entrances of the form: our own pages, and other websites."""

from collections.abc import Callable
from dataclasses import dataclass

from asterisk_callback.domain.queue import Queues


@dataclass(frozen=True, kw_only=True, slots=True)
class FormLocation:
    """A form that stands somewhere.

    scope: whose wishes they are. queues: those on offer; of: the one whose own page this is, or
    empty. submit, adjust, parts: the addresses for sending it, for showing other times without a
    script, and for its script. status: from the secret to the address of what follows. sign: from
    the form's key to what it carries in place of a cookie, inside another website; None on our own
    pages. origins: of the pages around it.
    """

    template: str
    scope: str
    queues: Queues
    of: str = ""
    submit: str
    adjust: str
    parts: str
    status: Callable[[str], str]
    sign: Callable[[str], str] | None = None
    origins: tuple[str, ...] = ()

    @property
    def framed(self) -> bool:
        return self.sign is not None
