"""One table of a policy file, read as far as it can be: what is wrong with some of its keys hides nothing else."""

from collections.abc import Iterator, Mapping
from typing import Annotated, TypeVar, cast, get_args

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from backend.plain_words import verdicts
from backend.policy.fields import Written

Piece = TypeVar("Piece", bound=Written)
Verdict = tuple[tuple[int | str, ...], str]  # where within the table, and what is wrong there


def read(kind: type[Piece], written: object, context: Mapping[str, str]) -> tuple[Piece | None, list[Verdict]]:
    """The piece and everything that is wrong with it; None when it is no table at all."""
    try:
        return kind.model_validate(written, context=dict(context)), []
    except ValidationError as invalid:
        found = verdicts(invalid)
    if not isinstance(written, dict):
        return None, found
    piece = _readable_part(kind, written, context)
    return piece, list(dict.fromkeys([*found, *disagreements_within(piece)]))


def disagreements_within(piece: Written) -> Iterator[Verdict]:
    """What is wrong between the keys of a table, and of the tables within it."""
    for reason in piece.disagreements():
        yield (), reason
    for name, value in vars(piece).items():
        for path, inner in _tables_within(type(piece).model_fields[name].alias or name, value):
            for where, reason in disagreements_within(inner):
                yield (*path, *where), reason


def _tables_within(key: str, value: object) -> Iterator[tuple[tuple[int | str, ...], Written]]:
    if isinstance(value, Written):
        yield (key,), value
    for number, each in enumerate(value) if isinstance(value, tuple) else ():
        if isinstance(each, Written):
            yield (key, number), each


def _readable_part(kind: type[Piece], written: Mapping[str, object], context: Mapping[str, str]) -> Piece:
    """Without the keys that could not be read.

    A key that nobody knows may be any of those that are not written, so that these count as not read either.
    """
    keys = {name: info.alias if info.alias in written else name for name, info in kind.model_fields.items()}
    misspelt = bool(written.keys() - set(keys.values()))
    values: dict[str, object] = {}
    for name, info in kind.model_fields.items():
        key = keys[name] or name
        if key in written:
            values |= _value(name, info, written[key], context)
        elif not misspelt and not info.is_required():
            values[name] = info.get_default(call_default_factory=True, validated_data=values)
    piece = kind.model_construct()
    vars(piece).clear()
    vars(piece).update(values)
    return piece


def _value(name: str, info: FieldInfo, written: object, context: Mapping[str, str]) -> dict[str, object]:
    """The key's value by its name; nothing when it could not be read."""
    inner = _table_of(info)
    if inner and isinstance(written, dict):
        return {name: _readable_part(inner, written, context)}
    if inner and isinstance(written, list) and all(isinstance(each, dict) for each in written):
        return {name: tuple(_readable_part(inner, each, context) for each in written)}
    if inner:
        return {}
    as_declared = cast("type[object]", Annotated[(info.annotation, *info.metadata, name)])
    spelling = TypeAdapter(as_declared, config=ConfigDict(strict=True))
    try:
        return {name: spelling.validate_python(written, context=dict(context))}
    except ValidationError:
        return {}  # the whole table's own reading has told it


def _table_of(info: FieldInfo) -> type[Written] | None:
    """The table that stands under a key, alone or in rows."""
    kinds = (info.annotation, *get_args(info.annotation))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Written)), None)
