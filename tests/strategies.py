"""Hypothesis strategies read off the message tables: any message that may be sent, and nothing else."""

import unicodedata
from datetime import date, time

from hypothesis import strategies as st

from protocols.sip2.codes import BX_POSITIONS, PatronStatus, Summary, YesNoUnknown
from protocols.sip2.dialects import Dialect
from protocols.sip2.kinds import AnyKind
from protocols.sip2.messages import layouts
from protocols.sip2.stamp import Stamp
from protocols.sip2.table import Cardinality, FixedSlot, Group, GroupSlot, Layout, Message, Sender, VariableSlot

ALL_EXTENSIONS = frozenset(slot.field.code for layout in layouts() for slot in layout.identified() if slot.extension)
EVERYTHING = Dialect(name="everything", extensions=ALL_EXTENSIONS)
"""Sends every field that the tables know, so that nothing is lost on the way."""

CP850_TEXT = "".join(
    character
    for character in bytes(range(256)).decode("cp850")
    if unicodedata.category(character) != "Cc" and character != "|" and unicodedata.is_normalized("NFC", character)
)


def texts(*, least: int = 0) -> st.SearchStrategy[str]:
    """What may stand in a text field of a CP850 terminal."""
    return st.text(CP850_TEXT, min_size=least, max_size=40)


def stamps() -> st.SearchStrategy[Stamp]:
    """Any believable wall clock in any zone that the text knows."""
    zones = st.sampled_from(["    ", *(f"   {letter}" for letter in "ABCDEFGHIKLMNOPQRSTUVWXYZ")])
    moments = st.times().map(lambda moment: time(moment.hour, moment.minute, moment.second))
    return st.builds(Stamp, st.dates(date(1900, 1, 1), date(2200, 12, 31)), moments, zones)


def amounts() -> st.SearchStrategy[int]:
    """Hundredths, owed or credited."""
    return st.integers(-(10**9), 10**9)


BY_KIND: dict[str, st.SearchStrategy[object]] = {
    "Y or N": st.booleans(),
    "1 or 0": st.booleans(),
    "Y, N or U": st.sampled_from(YesNoUnknown),
    "number": st.integers(0, 10**9 - 1),
    "four digits": st.integers(0, 9999),
    "number in three digits": st.integers(0, 999),
    "number in three digits, 0 unknown": st.integers(0, 999),
    "amount, whole hundredths": amounts(),
    "date and time": stamps(),
    "14 positions, Y or blank": st.frozensets(st.sampled_from(PatronStatus)),
    "10 positions, one Y at most": st.sampled_from(Summary),
    "16 flags, Y or N": st.frozensets(st.sampled_from(BX_POSITIONS)),
}


def values(kind: AnyKind, *, least: int = 0) -> st.SearchStrategy[object]:
    """Any value of a kind; codes are drawn from the form that the kind declares."""
    if kind.name == "text":
        return texts(least=least)
    return BY_KIND[kind.name] if kind.name in BY_KIND else st.from_regex(kind.form, fullmatch=True)


def lines(slot: FixedSlot | VariableSlot | GroupSlot, sender: Sender) -> st.SearchStrategy[object]:
    """Any value of one line of a message, as the text wants it.

    The ACS sends no optional field empty, the SC none that would be in vain; a date that must not be blank is none.
    """
    if isinstance(slot, GroupSlot):
        return st.lists(groups(slot), max_size=3).map(tuple)
    if isinstance(slot, FixedSlot):
        value = values(slot.field.kind)
        return st.none() | value if slot.field.blank is not None else value
    required = slot.cardinality is Cardinality.ONCE
    least = int(slot.field.is_vain_when_empty if sender is Sender.SC else not required)
    value = values(slot.field.kind, least=least)
    if slot.cardinality is Cardinality.MANY:
        return st.lists(value, max_size=4).map(tuple)
    return value if required else st.none() | value


def groups(slot: GroupSlot) -> st.SearchStrategy[Group]:
    """Any group that a line may hold."""
    return st.builds(slot.group, **{line.name: lines(line, Sender.ACS) for line in slot.slots})


def messages(layout: Layout) -> st.SearchStrategy[Message]:
    """Any message of one row of the table."""
    slots = (*layout.fixed, *layout.variable)
    return st.builds(layout.message, **{slot.name: lines(slot, layout.sender) for slot in slots})


def any_message(sender: Sender) -> st.SearchStrategy[Message]:
    """Any message that `sender` may say."""
    return st.one_of([messages(layout) for layout in layouts(sender)])
