"""The heartbeat: a GET of an address of the company's choice."""

from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from asterisk_callback import __version__

SECONDS = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Heartbeat:
    """url: may hold a secret, so it appears in no message."""

    url: str = field(repr=False)

    def beat(self) -> None:
        """Returns once the far end said 2xx. Raises OSError."""
        request = Request(  # noqa: S310 - the configuration takes http and https only
            self.url, headers={"User-Agent": f"asterisk-callback/{__version__}"}
        )
        try:
            urlopen(request, timeout=SECONDS).close()  # noqa: S310
        except HTTPError as error:
            error.close()
            raise OSError(f"it answered {error.code}") from None
        except (HTTPException, ValueError) as error:
            # ValueError: it leads to an address that is none.
            raise OSError(f"it does not speak HTTP: {type(error).__name__}") from None
