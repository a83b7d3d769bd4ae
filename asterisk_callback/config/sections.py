"""What every section of the configuration has in common."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """An unknown key is an error, and nothing changes after the start."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def key(example: str, default: Any = ...) -> Any:
    """A key; the example is what an error message shows, so it must be right as it stands."""
    return Field(default, examples=[example])
