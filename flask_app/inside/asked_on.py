"""Where somebody asked for a call, in words for those who work here."""

from collections.abc import Sequence

from asterisk_callback.domain import page_address
from asterisk_callback.domain.wish import Wish, standing


def asked_on(wish: Wish) -> str:
    """What stands behind “Asked on”: the page as host and path, or what its scope says."""
    if wish.page:
        return page_address.shown(wish.page)
    kind, _, name = wish.scope.partition(":")
    return {
        "web": "Our own form",
        "site": f"The website {name}",
        "api": f"{name}, through the API",
        "board": "The board, once more",
        "cli": "The command line, once more",
    }.get(kind, wish.scope)


def places(wishes: Sequence[Wish]) -> list[tuple[str, str]]:
    """Of a request's wishes: each place once, in words and as the page's address or nothing. Those
    that stand, or if none does, those that did; what was erased is nobody's any more."""
    there = [one for one in wishes if one.erased_at is None]
    return list(dict.fromkeys((asked_on(one), one.page) for one in standing(there) or there))
