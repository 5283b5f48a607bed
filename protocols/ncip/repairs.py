"""Puts a message that came in another spelling into the spelling of 2.02, before it is read.  Every repair is noted.

Repairs here concern names, namespaces, attributes and known wrong shapes; order, number and content are the reader's.
"""

from protocols.ncip.elements import LEAVES
from protocols.ncip.kinds import BLANK, CodedText
from protocols.ncip.nodes import NCIP, XSI, Node
from protocols.ncip.quirks import QuirkName, Quirks
from protocols.ncip.table import CLASSES
from protocols.ncip.version1 import WORDS

KNOWN = frozenset({*LEAVES, *CLASSES, "NCIPMessage"})
BY_LOWER = {name.lower(): name for name in KNOWN}
OURS = frozenset({"version", "Scheme"})
VERSION_MESSAGE = "NCIPVersionMessage"  # the root of OCLC's LookupVersion


def repair(root: Node, quirks: Quirks) -> None:
    """Bring names, namespaces and attributes of a whole document into order, in place."""
    _element(root, quirks, extension=False)


def _element(node: Node, quirks: Quirks, *, extension: bool) -> None:
    _name(node, quirks)
    if not _namespace(node, quirks, extension=extension):
        return  # somebody else's element: carried along as it is
    _attributes(node, quirks)
    for child in node.children:
        _element(child, quirks, extension=node.name == "Ext")
    _scheme_and_value(node, quirks)
    _item_id_as_title(node, quirks)
    _text_between(node, quirks)


def _name(node: Node, quirks: Quirks) -> None:
    """The letter case is wrong in some answers."""
    if node.name in KNOWN or node.name in WORDS:
        return
    known = BY_LOWER.get(node.name.lower())
    if known is not None:
        quirks.note(QuirkName.LETTER_CASE, known)
        node.name = known


def _namespace(node: Node, quirks: Quirks, *, extension: bool) -> bool:
    """Put a known element into the NCIP namespace; False when it is not ours.

    Inside Ext a foreign namespace is the point of it: an ILS-DI LookupItemSet is not NCIP's.
    """
    if node.namespace == NCIP:
        return True
    known = node.name in KNOWN or node.name in WORDS or node.name == VERSION_MESSAGE
    if not known or (node.namespace and extension):
        quirks.note(QuirkName.FOREIGN_ELEMENT, node.name)
        return False
    quirks.note(QuirkName.OTHER_NAMESPACE if node.namespace else QuirkName.NO_NAMESPACE, "NCIPMessage")
    node.namespace = NCIP
    return True


def _attributes(node: Node, quirks: Quirks) -> None:
    """Only `version` and `Scheme` mean anything to us, in whatever namespace they stand."""
    for namespace, name in list(node.attributes):
        if namespace in (NCIP, XSI):
            continue
        value = node.attributes.pop((namespace, name))
        if name in OURS:
            quirks.note(QuirkName.PLAIN_ATTRIBUTE, name)
            node.attributes.setdefault((NCIP, name), value)
        else:
            quirks.note(QuirkName.OTHER_ATTRIBUTE, node.name)


def _scheme_and_value(node: Node, quirks: Quirks) -> None:
    """Version 1 writes a coded value as two children, and so do some senders of version 2 (Koha's AcceptItem)."""
    if not node.children or node.name in CLASSES:
        return
    value, scheme = node.child("Value"), node.child("Scheme")
    coded = isinstance(LEAVES.get(WORDS.get(node.name, node.name)), CodedText)
    if value is None or not coded:
        return
    quirks.note(QuirkName.SCHEME_AND_VALUE, node.name)
    node.text = value.text
    node.children = []
    if scheme is not None and scheme.text.strip(BLANK):
        node.attributes.setdefault((NCIP, "Scheme"), scheme.text.strip(BLANK))


def _item_id_as_title(node: Node, quirks: Quirks) -> None:
    """The Norwegian Koha client names a title by ISBN in the elements of an item."""
    value = node.child("ItemIdentifierValue") if node.name == "BibliographicId" else None
    if value is None:
        return
    quirks.note(QuirkName.ITEM_ID_AS_TITLE, node.name)
    record = Node("BibliographicRecordId", line=node.line)
    record.children = [Node("BibliographicRecordIdentifier", text=value.text, line=value.line)]
    kind = node.child("ItemIdentifierType")
    if kind is not None:
        record.children.append(Node("BibliographicRecordIdentifierCode", text=kind.text, line=kind.line))
    node.children = [record]


def _text_between(node: Node, quirks: Quirks) -> None:
    if not node.children:
        return
    if any(text.strip(BLANK) for text in (node.text, *(child.tail for child in node.children))):
        quirks.note(QuirkName.STRAY_TEXT, node.name)
