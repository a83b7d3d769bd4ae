"""What stops a start, beyond what the configuration's own check finds."""

from asterisk_callback.domain.errors import CallbackError


class SchemaOutdated(CallbackError):
    """The database has no tables yet, or those of another version."""

    name = "schema-outdated"


class SetupError(CallbackError):
    """A value that only shows to be wrong when it is used."""

    name = "misfit"
