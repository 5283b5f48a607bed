"""Prints REFERENCE.md from the table: `python -m protocols.sip2.reference`; a test fails when the page is stale."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from protocols.sip2.codes import BX_POSITIONS
from protocols.sip2.errors import Sip2Error
from protocols.sip2.kinds import AnyKind
from protocols.sip2.messages import BY_CODE, layouts
from protocols.sip2.quirks import IN_WORDS
from protocols.sip2.table import Cardinality, FixedSlot, GroupSlot, Layout, VariableSlot

PAGE: Final = Path(__file__).with_name("REFERENCE.md")

_OPENING = """# SIP2 as skranke speaks it

Printed from the message table by `python -m protocols.sip2.reference`; do not edit.

Fixed fields come first and are known by their place, the others by their id.  Extensions go out only to accounts that
have them switched on, and are read from everybody.  Secret values are masked wherever a frame is shown, personal ones
where a capture is shared.
"""


def page() -> str:
    """The whole page as text."""
    return "\n".join([_OPENING, *_sections()]) + "\n"


def _sections() -> Iterator[str]:
    yield from (
        "## Messages",
        "",
        "| command | message | sent by | answered by | BX position |",
        "| --- | --- | --- | --- | --- |",
    )
    for layout in layouts():
        place = BX_POSITIONS.index(layout.code) if layout.code in BX_POSITIONS else ""
        yield f"| {layout.code} | {layout.section} | {layout.sender} | {layout.answered_by or ''} | {place} |"
    for layout in layouts():
        yield from ("", *_message(layout))
    yield from ("", "## What is put up with", "", "| quirk | meaning |", "| --- | --- |")
    yield from (f"| `{quirk}` | {words} |" for quirk, words in IN_WORDS.items())
    yield from ("", "## How broken messages are answered", "", "| error | answer | meaning |", "| --- | --- | --- |")
    yield from (f"| {error.__name__} | {error.reply} | {_first_line(error)} |" for error in _errors(Sip2Error))


def _message(layout: Layout) -> Iterator[str]:
    answers = f", answered by {layout.answered_by} {BY_CODE[layout.answered_by].section}" if layout.answered_by else ""
    yield from (
        f"## {layout.code} {layout.section}",
        "",
        f"`{layout.message.__name__}`, from the {layout.sender}{answers}.",
    )
    yield from (_first_line(layout.message), "")
    if not layout.fixed and not layout.variable:
        yield "No fields."
        return
    yield from ("| field | id | width | form | times | remarks |", "| --- | --- | --- | --- | --- | --- |")
    yield from (_fixed(slot) for slot in layout.fixed)
    for slot in layout.variable:
        if isinstance(slot, GroupSlot):
            yield from (_variable(line, f"{slot.name}.{line.name}", "in each group") for line in slot.slots)
        else:
            yield _variable(slot, slot.name, slot.cardinality.value)


def _fixed(slot: FixedSlot) -> str:
    remarks = "may be blank" if slot.optional else ""
    return f"| {slot.name} | | {slot.field.width} | {_form(slot.field.kind)} | once | {remarks} |"


def _variable(slot: VariableSlot, name: str, times: str) -> str:
    marks = {
        "secret": slot.field.secret,
        "personal": slot.field.personal,
        "extension": slot.extension,
        "refused without": slot.field.vital and slot.cardinality is Cardinality.ONCE,
    }
    remarks = ", ".join(mark for mark, holds in marks.items() if holds)
    return f"| {name} | {slot.field.code} | | {_form(slot.field.kind)} | {times} | {remarks} |"


def _form(kind: AnyKind) -> str:
    return kind.name


def _first_line(documented: type) -> str:
    return (documented.__doc__ or "").strip().partition("\n")[0]


def _errors(base: type[Sip2Error]) -> Iterator[type[Sip2Error]]:
    for error in base.__subclasses__():
        yield error
        yield from _errors(error)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name} written\n")
