"""The short way from text to message, for a text in which nothing at all is odd: nearly every one that comes.

It judges nothing: whatever it has a doubt about is None, and the codec reads it again with all its patience. What is
read here is read there to the same message without a repair; a test holds the two side by side.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from protocols.sip2.kinds import LONGEST_VALUE, TEXT
from protocols.sip2.messages import BY_CODE
from protocols.sip2.table import Cardinality, FixedSlot, Message, VariableSlot


class _Part(NamedTuple):
    """One field without id: where it stands, and how it is read."""

    name: str
    start: int
    end: int
    form: re.Pattern[str]
    read: Callable[[str], Any]
    may_be_blank: bool


class _Field(NamedTuple):
    """One field with an id; `form` and `read` are None for plain text, `when_empty` is what an empty value means."""

    name: str
    form: re.Pattern[str] | None
    read: Callable[[str], Any] | None
    when_empty: object
    may_be_empty: bool


class ShortWay:
    """One message's layout, laid out for reading."""

    def __init__(self, code: str) -> None:
        layout = BY_CODE[code]
        self._message = layout.message
        self._parts: list[_Part] = []
        end = len(code)
        for fixed in layout.fixed:
            start, end = end, end + fixed.field.width
            self._parts.append(_part(fixed, start, end))
        self._width = end
        single = (slot for slot in layout.variable if isinstance(slot, VariableSlot))
        self._fields = {slot.field.code: _field(slot) for slot in single if slot.cardinality is not Cardinality.MANY}
        once = (slot for slot in layout.identified() if slot.cardinality is Cardinality.ONCE)
        self._required = frozenset(slot.name for slot in once)

    def read(self, text: str, delimiter: str) -> Message | None:
        """The message; None at the slightest doubt."""
        if not text.isprintable():
            return None
        values: dict[str, object] = {}
        try:
            whole = self._read_parts(text, delimiter, values) and self._read_fields(text, delimiter, values)
        except ValueError:  # of the right form, and yet no value: the 31st of February
            return None
        return self._message(**values) if whole and self._required <= values.keys() else None

    def _read_parts(self, text: str, delimiter: str, values: dict[str, object]) -> bool:
        for name, start, end, form, read, may_be_blank in self._parts:
            part = text[start:end]
            if may_be_blank and not part.strip(" 0") and len(part) == end - start:
                values[name] = None
            elif form.fullmatch(part) is None or delimiter in part:
                return False
            else:
                values[name] = read(part)
        return True

    def _read_fields(self, text: str, delimiter: str, values: dict[str, object]) -> bool:
        """Every piece has an id of this message, none comes twice, and the last one is closed."""
        *pieces, last = text[self._width :].split(delimiter)
        fields = self._fields
        for piece in pieces:
            field = fields.get(piece[:2])
            if field is None or field.name in values or len(piece) > LONGEST_VALUE:
                return False
            value = piece[2:]
            if not value:
                if not field.may_be_empty:
                    return False
                values[field.name] = field.when_empty
            elif field.form is None or field.read is None:
                values[field.name] = value
            elif field.form.fullmatch(value) is None:
                return False
            else:
                values[field.name] = field.read(value)
        return not last


def _part(slot: FixedSlot, start: int, end: int) -> _Part:
    kind = slot.field.kind
    return _Part(slot.name, start, end, kind.form, kind.read, slot.field.blank is not None and slot.optional)


def _field(slot: VariableSlot) -> _Field:
    field, once = slot.field, slot.cardinality is Cardinality.ONCE
    kind = field.kind
    if kind is TEXT:
        return _Field(slot.name, None, None, "", may_be_empty=not (field.is_vain_when_empty and once))
    empty = kind.fallback if once else None
    return _Field(slot.name, kind.form, kind.read, empty, may_be_empty=not (field.is_vain_when_empty and once))


@cache
def short_way(code: str) -> ShortWay:
    """To the messages with this command id."""
    return ShortWay(code)
