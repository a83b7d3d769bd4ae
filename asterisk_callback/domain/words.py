"""The languages that we speak, and how the core marks what a customer will read.

The core writes English; the edge and the messages say it in the reader's language.
"""

LANGUAGES = ("en", "de", "es", "ar")


def N_(text: str) -> str:
    """The text itself: a sentence that stands in a table and is translated where it is shown."""
    return text
