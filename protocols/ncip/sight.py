"""What may be seen of an element afterwards, by its name: read off the element table."""

from functools import lru_cache
from typing import NamedTuple

from protocols.ncip.elements import LEAVES
from protocols.ncip.kinds import Privacy
from protocols.ncip.nncipp import CANCEL_REASONS, Notice
from protocols.ncip.table import CLASSES
from protocols.ncip.version1 import WORDS

WORTH_KEEPING = {  # words of a profile in elements that otherwise hold free text; a dispute may turn on them
    "NoticeContent": frozenset(Notice),
    "ItemNote": frozenset(CANCEL_REASONS),
}
LONGEST_NAME = 200  # characters of a tag worth remembering; longer ones are nobody's


class Sight(NamedTuple):
    """What may be seen of an element by its name: whether it is private, and words that may be seen even so."""

    hidden: bool
    known: bool
    words: frozenset[str]


def sight_of(tag: str) -> Sight:
    """Of an element as the parser spells it, or by its bare name."""
    return _by_tag(tag) if len(tag) <= LONGEST_NAME else _by_tag.__wrapped__(tag)


@lru_cache(maxsize=2048)
def _by_tag(tag: str) -> Sight:
    local = tag.rpartition("}")[2]
    name = _modern(local)
    known = name in LEAVES or name in CLASSES or local in WORDS or local.startswith("NCIP")
    return Sight(not known or _is_private(name), known, WORTH_KEEPING.get(name, frozenset()))


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
