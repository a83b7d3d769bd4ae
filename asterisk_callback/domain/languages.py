"""The languages that we speak, and how the core marks what a customer will read.

The core writes English; the edge and the messages say it in the reader's language.
"""

import re
from pathlib import Path

LANGUAGES = ("en", "de", "es", "ar")
# The catalogues of pages and messages, a folder for each language but English.
TRANSLATIONS = Path(__file__).parents[1] / "translations"


def language_of(locale: str) -> str:
    """The one of LANGUAGES that a locale such as "de-AT" means, else the first."""
    language = locale.replace("_", "-").partition("-")[0].lower()
    return language if language in LANGUAGES else LANGUAGES[0]


# What somebody typed is theirs; markup may stand between the article and the hour.
_TYPED = r"<textarea.*?</textarea>|value=\"[^\"]*\""
_ONE = re.compile(rf"({_TYPED})|\b([Ll]a)s((?:\s|<[^>]*>)+)(?=0?1:\d\d\b)", re.DOTALL)


def spanish_hours(text: str) -> str:
    """Text or HTML in Spanish in which one o’clock is singular: "a la 1:05", but "a las 2:05"."""
    return _ONE.sub(lambda found: found[1] or f"{found[2]}{found[3]}", text)


def N_(text: str) -> str:
    """The text itself: a sentence that stands in a table and is translated where it is shown."""
    return text
