"""decode(text) -> Decoded(message, repairs, extras) and encode(message) -> text, both read off the table.

Knows no bytes, no trailer and no clock.  Tolerant in: every oddity that can be understood is understood and named.
Strict out: what a dialect's machine must not see is spelled otherwise, shortened or left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from protocols.sip2 import charset, messages
from protocols.sip2.dialects import STANDARD, Dialect
from protocols.sip2.errors import (
    FixedPartTooShort,
    MissingRequired,
    Partial,
    RefusedByStrictness,
    UnknownCommand,
    WrongDirection,
)
from protocols.sip2.fields import Fixed
from protocols.sip2.kinds import TEXT, AnyKind, Edges
from protocols.sip2.proper import short_way
from protocols.sip2.quirks import Quirk, Repair
from protocols.sip2.table import Cardinality, FixedSlot, Group, GroupSlot, Layout, Message, Sender, VariableSlot
from protocols.value import value


@value(frozen=True, slots=True)
class Decoded:
    """A message, what had to be repaired to read it, and the values of ids that it does not know."""

    message: Message
    repairs: tuple[Repair, ...]
    extras: Mapping[str, tuple[str, ...]] = field(repr=False)


def decode(
    text: str,
    *,
    sender: Sender = Sender.SC,
    delimiter: str = "|",
    strict: bool = False,
    earlier: Iterable[Repair] = (),
) -> Decoded:
    """The message that `sender` says in `text`, which has neither trailer nor line end.

    `earlier` are repairs made to the frame before.  Raises UnknownCommand, WrongDirection, FixedPartTooShort,
    MissingRequired, and RefusedByStrictness when `strict` and anything at all needed a repair.
    """
    layout = _layout(text[:2], sender)
    repairs = list(earlier)
    message = None if strict and repairs else short_way(layout.code).read(text, delimiter)
    if message is not None:
        return Decoded(message, tuple(repairs), {})
    reading = _Reading(layout, text[2:], delimiter, repairs)
    decoded = reading.decoded()
    if strict and decoded.repairs:
        raise RefusedByStrictness(reading.partial(), decoded.repairs)
    return decoded


def _layout(code: str, sender: Sender) -> Layout:
    layout = messages.BY_CODE.get(code)
    if layout is None:
        raise UnknownCommand("a command of SIP2 2.00 expected")
    if layout.sender is not sender:
        raise WrongDirection(f"{code} is said by the {layout.sender}")
    return layout


class _Reading:
    """One text being read: what is left of it and what was found so far."""

    def __init__(self, layout: Layout, rest: str, delimiter: str, repairs: list[Repair]) -> None:
        self.layout = layout
        self.rest = rest
        self.edges = Edges(layout.ids, delimiter)
        self.repairs = repairs
        self.values: dict[str, object] = {}
        self.found: dict[str, list[str]] = {}
        self.extras: dict[str, list[str]] = {}
        self.grouped: list[tuple[str, str]] = []

    def decoded(self) -> Decoded:
        """The whole way from text to message."""
        for fixed in self.layout.fixed:
            self.read_fixed(fixed)
        self.split()
        for slot in self.layout.variable:
            self.values[slot.name] = self.read_groups(slot) if isinstance(slot, GroupSlot) else self.read_variable(slot)
        extras = {code: tuple(values) for code, values in self.extras.items()}
        return Decoded(self.layout.message(**self.values), tuple(self.repairs), extras)

    def note(self, quirk: Quirk, where: str = "") -> None:
        """Record one repair."""
        self.repairs.append(Repair(quirk, where))

    def partial(self) -> Partial:
        """What was found so far, for a refusal in the command's own form."""
        fixed = {slot.name: self.values[slot.name] for slot in self.layout.fixed if slot.name in self.values}
        return Partial(self.layout.code, fixed, {code: tuple(values) for code, values in self.found.items()})

    # The fixed part.

    def read_fixed(self, slot: FixedSlot) -> None:
        """Take one field without id from the front of the rest."""
        kind = slot.field.kind
        place = kind.locate(self.rest, slot.field.width, self.edges)
        text = self.rest[place.start : place.end]
        if len(text) < place.end - place.start or self.edges.delimiter in text:
            raise self.too_short(slot)
        self.rest = self.rest[place.end :]
        if place.quirk is not None:
            self.note(place.quirk, slot.name)
        value = None
        if not _is_blank(text, slot.field) and place.quirk is not Quirk.MISSING_DATE:
            value = self.value(kind, text, slot.name)
        if value is None and not slot.optional:
            value = kind.fallback
        if value is None and not slot.optional:
            self.split()
            raise MissingRequired(slot.name, self.partial(), self.repairs)
        self.values[slot.name] = value

    def too_short(self, slot: FixedSlot) -> FixedPartTooShort:
        """The refusal of a fixed part that ends early, with every field that can still be made out."""
        first = self.layout.ids.search(self.rest.partition(self.edges.delimiter)[0])
        self.rest = self.rest[first.start() if first else 0 :]
        self.split()
        words = f"{self.layout.width} characters expected before the first field, none left for {slot.name}"
        return FixedPartTooShort(words, self.partial(), self.repairs)

    # The fields with ids.

    def split(self) -> None:
        """Sort what follows the fixed part by id."""
        *pieces, last = self.rest.split(self.edges.delimiter)
        if last:
            self.note(Quirk.MISSING_LAST_DELIMITER, last[:2] if last[:2] in self.layout.by_id else "")
            pieces.append(last)
        if "" in pieces:
            self.note(Quirk.STRAY_DELIMITER)
        for piece in pieces:
            if piece:
                self.sort(piece[:2], piece[2:])

    def sort(self, code: str, value: str) -> None:
        """Keep one value with its kind: known, grouped, or of an id that this message does not have."""
        slot = self.layout.by_id.get(code)
        if slot is None and not _may_be_id(code):
            self.note(Quirk.STRAY_TEXT)
        elif slot is None:
            self.extras.setdefault(code, []).append(value)
        elif isinstance(slot, GroupSlot):
            self.grouped.append((code, value))
        else:
            self.found.setdefault(code, []).append(value)

    def read_variable(self, slot: VariableSlot) -> object:
        """The value of one line that has an id."""
        code, kind = slot.field.code, slot.field.kind
        texts = self.found.get(code, ())
        if slot.cardinality is Cardinality.MANY:
            return tuple(self.value(kind, text, code) for text in texts)
        if not texts:
            return None if slot.cardinality is Cardinality.OPTIONAL else self.without(slot)
        text = self.only(code, texts)
        if not text and slot.field.is_vain_when_empty and slot.cardinality is Cardinality.ONCE:
            return self.without(slot)
        value = None if _means_absent(kind, text) else self.value(kind, text, code)
        if value is None and slot.cardinality is Cardinality.ONCE:
            return kind.fallback
        return value

    def only(self, code: str, texts: Sequence[str]) -> str:
        """The one value of a field that may come once: the first that is not empty."""
        if len(texts) == 1:
            return texts[0]
        self.note(Quirk.DUPLICATE_FIELD, code)
        return next((text for text in texts if text), "")

    def without(self, slot: VariableSlot) -> object:
        """What stands in for a required field that did not come, or came empty; raises when nothing can."""
        if slot.field.vital and self.layout.sender is Sender.SC:
            raise MissingRequired(slot.field.code, self.partial(), self.repairs)
        if slot.field.code not in self.found:
            self.note(Quirk.MISSING_FIELD, slot.field.code)
        return slot.field.kind.fallback

    def read_groups(self, slot: GroupSlot) -> tuple[Group, ...]:
        """Fields that stand together: the opening id, or one that is already there, begins the next group."""
        opening = slot.slots[0].field.code
        collected: list[dict[str, str]] = []
        for code, text in self.grouped:
            if not collected or code == opening or code in collected[-1]:
                collected.append({})
            collected[-1][code] = text
        return tuple(self.read_group(slot, texts) for texts in collected)

    def read_group(self, slot: GroupSlot, texts: dict[str, str]) -> Group:
        """One group out of its values by id."""
        values: dict[str, object] = {}
        for line in slot.slots:
            code, kind = line.field.code, line.field.kind
            value = self.value(kind, texts[code], code) if code in texts else None
            if value is None and line.cardinality is Cardinality.ONCE:
                value = kind.fallback
            values[line.name] = value
        return slot.group(**values)

    def value(self, kind: AnyKind, text: str, where: str) -> object:
        """What `text` says, or None when it says nothing; an odd form is noted."""
        proper = kind.form.fullmatch(text) is not None
        value: object
        try:
            value = kind.read(text)
        except ValueError:
            value, proper = None, False
        if not proper:
            self.note(kind.quirk, where)
        return value


