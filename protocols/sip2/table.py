"""How a message is declared: reads a dataclass, as it is defined, into the layout that everything else is derived from.

Knows annotations, not wire text.  A bad declaration raises TypeError at import.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields
from enum import Enum, StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, TypeVar, Union, get_args, get_origin, get_type_hints

from protocols.sip2.fields import Beyond, Fixed, Variable
from protocols.value import value


class Sender(StrEnum):
    """Who says it: the machine (SC) or the circulation system (ACS)."""

    SC = "SC"
    ACS = "ACS"


class Cardinality(Enum):
    """How often a field may come: read off the type."""

    ONCE = "once"
    OPTIONAL = "at most once"
    MANY = "any number"


@dataclass(frozen=True, slots=True)
class FixedSlot:
    """One line of a message whose field has no id; `optional` when None stands for blank."""

    name: str
    field: Fixed
    optional: bool


@dataclass(frozen=True, slots=True)
class VariableSlot:
    """One line of a message whose field has an id; `extension` when only some machines want it there."""

    name: str
    field: Variable
    cardinality: Cardinality
    extension: bool


@dataclass(frozen=True, slots=True)
class GroupSlot:
    """One line of a message that holds groups of fields which stand together, in order; the first one opens a group."""

    name: str
    group: type["Group"]
    slots: tuple[VariableSlot, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """One row of the table: a message as it stands on the wire."""

    code: str
    sender: Sender
    answered_by: str | None
    section: str
    repeatable: bool
    message: type["Message"]
    fixed: tuple[FixedSlot, ...]
    variable: tuple[VariableSlot | GroupSlot, ...]
    ids: re.Pattern[str]
    by_id: dict[str, VariableSlot | GroupSlot]

    @property
    def width(self) -> int:
        """Characters of the fixed part, without the command."""
        return sum(slot.field.width for slot in self.fixed)

    def identified(self) -> Iterator[VariableSlot]:
        """Every slot with an id, those inside groups included, in wire order."""
        for slot in self.variable:
            if isinstance(slot, GroupSlot):
                yield from slot.slots
            else:
                yield slot


@value(frozen=True, slots=True, repr=False)
class Masked:
    """A repr that shows no secret and nothing personal, so that no traceback or log line tells a PIN."""

    hidden: ClassVar[frozenset[str]] = frozenset()

    def __repr__(self) -> str:
        shown = (
            f"{line.name}=***" if line.name in self.hidden and value else f"{line.name}={value!r}"
            for line in fields(self)
            if (value := getattr(self, line.name)) is not None and value != ()
        )
        return f"{type(self).__name__}({', '.join(shown)})"


@value(frozen=True, slots=True, repr=False)
class Message(Masked):
    """Base of every message; `layout` is put there by `@message`."""

    layout: ClassVar[Layout]


@value(frozen=True, slots=True, repr=False)
class Group(Masked):
    """Base of fields that stand together inside a message."""

    slots: ClassVar[tuple[VariableSlot, ...]]


AnyMessage = TypeVar("AnyMessage", bound=Message)
AnyGroup = TypeVar("AnyGroup", bound=Group)

BY_CODE: dict[str, Layout] = {}
"""The table: every message by its command id."""


def message(
    code: str, sender: Sender, *, section: str, answered_by: str | None = None, repeatable: bool = False
) -> Callable[[type[AnyMessage]], type[AnyMessage]]:
    """Enter a dataclass into the table as the command `code`.

    `repeatable` says that the same answer may be given again to the same frame: nothing is changed by asking.
    """

    def enter(cls: type[AnyMessage]) -> type[AnyMessage]:
        if code in BY_CODE:
            raise TypeError(f"{code} is already {BY_CODE[code].message.__name__}")
        slots = [_slot(cls, name, hint) for name, hint in _lines(cls)]
        fixed = tuple(slot for slot in slots if isinstance(slot, FixedSlot))
        variable = tuple(slot for slot in slots if not isinstance(slot, FixedSlot))
        if tuple(slots[: len(fixed)]) != fixed:
            raise TypeError(f"{cls.__name__}: fixed fields come first")
        by_id = _by_id(cls, variable)
        cls.layout = BY_CODE[code] = Layout(
            code=code,
            sender=sender,
            answered_by=answered_by,
            section=section,
            repeatable=repeatable,
            message=cls,
            fixed=fixed,
            variable=variable,
            ids=re.compile("|".join(by_id) or r"\Z."),
            by_id=by_id,
        )
        cls.hidden = _hidden(variable)
        return cls

    return enter


def group(cls: type[AnyGroup]) -> type[AnyGroup]:
    """Read a dataclass of fields that stand together; the first one is required and opens the group."""
    slots = tuple(_slot(cls, name, hint) for name, hint in _lines(cls))
    lines = tuple(slot for slot in slots if isinstance(slot, VariableSlot))
    if len(lines) != len(slots) or lines[0].cardinality is not Cardinality.ONCE:
        raise TypeError(f"{cls.__name__}: fields with ids, the first one required")
    cls.slots = lines
    cls.hidden = _hidden(lines)
    return cls


def _lines(cls: type) -> list[tuple[str, Any]]:
    hints = get_type_hints(cls, include_extras=True)
    for line in fields(cls):
        optional = NoneType in get_args(hints[line.name]) or get_origin(hints[line.name]) is tuple
        if optional == (line.default is MISSING):
            raise TypeError(f"{cls.__name__}.{line.name}: optional fields have a default, required ones none")
    return [(line.name, hints[line.name]) for line in fields(cls)]


def _slot(cls: type, name: str, hint: Any) -> FixedSlot | VariableSlot | GroupSlot:
    cardinality, inner = _cardinality(hint)
    if isinstance(inner, type) and issubclass(inner, Group):
        return GroupSlot(name, inner, inner.slots)
    if get_origin(inner) is not Annotated:
        raise TypeError(f"{cls.__name__}.{name}: {hint!r} is no field of fields.py")
    holds, field, *marks = get_args(inner)
    if field.kind.holds is not (get_origin(holds) or holds):
        raise TypeError(f"{cls.__name__}.{name}: {field.kind.name} holds {field.kind.holds.__name__}")
    if isinstance(field, Fixed):
        return FixedSlot(name, field, cardinality is Cardinality.OPTIONAL)
    return VariableSlot(name, field, cardinality, field.extension or any(isinstance(mark, Beyond) for mark in marks))


def _cardinality(hint: Any) -> tuple[Cardinality, Any]:
    arguments = get_args(hint)
    if get_origin(hint) in (Union, UnionType):
        return Cardinality.OPTIONAL, next(kind for kind in arguments if kind is not NoneType)
    if get_origin(hint) is tuple:
        return Cardinality.MANY, arguments[0]
    return Cardinality.ONCE, hint


def _by_id(cls: type, variable: tuple[VariableSlot | GroupSlot, ...]) -> dict[str, VariableSlot | GroupSlot]:
    by_id: dict[str, VariableSlot | GroupSlot] = {}
    for slot in variable:
        for code in (line.field.code for line in (slot.slots if isinstance(slot, GroupSlot) else (slot,))):
            if code in by_id:
                raise TypeError(f"{cls.__name__}: {code} twice")
            by_id[code] = slot
    return by_id


def _hidden(variable: tuple[VariableSlot | GroupSlot, ...]) -> frozenset[str]:
    lines = (slot for slot in variable if isinstance(slot, VariableSlot))
    return frozenset(slot.name for slot in lines if slot.field.secret or slot.field.personal)
