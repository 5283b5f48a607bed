"""Ext, the one place where partners may put what the standard does not know."""

from dataclasses import dataclass
from typing import TypeVar

from protocols.ncip.elements import LEAVES
from protocols.ncip.kinds import LeafValue, Privacy
from protocols.ncip.nodes import Node
from protocols.ncip.table import MASK, Element, element, enter
from protocols.value import value

E = TypeVar("E", bound=Element)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf element of NCIP that stands by itself, with its value as elsewhere."""

    element: str
    value: LeafValue

    def __repr__(self) -> str:
        private = LEAVES[self.element].privacy is not Privacy.OPEN
        return f"Leaf({self.element}, {MASK if private else repr(self.value)})"


@dataclass(frozen=True, slots=True)
class Foreign:
    """An element of somebody else's namespace, carried along and not understood."""

    node: Node

    def __repr__(self) -> str:
        return f"Foreign({self.node.name})"


@value(frozen=True, slots=True, kw_only=True, repr=False)
class Ext(Element):
    """Anything, in any order.  The schema wants each element to be one of its own; partners often do not care."""

    content: tuple[Element | Leaf | Foreign, ...] = ()

    def __repr__(self) -> str:
        return f"Ext({', '.join(map(repr, self.content))})"

    def find(self, kind: type[E]) -> E | None:
        """The first element of that class."""
        return next((part for part in self.content if isinstance(part, kind)), None)

    def leaf(self, name: str) -> LeafValue | None:
        """What the first leaf of that name holds."""
        return next((part.value for part in self.content if isinstance(part, Leaf) and part.element == name), None)

    def text(self, name: str) -> str:
        """The text of the first leaf of that name; empty when there is none, or when it holds no text."""
        value = self.leaf(name)
        return value if isinstance(value, str) else ""


enter(Ext)  # it has no lines: reader, writer and validator know it by its class


@element(named=False)
class Extensible(Element):
    """What the standard lets partners extend: nearly everything."""

    ext: Ext | None = None
