"""Text between Python and a terminal's bytes: encodings, what an encoding lacks, and what no value may hold.

Knows no field.  CP437 is not among the encodings on purpose: it has no ø.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

ENCODINGS: Final = ("cp850", "cp865", "iso-8859-1", "iso-8859-15", "cp1252", "utf-8", "ascii")
LONGEST_VALUE: Final = 255  # characters, and bytes, in one variable field
UNWRITABLE: Final = "?"

_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")

_SPELLED = {
    "€": "EUR",
    "£": "GBP",
    "‘": "'",
    "’": "'",
    "‚": "'",
    "“": '"',
    "”": '"',
    "„": '"',
    "«": '"',
    "»": '"',
    "‐": "-",
    "‑": "-",
    "–": "-",
    "—": "-",
    "−": "-",
    "•": "*",
    "…": "...",
    "\u00a0": " ",
    "æ": "ae",
    "Æ": "AE",
    "œ": "oe",
    "Œ": "OE",
    "ø": "o",
    "Ø": "O",
    "ß": "ss",
    "ð": "d",
    "Ð": "D",
    "đ": "d",
    "Đ": "D",
    "þ": "th",
    "Þ": "Th",
    "ł": "l",
    "Ł": "L",
    "ŋ": "n",
    "Ŋ": "N",
    "ŧ": "t",
    "Ŧ": "T",
    "ı": "i",
}
"""Letters and signs whose nearest spelling Unicode does not know; the last ones are for Sámi, Polish and Turkish."""


def decode(data: bytes, encoding: str) -> tuple[str, int]:
    """The text of `data`, and how many places were no text in `encoding` and became U+FFFD."""
    if data.isascii():  # the same in every one of them, and much quicker
        return data.decode("ascii"), 0
    try:
        return data.decode(encoding), 0
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
        return text, text.count("\ufffd")


def encode(text: str, encoding: str) -> bytes:
    """The bytes of `text`, which `sendable` has seen."""
    return text.encode("ascii" if text.isascii() else encoding)


def sendable(text: str, encoding: str, delimiter: str, substitute: str) -> str:
    """`text` as it may stand in one field: composed, on one line, spelled with what `encoding` has, at most 255 long.

    A delimiter inside becomes `substitute`, a run of control characters one blank.
    """
    if len(text) <= LONGEST_VALUE and text.isascii() and text.isprintable() and delimiter not in text:
        return text
    composed = unicodedata.normalize("NFC", _BREAKS.sub(" ", text)).replace(delimiter, substitute)
    return _shortened(_transliterated(composed, encoding, delimiter, substitute), encoding)


def _transliterated(text: str, encoding: str, delimiter: str, substitute: str) -> str:
    if _has(encoding, text):
        return text
    spelled = "".join(character if _has(encoding, character) else _spelled(character, encoding) for character in text)
    return spelled.replace(delimiter, substitute)


def _spelled(character: str, encoding: str) -> str:
    if character in _SPELLED:
        return _SPELLED[character]
    if unicodedata.category(character) in ("Mn", "Cf"):
        return ""
    plain = "".join(_bare(unicodedata.normalize("NFKD", character), encoding))
    return plain if plain.strip() else UNWRITABLE


def _bare(decomposed: str, encoding: str) -> Iterator[str]:
    for character in decomposed:
        if unicodedata.combining(character):
            continue
        if _has(encoding, character):
            yield character
        elif character in _SPELLED:
            yield _SPELLED[character]


def _has(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _shortened(text: str, encoding: str) -> str:
    """Cut to what a field holds, never inside a character; every character is in `encoding`."""
    short = text[:LONGEST_VALUE]
    data = short.encode(encoding)
    return short if len(data) <= LONGEST_VALUE else data[:LONGEST_VALUE].decode(encoding, "ignore")