def _is_blank(text: str, field: Fixed) -> bool:
    """Whether `text` is one of the proper ways to say that there is no value (blanks and zeros are interchangeable)."""
    return field.blank is not None and len(text) == field.width and not text.strip(" 0")


def _means_absent(kind: AnyKind, text: str) -> bool:
    # An empty AD is an answer of its own (a PIN was asked for and none given); an empty flag or number is none.
    return not text and kind is not TEXT


def _may_be_id(code: str) -> bool:
    return len(code) == 2 and code.isascii() and code.isprintable() and " " not in code


def encode(message: Message, dialect: Dialect = STANDARD) -> str:
    """The text of `message` for a machine that speaks `dialect`, without trailer and line end.

    Raises ValueError when a fixed field cannot be written in its width.
    """
    layout = message.layout
    parts = [layout.code]
    for fixed in layout.fixed:
        parts.append(_write_fixed(fixed, getattr(message, fixed.name)))
    for slot in layout.variable:
        value = getattr(message, slot.name)
        if value is None or value == ():
            continue  # most fields of most answers
        if isinstance(slot, GroupSlot):
            _write_groups(parts, slot, value, layout.sender, dialect)
        else:
            _write_variable(parts, slot, value, layout.sender, dialect)
    return "".join(parts)


def _write_fixed(slot: FixedSlot, value: object) -> str:
    field = slot.field
    if value is None:
        return field.blank if field.blank is not None else " " * field.width
    text: str = field.kind.write(value)
    if len(text) != field.width:
        raise ValueError(f"{slot.name}: {field.width} characters expected, {len(text)} came")
    return text


def _write_groups(
    parts: list[str], slot: GroupSlot, groups: Iterable[object], sender: Sender, dialect: Dialect
) -> None:
    """Append the fields of each group, those of one together."""
    for group in groups:
        for line in slot.slots:
            _write_variable(parts, line, getattr(group, line.name), sender, dialect)


def _write_variable(parts: list[str], slot: VariableSlot, value: object, sender: Sender, dialect: Dialect) -> None:
    """Append what one line puts on the wire: nothing, one field, or one for each value."""
    field = slot.field
    code = field.code
    if value is None or (slot.extension and code not in dialect.extensions):
        return
    delimiter, required = dialect.delimiter, slot.cardinality is Cardinality.ONCE
    if code in dialect.remove:
        parts.extend((code, delimiter) if required else ())
        return
    write = field.kind.write
    for one in value if isinstance(value, tuple) else (value,):
        text = dialect.overwrite.get(code) or write(one)
        text = charset.sendable(text, dialect.encoding, delimiter, dialect.delimiter_substitute)
        # The ACS leaves out what it has nothing to say about; an SC may send such a field empty.
        if text or required or sender is Sender.SC:
            parts += (code, text, delimiter)
