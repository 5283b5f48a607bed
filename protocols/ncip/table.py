"""Reads element classes as they are declared, and keeps them: the one table that everything else is derived from.

A class bears its element's name; each line is a child element, named by the mechanical rule (`item_id`, `ItemId`), in
the schema's order.  The annotation is the cardinality:

    item_id: ItemId                    once; a peer that leaves it out is read as having sent it empty
    date_shipped: Needed[DateShipped]  once; None when a peer left it out, or where an alternative stands instead
    user_id: UserId | None             at most once
    problem: tuple[Problem, ...]       any number
    bib_information: AtLeastOne[...]   one or more; empty as for `Needed`
    resource_desired: ResourceDesired  a flag: present or absent

What no line can say, a choice, is written beside the class as the standard writes it: `@element("(UserId |
AuthenticationInput+)")`.  Alternatives are all lines of the class, because partners do send two of them at once and a
reader must be able to say so; `validity` knows the choice.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from operator import attrgetter
from types import UnionType
from typing import Annotated, Any, ClassVar, TypeVar, Union, dataclass_transform, get_args, get_origin, get_type_hints

from protocols.ncip.elements import LEAVES
from protocols.ncip.grammar import Automaton, automaton, names, parse
from protocols.ncip.kinds import Flag, Kind, Privacy
from protocols.value import value

T = TypeVar("T")

NEEDED, AT_LEAST_ONE = "needed", "at least one"
Needed = Annotated[T | None, NEEDED]
AtLeastOne = Annotated[tuple[T, ...], AT_LEAST_ONE]


MASK = "***"


@value(frozen=True, slots=True, kw_only=True, repr=False)
class Element:
    """What has child elements.  Printed, it shows what it holds and no personal or secret value."""

    element: ClassVar[str] = ""

    def __repr__(self) -> str:
        held = [(line, getattr(self, line.attribute)) for line in MODELS[type(self)].lines]
        shown = [f"{line.attribute}={line.shown(value)}" for line, value in held if value not in (None, False, ())]
        return f"{type(self).__name__}({', '.join(shown)})"


E = TypeVar("E", bound=Element)

WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def element_name(attribute: str) -> str:
    """`item_identifier_value` is ItemIdentifierValue."""
    return "".join(part[:1].upper() + part[1:] for part in attribute.split("_"))


def attribute_name(element: str) -> str:
    """ItemIdentifierValue is `item_identifier_value`."""
    return WORD.sub("_", element).lower()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an element class: which child it is, and how often it may come."""

    attribute: str
    element: str
    holds: Kind | type[Element]
    repetition: str  # "", "?", "*" or "+", as in a content model
    fills_in: bool  # a missing one is read as an empty one; False: as None

    @property
    def many(self) -> bool:
        """Whether the attribute is a tuple."""
        return self.repetition in ("*", "+")

    def shown(self, value: object) -> str:
        """The value as it may be printed."""
        private = not isinstance(self.holds, type) and self.holds.privacy is not Privacy.OPEN
        return MASK if private else repr(value)


@dataclass(frozen=True)
class Model:
    """One element class, read: its lines in the order they are sent, and its content in the standard's notation."""

    element: str
    lines: tuple[Line, ...]
    content: str

    @cached_property
    def automaton(self) -> Automaton:
        return automaton(parse(self.content)) if self.content else Automaton(({},), frozenset({0}))

    @cached_property
    def defaults(self) -> Mapping[str, object]:
        """What each attribute is when its element did not come; those that are filled in are told by `filled_in`."""
        return {
            line.attribute: () if line.many else False if isinstance(line.holds, Flag) else None for line in self.lines
        }

    @cached_property
    def filled_in(self) -> tuple[Line, ...]:
        """The lines that are read as sent empty when they did not come."""
        return tuple(line for line in self.lines if line.repetition == "" and line.fills_in)

    @cached_property
    def values(self) -> Callable[[object], tuple[Any, ...]]:
        """What an element object holds, in the order of `lines`."""
        names = [line.attribute for line in self.lines]
        if len(names) > 1:
            return attrgetter(*names)
        return lambda held: tuple(getattr(held, name) for name in names)

    @cached_property
    def by_element(self) -> Mapping[str, tuple[int, Line]]:
        """Each line and its place in the order, by the child's name."""
        return {line.element: (number, line) for number, line in enumerate(self.lines)}


