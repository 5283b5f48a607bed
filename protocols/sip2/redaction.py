"""Frames as they may be shown: secrets masked always, what concerns a person on request; by the table's own marks.

Works on any text, also on what no message can be made of: in doubt more is masked.
"""

import re
from collections.abc import Iterator
from typing import Final

from protocols.sip2.messages import BY_CODE, layouts
from protocols.sip2.table import VariableSlot

MASK: Final = "***"


def _slots() -> Iterator[VariableSlot]:
    for layout in layouts():
        yield from layout.identified()


SECRET_IDS: Final = frozenset(slot.field.code for slot in _slots() if slot.field.secret)
PERSONAL_IDS: Final = frozenset(slot.field.code for slot in _slots() if slot.field.personal)


def redact(text: str, *, personal: bool = False, delimiter: str = "|") -> str:
    """`text`, a frame with or without trailer, with its secret values masked, and with `personal` those too."""
    masked = SECRET_IDS | PERSONAL_IDS if personal else SECRET_IDS
    first, *others = text.split(delimiter)
    return delimiter.join([_first(first, masked), *(_masked(piece, masked) for piece in others)])


def _masked(piece: str, ids: frozenset[str]) -> str:
    """One piece between delimiters; strays before its id do not save the value."""
    bare = piece.lstrip()
    before = len(piece) - len(bare)
    return piece[: before + 2] + MASK if bare[:2] in ids and len(bare) > 2 else piece


def _first(piece: str, ids: frozenset[str]) -> str:
    """The piece with the command and the fixed part, and with the first field behind them."""
    bare = piece.lstrip()
    layout = BY_CODE.get(bare[:2])
    if layout is not None:
        start = len(piece) - len(bare) + 2 + layout.width
        if piece[start : start + 2] in layout.by_id:
            return piece[:start] + _masked(piece[start:], ids)
    # Not as the table has it: whatever could be the id of a masked field hides all that follows.
    found = re.search("|".join(sorted(ids)), piece)
    return piece[: found.end()] + MASK if found and found.end() < len(piece) else piece
