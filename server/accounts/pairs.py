"""Settings of an account as people type them, `wire.encoding=utf-8`: each value is read as its setting wants it."""

import json
from collections.abc import Iterable, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from server.accounts.settings import AccountSettings

STRICT = ConfigDict(strict=True)


class PairError(ValueError):
    """What was typed is no setting and its value; the message says why."""


def settings_of(pairs: Iterable[str]) -> dict[str, Any]:
    """Tables within tables, as the configuration file would have them. Raises PairError.

    A key that no account has is kept: whoever checks the whole says so.
    """
    settings: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        path = key.split(".")
        if not equals or not all(path):
            raise PairError(f"KEY=VALUE expected, got {pair}")
        put(settings, path, read_value(value, kind_of(AccountSettings, path)))
    return settings


def put(settings: dict[str, Any], path: list[str], value: Any) -> None:
    *tables, last = path
    for step in tables:
        settings = settings.setdefault(step, {})
        if not isinstance(settings, dict):
            raise PairError(f"{step} is a value and a table at once")
    settings[last] = value


def kind_of(kind: Any, path: list[str]) -> Any:
    """The type of the setting at `path` below a type; Any when there is none."""
    for step in path:
        kind = below(kind, step)
    return kind


def below(kind: Any, step: str) -> Any:
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return next((found for part in parts if (found := below(part, step)) is not Any), Any)
    if origin is Annotated:
        return below(parts[0], step)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return parts[1]
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return Any
    named = {field.alias or name: field for name, field in kind.model_fields.items()}
    if step not in named:
        return Any
    field = named[step]
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


def read_value(text: str, kind: Any) -> Any:
    """The text itself where the setting takes it, else what it says as JSON: a number, true, a list."""
    try:
        said = json.loads(text)
    except ValueError:
        return text
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return said
    return text if takes(kind, text) and (kind is not Any or isinstance(said, str)) else said


def takes(kind: Any, value: Any) -> bool:
    try:
        TypeAdapter(kind, config=STRICT).validate_python(value)
    except ValidationError:
        return False
    return True
