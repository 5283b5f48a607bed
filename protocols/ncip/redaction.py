"""A message as it may be shown and kept: what is personal or secret is masked, by what the element table declares.

Works on what came, valid or not, since that is what a dispute is about.  Somebody else's extensions are masked whole.
"""

from protocols.ncip.codec import parse
from protocols.ncip.elements import LEAVES
from protocols.ncip.errors import NcipError
from protocols.ncip.kinds import BLANK, Privacy
from protocols.ncip.nncipp import CANCEL_REASONS, Notice
from protocols.ncip.nodes import Node
from protocols.ncip.table import CLASSES, MASK
from protocols.ncip.version1 import WORDS
from protocols.ncip.writing import document

WORTH_KEEPING = {  # words of a profile in elements that otherwise hold free text; a dispute may turn on them
    "NoticeContent": frozenset(Notice),
    "ItemNote": frozenset(CANCEL_REASONS),
}


def redact(data: bytes) -> str:
    """The message with every personal and secret value masked; what cannot be parsed is told by its size alone."""
    try:
        root = parse(data)
    except NcipError as error:
        return f"[{len(data)} bytes that are no message: {type(error).__name__}]"
    _mask(root, hidden=False)
    return document(root)


def _mask(node: Node, *, hidden: bool) -> None:
    name = _modern(node.name)
    known = name in LEAVES or name in CLASSES or node.name in WORDS or node.name.startswith("NCIP")
    hidden = hidden or not known or _is_private(name)
    if hidden and node.text.strip(BLANK) and node.text not in WORTH_KEEPING.get(name, ()):
        node.text = MASK
    node.attributes = {key: MASK if not known else value for key, value in node.attributes.items()}
    for child in node.children:
        _mask(child, hidden=hidden)
        child.tail = MASK if child.tail.strip(BLANK) else child.tail
    if node.children and node.text.strip(BLANK):
        node.text = MASK  # text between elements: nobody has declared what it is


def _modern(name: str) -> str:
    """The name in version 2, letter case aside."""
    return _BY_LOWER.get(name.lower(), name)


_BY_LOWER = {
    **{name.lower(): name for name in (*LEAVES, *CLASSES)},
    **{old.lower(): new for old, new in WORDS.items() if new in LEAVES or new in CLASSES},
    **{f"{error}value": "ProblemValue" for error in ("processingerror", "messagingerror")},
}


def _is_private(name: str) -> bool:
    kind = LEAVES.get(name)
    return kind is not None and kind.privacy is not Privacy.OPEN
