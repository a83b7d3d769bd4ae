"""Whether the configuration that a process works with is the one that would be read now."""

from datetime import UTC, datetime
from pathlib import Path

from asterisk_callback import config
from asterisk_callback.commands.app import App
from asterisk_callback.config import ConfigError, Given

_HOW = "asterisk-callback reload takes it up"


class InForce:
    """Called now and then; reads the file, and understands it only if it has changed."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._last = app.given
        self._said = ""

    def __call__(self) -> str:
        """One sentence if it is not, without any value of it; else ""."""
        file = self._app.given.file
        if file is not None and file.exists() and not file.is_file():
            return ""  # a pipe, which was read once and for all
        try:
            given = self._app.take()
            if given != self._last:
                self._last, self._said = given, self._judged(given)
        except ConfigError as error:
            return (
                f"the configuration was changed{_when(file)}, and can't be used, so the service "
                f"would not start again: {error.problems[0]}"
            )
        return self._said

    def _judged(self, given: Given) -> str:
        """Raises ConfigError."""
        if given == self._app.given or config.understand(given) == self._app.settings:
            return ""  # a comment, say
        return f"the configuration was changed{_when(given.file)}, and is not in force yet; {_HOW}"


def _when(file: Path | None) -> str:
    try:
        changed = file.stat().st_mtime if file is not None else None
    except OSError:
        return ""
    return f" at {datetime.fromtimestamp(changed, UTC):%Y-%m-%d %H:%M} UTC" if changed else ""
