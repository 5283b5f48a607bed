"""From repaired XML to message objects: by element name, whatever the order, with everything unknown carried along."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from protocols.ncip.elements import LEAVES
from protocols.ncip.errors import InvalidAmount, InvalidDate, NcipError, SchemaViolation
from protocols.ncip.extension import Ext, Foreign, Leaf
from protocols.ncip.kinds import BLANK, Coded, CodedText, Date, Flag, Kind, LeafValue, Privacy
from protocols.ncip.nodes import NCIP, Node
from protocols.ncip.quirks import QuirkName, Quirks
from protocols.ncip.table import CLASSES, MODELS, E, Element, Line

AMOUNT = "MonetaryValue"  # the one number that must not be guessed

Part = Element | Leaf | Foreign


@dataclass(slots=True)
class Reader:
    """Reads one message.  A value that makes no sense counts as absent.

    Of a date or an amount that is a `fault`, the first of which is kept, unless the reader is `lenient`.
    """

    quirks: Quirks
    lenient: bool = False
    fault: NcipError | None = None

    def read(self, node: Node, cls: type[E]) -> E:
        """The element as its class."""
        model = MODELS[cls]
        found, strays = self._children(node, model.by_element)
        values: dict[str, Any] = dict(model.defaults)
        for line in model.filled_in:
            if line.element not in found:
                self.quirks.note(QuirkName.MISSING_ELEMENT, line.element)
                values[line.attribute] = self._empty(line.holds)
        for name, nodes in found.items():
            line = model.by_element[name][1]
            values[line.attribute] = self._line(line, nodes, strays)
        if strays and "ext" in values:
            values["ext"] = Ext(content=(*(values["ext"].content if values["ext"] else ()), *map(self.part, strays)))
        return cls(**values)

    def _children(self, node: Node, lines: Mapping[str, tuple[int, Line]]) -> tuple[dict[str, list[Node]], list[Node]]:
        """The children by name, and those that have no place in the element."""
        found: dict[str, list[Node]] = {}
        strays: list[Node] = []
        last = -1
        for child in node.children:
            place = lines.get(child.name) if child.namespace == NCIP else None
            if place is None:
                self.quirks.note(QuirkName.STRAY_ELEMENT, child.name)
                strays.append(child)
                continue
            if place[0] < last:
                self.quirks.note(QuirkName.ELEMENT_ORDER, child.name)
            last = max(last, place[0])
            found.setdefault(child.name, []).append(child)
        return found, strays

    def _line(self, line: Line, nodes: list[Node], strays: list[Node]) -> Any:
        """What stands in one line of the class, by the cardinality that the line declares."""
        values = [self._value(node, line.holds) for node in nodes]
        if line.many:
            self._note_empty(line, nodes, values)
            return tuple(value for value in values if value is not None)
        if len(nodes) > 1:
            self.quirks.note(QuirkName.REPEATED_ELEMENT, line.element)
            strays.extend(nodes[1:])
        return self._absent(line, nodes, values) if values[0] is None else values[0]

    def _absent(self, line: Line, nodes: list[Node], values: list[Any]) -> Any:
        """What a line holds that was sent empty; only text may be empty where it must be sent."""
        if line.repetition == "?" or not line.fills_in:
            self._note_empty(line, nodes, values)
            return None
        return self._empty(line.holds)

    def _note_empty(self, line: Line, nodes: list[Node], values: list[Any]) -> None:
        if any(value is None and not node.text.strip(BLANK) for node, value in zip(nodes, values, strict=True)):
            self.quirks.note(QuirkName.EMPTY_ELEMENT, line.element)

    def _empty(self, holds: Kind | type[Element]) -> Any:
        """The neutral value: empty text, or an element with nothing in it."""
        if isinstance(holds, type):
            return Reader(Quirks(), self.lenient).read(Node(holds.element), holds)
        return Coded("") if isinstance(holds, CodedText) else ""

    def _value(self, node: Node, holds: Kind | type[Element]) -> Any:
        """The value of one element; None for a leaf that is empty."""
        if isinstance(holds, type):
            return self.extension(node) if issubclass(holds, Ext) else self.read(node, holds)
        return self.leaf(node, holds)

    def leaf(self, node: Node, kind: Kind) -> LeafValue | None:
        """The value of a leaf element; None when it is empty or says `null`, as Oria does for what it does not have."""
        if isinstance(kind, Flag):
            return True
        if node.children and not self.lenient:
            detail = f"{node.name} holds {node.children[0].name}, where only a value may stand"
            self.fault = self.fault or SchemaViolation(detail, element=node.name, line=node.line)
            return None
        text = node.text.strip(BLANK)
        if not text:
            return None
        if text == "null":
            self.quirks.note(QuirkName.NULL_TEXT, node.name)
            return None
        if isinstance(kind, CodedText):
            return Coded(text, node.attributes.get((NCIP, "Scheme")) or None)
        return self._checked(node, kind, text)

    def _checked(self, node: Node, kind: Kind, text: str) -> LeafValue | None:
        if kind.fault(text) is not None:
            self.quirks.note(QuirkName.LOOSE_VALUE, node.name)
        try:
            return kind.read(text)
        except ValueError as error:
            if self.lenient or not (isinstance(kind, Date) or node.name == AMOUNT):
                self.quirks.note(QuirkName.INVALID_VALUE, node.name)
                return None
            refused = InvalidDate if isinstance(kind, Date) else InvalidAmount
            detail = str(error) if kind.privacy is Privacy.OPEN else "a value of the wrong kind"
            self.fault = self.fault or refused(detail, element=node.name, value=text[:100], line=node.line)
            return None

    def extension(self, node: Node) -> Ext:
        """Ext with all its elements, known and unknown."""
        return Ext(content=tuple(self.part(child) for child in node.children))

    def part(self, node: Node) -> Part:
        """One element that stands in Ext, or that stood where the schema has no place for it: never a fault."""
        if not self.lenient:
            return Reader(self.quirks, lenient=True).part(node)
        kind = LEAVES.get(node.name)
        if node.namespace != NCIP:
            return Foreign(node)
        if kind is not None:
            return Leaf(node.name, self._kept(node, kind))
        cls = CLASSES.get(node.name)
        if cls is None:
            return Foreign(node)
        return self.extension(node) if issubclass(cls, Ext) else self.read(node, cls)

    def _kept(self, node: Node, kind: Kind) -> LeafValue:
        """As `leaf`, where an empty leaf is worth keeping: it was put there on purpose."""
        value = self.leaf(node, kind)
        if value is not None:
            return value
        return Coded("") if isinstance(kind, CodedText) else ""
