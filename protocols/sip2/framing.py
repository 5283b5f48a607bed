"""bytes <-> Frame: line ends, length limit, strays, sequence number, checksum; knows no command and no encoding.

Works on bytes, before any decoding: CR and the delimiter are the same byte in every encoding, and other "line ends"
(0x85 is an à in CP850) are none.  Each byte is looked at a fixed number of times, whatever comes.
"""

import re
from collections.abc import Iterator
from dataclasses import field
from typing import Final, NamedTuple

from protocols.sip2.errors import (
    ChecksumMismatch,
    FrameTooLong,
    HttpOnSip2Port,
    NotSip2,
    Sip2Error,
    TlsOnPlainPort,
    TrailerUnreadable,
    UnknownCommand,
)
from protocols.sip2.quirks import Quirk, Repair
from protocols.value import value

LONGEST_FRAME: Final = 8192  # bytes without a line end before we hang up; field practice, the text has no limit
CR: Final = b"\r"
LF: Final = b"\n"

_JUNK = bytes(range(0x21))  # white space, NUL and the rest of the control characters
_ENDS = re.compile(rb"[\r\n]")
_STRAYS = re.compile(rb"\A[^0-9A-Za-z]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_CLEAN = re.compile(rb"[0-9](?:.*[^\x00-\x20])?\Z", re.DOTALL)  # nothing stands before it or behind it
_BEGINS = re.compile(rb"[^0-9A-Za-z]{0,16}[0-9]{2}")  # both bounded, for every LF asks anew
_NO_FIELDS = re.compile(rb"[^0-9A-Za-z]{0,16}[0-9]{2}[^A-Za-z]{0,40}")
_HTTP = re.compile(rb"(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|CONNECT|PATCH|TRACE|PRI) ")
_TLS_HELLO = b"\x16\x03"
_WITH_SEQUENCE = re.compile(rb"AY([0-9]{1,9})AZ([0-9A-Fa-f]{1,4})\Z")
_CHECKSUM_ONLY = re.compile(rb"AZ([0-9A-Fa-f]{1,4})\Z")
_PROPER = re.compile(rb"AY([0-9])AZ([0-9A-F]{4})\Z")
_PROPER_LENGTH = len(b"AY1AZ0000")
_PROPER_CHECKSUM = re.compile(rb"[0-9A-F]{4}")
_LONGEST_TRAILER = len(b"AY123456789AZFFFF" + b"12345678")
_ATTEMPT = re.compile(rb"AY[0-9]{1,9}AZ[ -~]{0,8}\Z")  # anywhere near the end
_ATTEMPT_ALONE = re.compile(rb"(?:AY[0-9]{0,9}|AZ[ -~]{0,8})\Z")  # as the last piece
_WITHOUT_SEQUENCE = (b"96", b"97")  # the two commands that never carry AY


def checksum(data: bytes) -> str:
    """Four capital hexadecimal digits: the two's complement of the low 16 bits of the sum of `data`, AZ included."""
    return f"{-sum(data) & 0xFFFF:04X}"


def seal(body: bytes, *, sequence: str | None = None, error_detection: bool = False, terminator: bytes = CR) -> bytes:
    """`body` with its line end, and with trailer when `error_detection`: AY only when there is a `sequence`."""
    if not error_detection:
        return body + terminator
    numbered = body + (b"" if sequence is None else b"AY" + sequence.encode("ascii")) + b"AZ"
    return numbered + checksum(numbered).encode("ascii") + terminator


@value(frozen=True, slots=True)
class Line:
    """What stood between two line ends, strays before and after it removed."""

    content: bytes = field(repr=False)
    quirks: tuple[Quirk, ...] = ()


@value(frozen=True, slots=True)
class Frame:
    """A proven frame: `body` without trailer, `raw` as it came without line end, `sequence` exactly as it was written.

    `error_detection` says that there was a checksum, and therefore must be one in the answer.
    """

    body: bytes = field(repr=False)
    raw: bytes = field(repr=False)
    sequence: str | None = None
    error_detection: bool = False
    repairs: tuple[Repair, ...] = ()


class FrameBuffer:
    """Cuts the bytes of one connection into lines, however they were split on the way.

    CR ends a line.  A connection whose first line ends with a bare LF (somebody types into netcat) may go on so; on any
    other, LF ends what can only be a whole message, and else is a stray: half of one value must not become another.
    After an error that calls for closing nothing more comes.
    """

    def __init__(self, longest: int = LONGEST_FRAME) -> None:
        self.longest = longest
        self.delimiter = b"|"
        self._pending = bytearray()
        self._scanned = 0
        self._ends_known = False
        self._ends_in_cr = False
        self._fresh = True
        self._closed = False

    def feed(self, data: bytes) -> list[Line | Sip2Error]:
        """What `data` completes, in the order of the stream; empty lines are left out."""
        if self._closed:
            return []
        if self._ends_in_cr and not self._pending and data.find(CR) == len(data) - 1 and LF not in data:
            return self._line(data[:-1], CR[0])  # one frame, whole: nearly always
        self._pending += data
        if self._fresh and self._greeted_in_tls():
            return [self._close(TlsOnPlainPort("a TLS client hello came to a port without TLS"))]
        found: list[Line | Sip2Error] = []
        start = 0
        while not self._closed and (end := self._next_end(start)) >= 0:
            found.extend(self._line(bytes(self._pending[start:end]), self._pending[end]))
            start = end + 1
            self._fresh = False  # a hello is the first thing that comes, or none
        del self._pending[:start]
        self._scanned = len(self._pending)
        found.extend(self._overflow())
        return found

    def _greeted_in_tls(self) -> bool:
        self._fresh = len(self._pending) < len(_TLS_HELLO)
        return self._pending.startswith(_TLS_HELLO)

    def _next_end(self, start: int) -> int:
        since = max(start, self._scanned)
        if not self._ends_in_cr:
            end = _ENDS.search(self._pending, since)
            return end.start() if end else -1
        line_end = self._pending.find(CR, since)
        until = len(self._pending) if line_end < 0 else line_end
        feed = since - 1
        while (feed := self._pending.find(LF, feed + 1, until)) >= 0:
            if self._is_whole(start, feed):
                return feed
        return line_end

    def _is_whole(self, start: int, end: int) -> bool:
        """Whether these bytes are a message to their end: a command, and behind it no value that might go on."""
        if _BEGINS.match(self._pending, start, end) is None:
            return False
        tail = bytes(self._pending[max(start, end - _LONGEST_TRAILER) : end])
        ended = tail.endswith(self.delimiter) or _WITH_SEQUENCE.search(tail) is not None
        return ended or _NO_FIELDS.fullmatch(self._pending, start, end) is not None

    def _line(self, raw: bytes, end: int) -> list[Line | Sip2Error]:
        if self._ends_in_cr and end == CR[0] and len(raw) <= self.longest and _CLEAN.match(raw):
            return [Line(raw)]
        content = raw.lstrip(_JUNK)
        if not self._ends_known and (content or end == CR[0]):
            self._ends_known, self._ends_in_cr = True, end == CR[0]
        if len(content) > self.longest:
            return [self._close(FrameTooLong(f"{self.longest} bytes at most expected in one frame"))]
        if _HTTP.match(content):
            return [self._close(HttpOnSip2Port("an HTTP request came to a SIP2 port"))]
        body = raw.rstrip(_JUNK)
        kept = _STRAYS.sub(b"", body, count=1)
        if not kept:
            return []
        quirks = _strays(body[: len(body) - len(kept)], raw[len(body) :], end)
        return [Line(kept, tuple(quirks))]

    def _overflow(self) -> list[Line | Sip2Error]:
        """Hang up when what waits for its line end is too long; strays before it do not count and are not kept."""
        if self._closed or len(self._pending) <= self.longest:
            return []
        content = self._pending.lstrip(_JUNK)
        if len(content) > self.longest:
            return [self._close(FrameTooLong(f"{self.longest} bytes at most expected in one frame"))]
        only_line_feeds = not self._pending[: len(self._pending) - len(content)].strip(LF)
        self._pending = bytearray(LF if only_line_feeds else b" ") + content
        self._scanned = len(self._pending)
        return []

    def _close(self, error: Sip2Error) -> Sip2Error:
        self._closed = True
        self._pending.clear()
        return error


def _strays(before: bytes, after: bytes, end: int) -> list[Quirk]:
    quirks = []
    if before:
        quirks.append(Quirk.LEADING_JUNK if before.strip(LF) else Quirk.LINE_FEED)
    if after:
        quirks.append(Quirk.TRAILING_JUNK)
    if end == LF[0]:
        quirks.append(Quirk.BARE_LINE_FEED)
    return quirks


def open_frame(line: Line, *, delimiter: bytes = b"|", verify: bool = True, lenient: bool = False) -> Frame:
    """The frame in a line, its checksum proven.

    Without `verify` a trailer is cut off and nothing else; `lenient` lets a wrong checksum pass as a quirk.  Raises
    ChecksumMismatch, TrailerUnreadable, UnknownCommand, NotSip2.
    """
    raw = line.content
    repairs = [Repair(quirk) for quirk in line.quirks]
    trailer = _trailer(raw, delimiter)
    if trailer is None:
        _refuse_unless_command(raw)
        return Frame(raw, raw, repairs=tuple(repairs))
    body = raw[: trailer.start]
    if not trailer.proper:
        repairs.extend(Repair(quirk) for quirk in _looseness(body, trailer))
    if verify and (sum(raw[: trailer.summed]) + int(trailer.digits, 16)) & 0xFFFF:
        if not lenient:
            counted = checksum(raw[: trailer.summed])
            raise ChecksumMismatch(f"sent {trailer.digits.decode('ascii')}, counted {counted}")
        repairs.append(Repair(Quirk.WRONG_CHECKSUM))
    _refuse_unless_command(body)
    sequence = trailer.sequence.decode("ascii") if trailer.sequence else None
    return Frame(body, raw, sequence, verify, tuple(repairs))


class _Trailer(NamedTuple):
    """Where a trailer starts, how far its sum reaches, what it says, and whether a delimiter follows it.

    `proper` when it is written as the text wants it, so that no looseness need be looked for.
    """

    start: int
    summed: int
    sequence: bytes | None
    digits: bytes
    delimited: bool
    proper: bool = False


def _trailer(raw: bytes, delimiter: bytes) -> _Trailer | None:
    proper = _PROPER.match(raw, len(raw) - _PROPER_LENGTH) if len(raw) > _PROPER_LENGTH else None
    if proper:
        return _Trailer(proper.start(), proper.start(2), proper[1], proper[2], delimited=False, proper=True)
    delimited = raw.endswith(delimiter)
    end = len(raw) - delimited
    whole = _WITH_SEQUENCE.search(raw[:end], max(0, end - _LONGEST_TRAILER))
    if whole:
        return _Trailer(whole.start(), whole.start(2), whole[1], whole[2], delimited)
    alone = _CHECKSUM_ONLY.search(raw, max(0, len(raw) - _LONGEST_TRAILER))
    if alone and _stands_alone(raw, alone.start(), alone.start(1), alone[1], delimiter):
        return _Trailer(alone.start(), alone.start(1), None, alone[1], False)
    last_piece = raw[raw.rfind(delimiter) + 1 :]
    if _ATTEMPT_ALONE.match(last_piece) or _ATTEMPT.search(last_piece, max(0, len(last_piece) - _LONGEST_TRAILER)):
        raise TrailerUnreadable("AY, digits, AZ and four hexadecimal digits expected")
    return None


def _stands_alone(raw: bytes, start: int, summed: int, digits: bytes, delimiter: bytes) -> bool:
    """Whether AZ and digits at the end are a checksum, and not the end of a value that lost its delimiter."""
    if raw[start - 1 : start] == delimiter or delimiter not in raw[:start]:
        return True
    return (sum(raw[:summed]) + int(digits, 16)) & 0xFFFF == 0


def _looseness(body: bytes, trailer: _Trailer) -> Iterator[Quirk]:
    if trailer.sequence is None and body not in _WITHOUT_SEQUENCE:
        yield Quirk.CHECKSUM_WITHOUT_SEQUENCE
    if trailer.sequence is not None and len(trailer.sequence) > 1:
        yield Quirk.LONG_SEQUENCE
    if not _PROPER_CHECKSUM.fullmatch(trailer.digits):
        yield Quirk.LOOSE_CHECKSUM
    if trailer.delimited:
        yield Quirk.STRAY_DELIMITER


def _refuse_unless_command(body: bytes) -> None:
    if body[:2].isdigit() and len(body) >= 2:
        return
    if _CONTROL.search(body):
        raise NotSip2("SIP2 expected, binary data came")
    raise UnknownCommand("a command of two digits expected")
