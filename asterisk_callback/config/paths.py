"""Finding a key's definition by its path, such as ("queues", "support", "trunk")."""

import types
import typing
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from asterisk_callback.config.settings import Settings

Path = Sequence[str | int]


@dataclass(frozen=True, slots=True)
class KeyDefinition:
    """annotation: the value's type. field: its definition, None for an entry of a table."""

    annotation: Any
    field: FieldInfo | None = None

    @property
    def section(self) -> type[BaseModel] | None:
        kind = _bare(self.annotation)
        return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None

    @property
    def table(self) -> bool:
        """A section whose keys are names that the admin chooses."""
        return typing.get_origin(_bare(self.annotation)) is dict

    @property
    def listed(self) -> bool:
        return typing.get_origin(_bare(self.annotation)) is tuple

    @property
    def secret(self) -> bool:
        inner = typing.get_args(_bare(self.annotation)) if self.listed else (self.annotation,)
        return _bare(inner[0]) is SecretStr

    @property
    def example(self) -> str:
        """A line for the file, or "" where none makes sense."""
        examples = self.field.examples if self.field else None
        return str(examples[0]) if examples else ""


def spot(path: Path) -> KeyDefinition | None:
    """What is defined at this path; None if there is no such key."""
    here = KeyDefinition(Settings)
    for step in path:
        if here.table:
            here = KeyDefinition(typing.get_args(_bare(here.annotation))[1])
        elif here.section is not None and step in here.section.model_fields:
            field = here.section.model_fields[str(step)]
            here = KeyDefinition(field.annotation, field)
        else:
            return None
    return here


def keys(path: Path) -> list[str]:
    """The keys that are allowed at this path."""
    here = spot(path)
    return sorted(here.section.model_fields) if here and here.section else []


def _bare(annotation: Any) -> Any:
    """Without Annotated and without "or None"."""
    while True:
        if typing.get_origin(annotation) is typing.Annotated:
            annotation = typing.get_args(annotation)[0]
        elif typing.get_origin(annotation) in (types.UnionType, typing.Union):
            annotation = next(a for a in typing.get_args(annotation) if a is not type(None))
        else:
            return annotation
