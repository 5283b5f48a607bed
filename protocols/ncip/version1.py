"""Version 1 in the words of version 2, and back.  No namespace, `Unique` names, coded values as two children.

Made from messages of Danish libraries, Evergreen and Koha; the DTD itself is in none of our sources.
"""

from protocols.ncip.nodes import NCIP, Node

UNIQUE = ("AgencyId", "BibliographicId", "ItemId", "RequestId", "UserId")
RENAMED = {f"Unique{name}": name for name in UNIQUE}
VISIBLE = {
    "VisibleUserId": "UserId",
    "VisibleUserIdentifierType": "UserIdentifierType",
    "VisibleUserIdentifier": "UserIdentifierValue",
    "VisibleItemId": "ItemId",
    "VisibleItemIdentifierType": "ItemIdentifierType",
    "VisibleItemIdentifier": "ItemIdentifierValue",
}
ERRORS = ("ProcessingError", "MessagingError")
ERROR_WORDS = {f"{error}{part}" for error in ERRORS for part in ("", "Type", "Element", "Value")}
TYPES = {f"{error}Type": "ProblemType" for error in ERRORS}
WORDS = {  # every name of version 1 that version 2 lacks, with the name that took its place
    **RENAMED,
    **VISIBLE,
    **{word: TYPES.get(word, "Problem") for word in ERROR_WORDS},
    "ElementName": "ProblemElement",
    "UserTransaction": "UserTransaction",
    "Scheme": "Scheme",
    "Value": "Value",
}
VISIBLE_USER = "Visible User Id"  # as a UserElementType


def speaks(root: Node) -> bool:
    """Is there a word of version 1 in the message?"""
    return any(_is_ours(node) and node.name in WORDS and node.name not in ("Scheme", "Value") for node in root.walk())


def _is_ours(node: Node) -> bool:
    return node.namespace in (NCIP, "")


def lift(root: Node) -> None:
    """From version 1 to version 2, in place."""
    for node in filter(_is_ours, root.walk()):
        if node.name == "Problem":
            _lift_problem(node)
        node.children = [grandchild for child in node.children for grandchild in _unwrapped(child)]
        node.name = RENAMED.get(node.name) or VISIBLE.get(node.name, node.name)
        if node.name == "UserElementType" and node.text.strip() == VISIBLE_USER:
            node.text = "User Id"


def _unwrapped(child: Node) -> list[Node]:
    return child.children if child.name == "UserTransaction" else [child]


def _lift_problem(node: Node) -> None:
    """ProcessingError and MessagingError become type, element and value."""
    error = next((child for child in node.children if child.name in ERRORS), None)
    if error is None:
        return
    found = {below.name.removeprefix(error.name): below for below in error.walk()}
    node.children = []
    for word, name in (("Type", "ProblemType"), ("ElementName", "ProblemElement"), ("Value", "ProblemValue")):
        if word in found:
            kept = found[word]
            node.children.append(Node(name, attributes=dict(kept.attributes), text=kept.text, line=kept.line))


def lower(root: Node, coded: frozenset[str]) -> None:
    """From version 2 to version 1, in place.  `coded` names the leaves that hold a coded value.

    What version 1 has no place for is left out: Ext, ProblemDetail, identifier types of ids that are not `Visible`.
    """
    _lower(root, coded)


def _lower(node: Node, coded: frozenset[str]) -> None:
    node.children = [child for child in node.children if child.name not in LEFT_OUT]
    _visible_ids(node)
    if node.name == "LookupUserResponse":
        _wrap_transactions(node)
    for child in node.children:
        _lower(child, coded)
    if node.name == "Problem":
        _lower_problem(node)
    elif VISIBLE.get(node.name, node.name) in coded:
        _lower_coded(node)
    _lower_name(node)


def _lower_name(node: Node) -> None:
    node.namespace = ""
    node.attributes = {("", name): value for (_, name), value in node.attributes.items() if name == "version"}
    if node.name in UNIQUE:
        node.children = [child for child in node.children if not child.name.endswith("IdentifierType")]
        node.name = f"Unique{node.name}"


def _lower_coded(node: Node) -> None:
    scheme = node.attributes.pop((NCIP, "Scheme"), "")
    node.children = [Node("Scheme", "", text=scheme), Node("Value", "", text=node.text)]
    node.text = ""


def _visible_ids(node: Node) -> None:
    """Where version 1 has room for a typed number it is called `Visible`; in UserOptionalFields it stands first."""
    for child in node.children:
        if node.name in VISIBLE_IN.get(child.name, ()) and any(part.name in _VISIBLE_NAMES for part in child.children):
            child.name = f"Visible{child.name}"
            for part in child.children:
                part.name = _VISIBLE_NAMES.get(part.name, part.name)
    if node.name == "UserOptionalFields":
        node.children.sort(key=lambda child: child.name != "VisibleUserId")


VISIBLE_IN = {
    "UserId": ("CreateUser", "LookupUser", "UserOptionalFields"),
    "ItemId": ("LookupItem",),
}
_VISIBLE_NAMES = {new: old for old, new in VISIBLE.items() if new not in VISIBLE_IN}
LEFT_OUT = ("Ext", "PreviousUserId", "ProblemDetail")
_TRANSACTIONS = {"LoanedItemsCount", "LoanedItem", "RequestedItemsCount", "RequestedItem"}


def _wrap_transactions(node: Node) -> None:
    inside = [child for child in node.children if child.name in _TRANSACTIONS]
    if not inside:
        return
    at = node.children.index(inside[0])
    kept = [child for child in node.children if child.name not in _TRANSACTIONS]
    node.children = [*kept[:at], Node("UserTransaction", children=inside), *kept[at:]]


def _lower_problem(node: Node) -> None:
    """By the scheme of its type a problem is one of messaging or of processing."""
    parts = {child.name: child for child in node.children}
    kind = parts.get("ProblemType")
    scheme = kind.child("Scheme") if kind is not None else None
    word = "MessagingError" if scheme is not None and "messagingerrortype" in scheme.text else "ProcessingError"
    error = Node(word, "")
    if kind is not None:
        error.children.append(Node(f"{word}Type", "", children=kind.children))
    if "ProblemElement" in parts:
        name = Node("ElementName", "", text=parts["ProblemElement"].text)
        error.children.append(Node(f"{word}Element", "", children=[name, *_error_value(word, parts)]))
    node.children = [error]


def _error_value(word: str, parts: dict[str, Node]) -> list[Node]:
    return [Node(f"{word}Value", "", text=parts["ProblemValue"].text)] if "ProblemValue" in parts else []
