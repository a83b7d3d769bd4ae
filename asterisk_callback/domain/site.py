"""A site: a website, or a program of the company's, that asks for calls in its own name."""

from dataclasses import dataclass, field

from asterisk_callback.domain.queue import CallbackQueue, Queues

_API, _FORM = "api:", "site:"


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """origins: where its pages are, as a browser writes them (scheme, host, port), that may embed
    our form. queues: the names of those that it may use; none means all of them. api_keys: each
    opens the API for this site; several, so that one can be exchanged without a pause.
    """

    name: str
    origins: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    api_keys: tuple[str, ...] = field(default=(), repr=False)

    @property
    def scope(self) -> str:
        """Whose wishes and idempotency keys those are that come through its API keys."""
        return f"{_API}{self.name}"

    @property
    def form_scope(self) -> str:
        """The same for what comes through the form on its pages."""
        return f"{_FORM}{self.name}"

    def may_use(self, queue: str) -> bool:
        return not self.queues or queue in self.queues

    def offered(self, queues: Queues) -> dict[str, CallbackQueue]:
        """Those of these queues that it may use, in their order."""
        return {name: one for name, one in queues.items() if self.may_use(name)}


def of_api(scope: str) -> bool:
    """Whether this is the scope of wishes that came through API keys."""
    return scope.startswith(_API)
