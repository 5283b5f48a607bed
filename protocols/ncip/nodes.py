"""A piece of XML as plain data: what stands between the parser and the messages.  Knows no element of NCIP."""

from collections.abc import Iterator
from dataclasses import dataclass, field

NCIP = "http://www.niso.org/2008/ncip"  # 2.0, 2.01 and 2.02 alike
XSI = "http://www.w3.org/2001/XMLSchema-instance"

Attribute = tuple[str, str]  # namespace ("" for none) and local name


@dataclass(slots=True)
class Node:
    """One element: its name, attributes and children, the text before the first child, and the text after itself."""

    name: str
    namespace: str = NCIP
    attributes: dict[Attribute, str] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)
    text: str = ""
    tail: str = ""
    line: int = field(default=0, compare=False)  # in the document it came from; 0 when it came from none

    def child(self, name: str) -> "Node | None":
        """The first child of that name, in whatever namespace."""
        return next((child for child in self.children if child.name == name), None)

    def walk(self) -> Iterator["Node"]:
        """This node and everything below it, in document order; flat, so depth costs no stack."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))
