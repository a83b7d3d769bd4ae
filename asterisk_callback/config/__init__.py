"""The configuration: one TOML file, overridden by the environment, failing loudly and all at once.

Every key `[section] key` is also `ASTERISK_CALLBACK_SECTION__KEY`; a secret also `…__KEY_FILE`, the
path of a file that holds it.
"""

from asterisk_callback.config.environment import PREFIX
from asterisk_callback.config.loading import Given, find, load, take, understand
from asterisk_callback.config.problems import ConfigError
from asterisk_callback.config.settings import Settings

__all__ = ["PREFIX", "ConfigError", "Given", "Settings", "find", "load", "take", "understand"]
