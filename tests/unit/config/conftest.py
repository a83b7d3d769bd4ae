"""A small, complete configuration, and a way to load variations of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from asterisk_callback import config
from asterisk_callback.config import ConfigError, Settings

SMALL = """\
[company]
name = "Larkmoor Broadband"
zone = "Europe/London"
country = "GB"

[web]
secret_key = "a-secret-key-that-nobody-may-ever-see-in-an-error"

[asterisk]
secret = "an-ami-secret-that-nobody-may-see"

[trunks.main]
dial = "PJSIP/{digits}@trunk"
caller_id = "+442079460000"

[queues.support]
title = "Support"
asterisk_queue = "support"
trunk = "main"
"""

Load = Callable[..., Settings]
Problems = Callable[..., list[str]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads SMALL with replacements (old, new), more text at its end, and an environment."""

    def load(*swaps: tuple[str, str], more: str = "", **environ: str) -> Settings:
        text = SMALL
        for old, new in swaps:
            assert old in text
            text = text.replace(old, new)
        file = tmp_path / "callback.toml"
        file.write_text(text + more)
        given = {f"ASTERISK_CALLBACK_{name}": value for name, value in environ.items()}
        return config.load(file, given)

    return load


@pytest.fixture
def problems(load: Load) -> Problems:
    """What is wrong, one line each; no line shows a secret."""

    def problems(*swaps: tuple[str, str], more: str = "", **environ: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(*swaps, more=more, **environ)
        for line in caught.value.problems:
            assert "\n" not in line
            assert "nobody-may" not in line
        return caught.value.problems

    return problems
