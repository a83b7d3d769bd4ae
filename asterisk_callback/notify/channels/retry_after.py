"""How long a webhook's receiver wants to be left alone (RFC 9110, section 10.2.3)."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# Whoever says more is asked once a day nevertheless: somebody waits for what we have to tell.
LONGEST = timedelta(days=1)


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """What the header Retry-After says, in seconds or as a date; None if it says nothing that can
    be read. now: aware."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    at = at.replace(tzinfo=at.tzinfo or UTC)
    return min(max(at - now, timedelta()), LONGEST)
