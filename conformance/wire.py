"""SIP2 as bytes, learnt again from the text so that a mistake of ours is not believed twice.

Knows frames, trailers, checksums and the widths of fixed parts; knows nothing of what a message means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

STAMP_WIDTH = 18  # YYYYMMDD, a zone of four, HHMMSS

_LAYOUTS = {
    "01": "card retained 1, transaction date 18",
    "09": "no block 1, transaction date 18, return date 18",
    "10": "ok 1, resensitize 1, magnetic media 1, alert 1, transaction date 18",
    "11": "SC renewal policy 1, no block 1, transaction date 18, nb due date 18",
    "12": "ok 1, renewal ok 1, magnetic media 1, desensitize 1, transaction date 18",
    "15": "hold mode 1, transaction date 18",
    "16": "ok 1, available 1, transaction date 18",
    "17": "transaction date 18",
    "18": "circulation status 2, security marker 2, fee type 2, transaction date 18",
    "19": "transaction date 18",
    "20": "item properties ok 1, transaction date 18",
    "23": "language 3, transaction date 18",
    "24": "patron status 14, language 3, transaction date 18",
    "25": "transaction date 18",
    "26": "patron status 14, language 3, transaction date 18",
    "29": "third party allowed 1, no block 1, transaction date 18, nb due date 18",
    "30": "ok 1, renewal ok 1, magnetic media 1, desensitize 1, transaction date 18",
    "35": "transaction date 18",
    "36": "end session 1, transaction date 18",
    "37": "transaction date 18, fee type 2, payment type 2, currency type 3",
    "38": "payment accepted 1, transaction date 18",
    "63": "language 3, transaction date 18, summary 10",
    "64": "patron status 14, language 3, transaction date 18, hold items 4, overdue items 4, charged items 4,"
    " fine items 4, recall items 4, unavailable holds 4",
    "65": "transaction date 18",
    "66": "ok 1, renewed count 4, unrenewed count 4, transaction date 18",
    "93": "UID algorithm 1, PWD algorithm 1",
    "94": "ok 1",
    "96": "",
    "97": "",
    "98": "on-line status 1, checkin ok 1, checkout ok 1, ACS renewal policy 1, status update ok 1, off-line ok 1,"
    " timeout period 3, retries allowed 3, date and time sync 18, protocol version 4",
    "99": "status code 1, max print width 3, protocol version 4",
}


def _columns(layout: str) -> tuple[tuple[str, int], ...]:
    pairs = (column.rsplit(" ", 1) for column in layout.split(", ") if column)
    return tuple((name.strip(), int(width)) for name, width in pairs)


FIXED = {code: _columns(layout) for code, layout in _LAYOUTS.items()}
WIDTH = {code: sum(width for _, width in columns) for code, columns in FIXED.items()}

_TRAILER = re.compile(rb"(?:AY(?P<sequence>[0-9]+))?AZ(?P<checksum>[0-9A-Fa-f]{1,4})$")


@dataclass(frozen=True, slots=True)
class Trailer:
    """The end of a frame with error detection: `sequence` is None on 96, on 97 and for clients that leave AY out."""

    sequence: str | None
    checksum: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message cut at its seams: `fields` keep order and repeats, as (id, value)."""

    code: str
    fixed: str
    fields: tuple[tuple[str, str], ...]


def checksum(counted: bytes) -> str:
    """Four upper-case hexadecimal digits for `counted`, which ends in the letters AZ."""
    return f"{-sum(counted) & 0xFFFF:04X}"


def seal(body: bytes, sequence: str | None) -> bytes:
    """`body` with its trailer, without line end; no AY where `sequence` is None."""
    counted = body + (b"" if sequence is None else b"AY" + sequence.encode("ascii")) + b"AZ"
    return counted + checksum(counted).encode("ascii")


def unseal(frame: bytes) -> tuple[bytes, Trailer | None]:
    """The body before the trailer, and the trailer if the frame has one."""
    found = _TRAILER.search(frame)
    if found is None:
        return frame, None
    sequence = found["sequence"]
    return frame[: found.start()], Trailer(
        None if sequence is None else sequence.decode("ascii"), found["checksum"].decode("ascii")
    )


def checksum_fault(frame: bytes) -> str | None:
    """What is wrong with the checksum of a frame that has a trailer, in words; None if it adds up."""
    _, trailer = unseal(frame)
    if trailer is None:
        return "no checksum in the answer"
    counted = checksum(frame[: len(frame) - len(trailer.checksum)])
    if trailer.checksum == counted:
        return None
    return f"checksum {trailer.checksum} in the answer, {counted} counted"


def cut(text: str) -> Message:
    """Cut a message without trailer; of an unknown code everything up to the first delimiter counts as fixed."""
    code = text[:2]
    width = WIDTH.get(code, len(text.split("|", 1)[0]) - 2)
    rest = text[2 + width :]
    fields = tuple((piece[:2], piece[2:]) for piece in rest.split("|") if piece)
    return Message(code, text[2 : 2 + width], fields)


def name_columns(code: str, fixed: str) -> tuple[tuple[str, str], ...]:
    """The fixed part as (column name, text), by the table; what does not fit is left out."""
    named, at = [], 0
    for name, width in FIXED.get(code, ()):
        named.append((name, fixed[at : at + width]))
        at += width
    return tuple(named)