CLASSES: dict[str, type[Element]] = {}
MODELS: dict[type[Element], Model] = {}
Arrange = Callable[[type[Element], tuple[Line, ...], tuple[str, ...]], str]


@dataclass_transform(kw_only_default=True, frozen_default=True)
def element(*choices: str, named: bool = True) -> Callable[[type[E]], type[E]]:
    """Declare an element class; a base that is no element itself is not `named`.  TypeError at import on a bad line."""

    def declare(cls: type[E]) -> type[E]:
        return register(cls, choices, in_order, named=named)

    return declare


def register(cls: type[E], choices: tuple[str, ...], arrange: Arrange, *, named: bool = True) -> type[E]:
    """Make `cls` a dataclass and enter it; `arrange` writes its content model from lines and choices."""
    frozen = value(frozen=True, slots=True, kw_only=True, repr=False)(cls)
    lines = _last_comes_ext(tuple(_lines(frozen)))
    enter(frozen, lines, arrange(frozen, lines, choices), named=named)
    return frozen


def enter(cls: type[Element], lines: tuple[Line, ...] = (), content: str = "", *, named: bool = True) -> None:
    """Put a finished class into the table under its own name."""
    cls.element = cls.__name__
    MODELS[cls] = Model(cls.element, lines, content)
    if named:
        CLASSES[cls.element] = cls


def _lines(cls: type[Element]) -> list[Line]:
    hints = get_type_hints(cls, include_extras=True)
    return [_line(cls, field.name, hints[field.name]) for field in fields(cls)]


def _last_comes_ext(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Ext is inherited, so it is declared first; it is always sent last."""
    return tuple(sorted(lines, key=lambda line: line.attribute == "ext"))


def _line(cls: type[Element], attribute: str, hint: Any) -> Line:
    repetition, fills_in = "", True
    if get_origin(hint) is Annotated and hint.__metadata__[0] in (NEEDED, AT_LEAST_ONE):
        repetition, fills_in = ("" if hint.__metadata__[0] == NEEDED else "+"), False
        hint = hint.__origin__
    if get_origin(hint) is tuple:
        repetition, hint = repetition or "*", get_args(hint)[0]
    elif get_origin(hint) in (Union, UnionType):
        repetition, hint = ("" if not fills_in else "?"), get_args(hint)[0]
    name = element_name(attribute)
    holds = _holds(cls, name, hint)
    return Line(attribute, name, holds, "?" if isinstance(holds, Flag) else repetition, fills_in)


def _holds(cls: type[Element], name: str, hint: Any) -> Kind | type[Element]:
    """What the child holds; TypeError unless the annotation is the element that the attribute's name says."""
    if isinstance(hint, type) and issubclass(hint, Element):
        if hint.__name__ != name:
            raise TypeError(f"{cls.__name__}: {name} is declared as {hint.__name__}")
        return hint
    kind: Kind = hint.__metadata__[0]
    if LEAVES.get(name) is not kind:
        raise TypeError(f"{cls.__name__}: {name} is not declared as the leaf of that name")
    return kind


def in_order(cls: type[Element], lines: tuple[Line, ...], choices: tuple[str, ...]) -> str:
    """The content model: each line in turn, and each choice where its first member stands."""
    groups = {name: choice for choice in choices for name in names(parse(choice))}
    unknown = groups.keys() - {line.element for line in lines}
    if unknown:
        raise TypeError(f"{cls.__name__}: the choices name {sorted(unknown)}, which no line declares")
    if "ext" not in cls.__annotations__:  # it is inherited, so it ends the content whatever a choice says of it
        groups.pop("Ext", None)
    parts = [groups.get(line.element, line.element + line.repetition) for line in lines]
    return ", ".join(dict.fromkeys(parts))
