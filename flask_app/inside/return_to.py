"""Where a form leads back to: the page on which it stood, if that is one of ours."""

from flask import request


def wanted() -> str | None:
    """The path in the form's `next` (or the address's); None for anything that is not ours."""
    path = request.values.get("next", "")
    ours = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if ours and path.isprintable() else None
