"""Take persons out of recorded messages, always in the same way, so that a conversation still makes sense.

Works from a list of fields known to be harmless: everything else is replaced by something invented, or left out.
What a person was called cannot be computed back from what replaces it: invented values are counted, not derived.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from conformance.wire import FIXED, STAMP_WIDTH, Message, cut

_HARMLESS = (
    "AB AH AJ AM AN AO AP AQ AS AT AU BG BH BI BK BL BM BN BO BP BQ BR BS BT BU BV BW BX BY BZ CA CB CC CD CF CG CI CJ"
    " CK CL CM CP CQ CR CS CT CV"
)
HARMLESS = frozenset(re.findall(r"\w+", _HARMLESS))
FREE_TEXT = frozenset({"AF", "AG", "AV"})  # written by people or about them
LOGIN = {"CN": "{terminal.recorded.login}", "CO": "{terminal.recorded.password}"}
SHORTEST_TELLTALE = 4  # characters; shorter values would be found inside everything


@dataclass
class Anonymiser:
    """Remembers who became whom; use one for all conversations that shall agree."""

    keep_text: bool = False  # keep AF, AG and AV, with known persons replaced
    _invented: dict[tuple[str, str], str] = field(default_factory=dict)

    def request(self, text: str) -> str:
        """A recorded request as the text of an SC line, without what we do not know to be harmless."""
        message = cut(text)
        fixed = self._fixed(message.code, message.fixed, "{now}")
        self._meet(message)
        fields = [code + value for code, value in map(self._asked, message.fields) if value is not None]
        return _assemble(message.code + fixed, fields, text)

    def _meet(self, message: Message) -> None:
        """Get to know everyone in a message before any text in it is written, whatever the order of its fields."""
        for code, value in message.fields:
            if code in _PERSONAL and value:
                self._invent(code, value)

    def _asked(self, pair: tuple[str, str]) -> tuple[str, str | None]:
        code, value = pair
        if code in LOGIN:
            return code, LOGIN[code]
        if code in HARMLESS or not value:
            return code, self._scrub(value)
        if code in _PERSONAL:
            return code, self._invent(code, value)
        return (code, "text") if code == "AL" else (code, None)

    def answer(self, text: str) -> str:
        """A recorded answer as the text of an ACS line; what we do not know to be harmless becomes `~`."""
        message = cut(text)
        fixed = self._fixed(message.code, message.fixed, "~")
        self._meet(message)
        return _assemble(message.code + fixed, [code + self._told(code, value) for code, value in message.fields], text)

    def _told(self, code: str, value: str) -> str:
        if code in HARMLESS or not value or (self.keep_text and code in FREE_TEXT):
            return self._scrub(value)
        return self._invent(code, value) if code in _PERSONAL else "~"

    def _fixed(self, code: str, fixed: str, stamp: str) -> str:
        """The fixed part with `stamp` for the instant of the conversation."""
        out, at = "", 0
        for name, width in FIXED.get(code, ()):
            value = fixed[at : at + width]
            is_instant = width == STAMP_WIDTH and name != "nb due date" and value.strip("0 ")
            out += stamp if is_instant else value
            at += width
        return _scrub_braces(out, keep="{now}") + _scrub_braces(fixed[at:])

    def _invent(self, code: str, value: str) -> str:
        kind = _PERSONAL[code]
        known = self._invented.get((kind, value))
        if known is None:
            number = 1 + sum(other == kind for other, _ in self._invented)
            known = self._invented[kind, value] = _INVENTORS[kind](value, number)
        return known

    def _scrub(self, value: str) -> str:
        """Known persons in a text replaced, the longest first."""
        for (_, real), invented in sorted(self._invented.items(), key=lambda item: -len(item[0][1])):
            if len(real) >= SHORTEST_TELLTALE:
                value = value.replace(real, invented)
        return _scrub_braces(value)


def _assemble(opening: str, fields: list[str], text: str) -> str:
    """The message again; a last field that came without its delimiter stays so."""
    joined = "|".join(fields)
    return opening + joined + ("|" if fields and text.endswith("|") else "")


def _scrub_braces(text: str, keep: str = "") -> str:
    """Braces would read as placeholders."""
    if keep and keep in text:
        return keep.join(_scrub_braces(piece) for piece in text.split(keep))
    return text.replace("{", "(").replace("}", ")")


def _number(value: str, number: int) -> str:
    width = max(len(value), 5)
    return f"9{number:0{width - 1}d}"


_PERSONAL = {
    "AA": "card",
    "CY": "card",
    "AD": "pin",
    "AC": "password",
    "AE": "name",
    "DA": "name",
    "BD": "address",
    "BE": "e-mail",
    "BF": "phone",
}
_INVENTORS: dict[str, Callable[[str, int], str]] = {
    "card": _number,
    "pin": lambda value, number: f"{number:0{max(len(value), 4)}d}",
    "password": lambda value, number: f"password{number}",
    "name": lambda value, number: f"Eksempel{',' if ',' in value else ''} Person {number}",
    "address": lambda value, number: f"Storgata {number}, 0001 Eksempelby",
    "e-mail": lambda value, number: f"person{number}@example.org",
    "phone": lambda value, number: f"0000{number:04d}",
}
