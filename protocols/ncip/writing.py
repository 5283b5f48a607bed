"""From message objects to XML text: prefix `ns1` throughout, order and names by the table, wording by the profile."""

import re
from typing import Any

from protocols.ncip.elements import LEAVES
from protocols.ncip.extension import Ext, Foreign, Leaf
from protocols.ncip.kinds import Coded, CodedText, Date, Flag, Kind, LeafValue
from protocols.ncip.moments import Moment
from protocols.ncip.nodes import NCIP, Node
from protocols.ncip.profiles import Profile, Schemes
from protocols.ncip.table import MODELS, Element
from protocols.ncip.vocabulary import is_uri

PREFIX = "ns1"  # Norwegian clients search answers for the literal names ns1:Problem, ns1:ProblemType
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
UNSPEAKABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 has no place for these
SCHEME = (NCIP, "Scheme")
NOT_TEXT = (CodedText, Date)
MORE_THAN_TEXT = (Coded, Moment)
IN_NEED = re.compile("[&<>\r]")  # of an escape; hardly any text is
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
ATTRIBUTE_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
)


def element_node(message: Element, profile: Profile) -> Node:
    """One element object as XML data."""
    node = Node(message.element)
    if isinstance(message, Ext):
        node.children = [_part(part, profile) for part in message.content]
        return node
    model = MODELS[type(message)]
    for line, value in zip(model.lines, model.values(message), strict=True):
        if value is None or value is False:
            continue
        for one in value if line.many else (value,):
            node.children.append(_child(line.element, line.holds, one, profile))
    return node


def _part(part: Element | Leaf | Foreign, profile: Profile) -> Node:
    if isinstance(part, Foreign):
        return part.node
    if isinstance(part, Leaf):
        return leaf_node(part.element, LEAVES[part.element], part.value, profile)
    return element_node(part, profile)


def _child(name: str, holds: Kind | type[Element], value: Any, profile: Profile) -> Node:
    if isinstance(holds, type):
        return element_node(value, profile)
    return leaf_node(name, holds, value, profile)


def leaf_node(name: str, kind: Kind, value: LeafValue, profile: Profile) -> Node:
    """One leaf as XML data; TypeError when the value is not of the leaf's kind."""
    node = Node(name, text=leaf_text(name, kind, value, profile))
    if isinstance(kind, CodedText) and isinstance(value, Coded) and (scheme := scheme_of(kind, value, profile)):
        node.attributes[SCHEME] = scheme
    return node


def leaf_text(name: str, kind: Kind, value: LeafValue, profile: Profile) -> str:
    """What stands in a leaf; TypeError when the value is not of the leaf's kind."""
    if isinstance(kind, CodedText) and isinstance(value, Coded):
        return speakable(value.value)
    if isinstance(kind, Date) and isinstance(value, Moment):
        return kind.write(value, in_gmt=profile.all_dates_in_gmt)
    if isinstance(kind, Flag):
        return ""
    if isinstance(kind, NOT_TEXT) or isinstance(value, MORE_THAN_TEXT):
        raise TypeError(f"{name} cannot hold {value!r}")
    return speakable(str(value))


def scheme_of(kind: CodedText, value: Coded, profile: Profile) -> str | None:
    """The Scheme to send, if any; one that a partner gave and that is no URI is not passed on."""
    if profile.schemes is Schemes.NONE:
        return None
    if value.scheme is None and profile.schemes is Schemes.KNOWN:
        return kind.vocabulary.scheme_for(value.value)
    return speakable(value.scheme) if value.scheme and is_uri(value.scheme) else None


def speakable(text: str) -> str:
    """The text without the control characters that XML cannot carry; catalogues are full of them."""
    return text if text.isprintable() else UNSPEAKABLE.sub("", text)


def document(root: Node, *, prefix: str = PREFIX, doctype: str | None = None) -> str:
    """The whole document.  Elements of NCIP get the prefix, declared once on the root; no namespace, no prefix."""
    declared = {NCIP: prefix} if root.namespace == NCIP else {}
    head = [DECLARATION, *([doctype] if doctype else [])]
    pieces: list[str] = []
    _write(root, declared, pieces, is_root=True)
    return "\n".join([*head, "".join(pieces)])


def _write(node: Node, prefixes: dict[str, str], pieces: list[str], *, is_root: bool = False) -> None:
    """What is ours and has no attributes, nearly all of a message, is written without asking what must be declared."""
    if node.namespace in prefixes and not node.attributes and not is_root:
        name = f"{prefixes[node.namespace]}:{node.name}"
        pieces.append(f"<{name}")
        _write_inside(node, name, prefixes, pieces)
    else:
        _write_declared(node, prefixes, pieces, is_root=is_root)


def _write_declared(node: Node, prefixes: dict[str, str], pieces: list[str], *, is_root: bool) -> None:
    name, declared = _name(node, prefixes)
    new = declared if not is_root else {**prefixes, **declared}
    inside = {**prefixes, **declared} if declared else prefixes
    pieces.append(f"<{name}")
    pieces.extend(f' xmlns:{prefix}="{escaped_attribute(uri)}"' for uri, prefix in new.items())
    for (uri, local), value in node.attributes.items():
        pieces.append(f' {_attribute_name(uri, local, inside)}="{escaped_attribute(value)}"')
    _write_inside(node, name, inside, pieces)


def _write_inside(node: Node, name: str, prefixes: dict[str, str], pieces: list[str]) -> None:
    """The rest of an element whose opening tag is not closed yet."""
    if not node.children and not node.text:
        pieces.append("/>")
        return
    pieces.append(f">{escaped(node.text)}")
    for child in node.children:
        _write(child, prefixes, pieces)
        if child.tail:
            pieces.append(escaped(child.tail))
    pieces.append(f"</{name}>")


def _name(node: Node, prefixes: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The name as written, and the namespaces that must be declared here for it and its attributes."""
    uris = [uri for uri in (node.namespace, *(uri for uri, _ in node.attributes)) if uri and uri not in prefixes]
    declared = {uri: f"x{len(prefixes) + number}" for number, uri in enumerate(dict.fromkeys(uris))} if uris else {}
    prefix = prefixes.get(node.namespace) or declared.get(node.namespace)
    return (f"{prefix}:{node.name}" if prefix else node.name), declared


def _attribute_name(uri: str, local: str, prefixes: dict[str, str]) -> str:
    return f"{prefixes[uri]}:{local}" if uri in prefixes else local


def escaped(text: str) -> str:
    """As it stands between tags."""
    return text.translate(ESCAPES) if IN_NEED.search(text) else text


def escaped_attribute(text: str) -> str:
    """As it stands between quotation marks."""
    return text.translate(ATTRIBUTE_ESCAPES)
