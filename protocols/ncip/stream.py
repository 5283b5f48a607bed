"""Messages on a bare TCP stream: one XML document after another, with nothing between them to tell where one ends.

The end is the closing tag of the root.  Only tags are looked at; good XML is the codec's business.
A newline, a control-D (INN-Reach) or nothing may follow.  Work is linear in the bytes, however they are cut.
"""

import re
from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import ClassVar

from protocols.ncip.errors import MessageTooLarge, OutOfStep

LARGEST = 1 << 20  # bytes of one document
BETWEEN = re.compile(rb"[ \t\r\n\x04\x00\xef\xbb\xbf]*")  # white space, control-D, NUL, a UTF-8 byte-order mark
UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"<\x00")  # how it begins once a NUL before it is gone
OPENERS = (b"<!--", b"<![CDATA[", b"<?", b"<!", b"</")  # tried in this order; any other `<` opens an element
LONGEST_OPENER = max(map(len, OPENERS))
QUOTE_OR_END = re.compile(rb"[\"'>]")
DOCTYPE_MARK = re.compile(rb"[\"'>\[\]]|<!--|<\?")


class Place(Enum):
    """Where in a document the scan stands."""

    TEXT = auto()
    START_TAG = auto()
    END_TAG = auto()
    COMMENT = auto()
    CDATA = auto()
    INSTRUCTION = auto()
    DOCTYPE = auto()


PLACE_AFTER = {
    b"<!--": Place.COMMENT,
    b"<![CDATA[": Place.CDATA,
    b"<?": Place.INSTRUCTION,
    b"<!": Place.DOCTYPE,
    b"</": Place.END_TAG,
}
CLOSERS = {Place.COMMENT: b"-->", Place.CDATA: b"]]>", Place.INSTRUCTION: b"?>"}


class Documents:
    """Cuts a stream into documents.  `receive` takes bytes as they come and gives the documents they complete, in turn:
    those before a fault come before it is raised."""

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self._buffer = bytearray()
        self._restart()

    def _restart(self) -> None:
        self._at = 0  # everything before this byte has been looked at
        self._depth = 0
        self._place = Place.TEXT
        self._until: bytes | None = None  # inside a quote or a comment of the present tag: what ends it
        self._brackets = 0

    @property
    def waiting(self) -> bool:
        """Has a document begun that is not complete?"""
        return bool(self._buffer)

    def receive(self, data: bytes) -> Iterator[bytes]:
        """The documents that `data` completes.  MessageTooLarge or OutOfStep end the stream: nothing can follow."""
        self._buffer += data
        while (document := self._next()) is not None:
            yield document
        if len(self._buffer) > self._largest:
            raise MessageTooLarge(f"more than {self._largest} bytes and no end of the message")

    def _next(self) -> bytes | None:
        if self._at == 0:
            self._drop_between()
        steps = self._STEPS
        while self._at < len(self._buffer):
            before = self._at, self._place, self._until
            if steps[self._place](self):
                return self._cut()
            if before == (self._at, self._place, self._until):
                return None
        return None

    def _drop_between(self) -> None:
        if (blank := BETWEEN.match(self._buffer)) is not None:
            del self._buffer[: blank.end()]
        if self._buffer.startswith(UTF_16):
            raise OutOfStep("a message in UTF-16: on bare TCP its end cannot be told; UTF-8 can")
        if self._buffer and not self._buffer.startswith(b"<"):
            raise OutOfStep(f"a message starts with <, not with {bytes(self._buffer[:20])!r}")

    def _cut(self) -> bytes:
        document = bytes(self._buffer[: self._at])
        del self._buffer[: self._at]
        self._restart()
        if len(document) > self._largest:
            raise MessageTooLarge(f"the message has {len(document)} bytes; {self._largest} are read")
        return document

    def _text(self) -> bool:
        """To the next `<`, and to what it opens, once enough of it is there to tell."""
        found = self._buffer.find(b"<", self._at)
        self._at = len(self._buffer) if found < 0 else found
        head = bytes(self._buffer[self._at : self._at + LONGEST_OPENER])
        if not head or any(opener.startswith(head) for opener in OPENERS if len(head) < len(opener)):
            return False
        opener = next((opener for opener in OPENERS if head.startswith(opener)), b"<")
        self._place = PLACE_AFTER.get(opener, Place.START_TAG)
        self._at += len(opener)
        return False

    def _closed(self) -> bool:
        """To the end of a comment, a CDATA section or an instruction."""
        if self._found(CLOSERS[self._place]):
            self._place = Place.TEXT
        return False

    def _found(self, closer: bytes) -> bool:
        """Go behind the closer; when it is not there yet, as far as it cannot begin any more."""
        found = self._buffer.find(closer, self._at)
        if found < 0:
            self._at = max(self._at, len(self._buffer) - len(closer) + 1)
            return False
        self._at = found + len(closer)
        return True

    def _start_tag(self) -> bool:
        """To the `>` of a start tag, quotes skipped; an empty root ends the document."""
        mark = self._mark(QUOTE_OR_END)
        if mark != b">":
            return False
        self._place = Place.TEXT
        if self._buffer[self._at - 2 : self._at - 1] == b"/":
            return self._depth == 0
        self._depth += 1
        return False

    def _end_tag(self) -> bool:
        if not self._found(b">"):
            return False
        self._place = Place.TEXT
        self._depth -= 1
        if self._depth < 0:
            raise OutOfStep("an end tag comes before any start tag")
        return self._depth == 0

    def _doctype(self) -> bool:
        """To the `>` of a document type, its internal subset and the quotes in it skipped."""
        mark = self._mark(DOCTYPE_MARK)
        if mark in (b"[", b"]"):
            self._brackets += 1 if mark == b"[" else -1
        elif mark == b"<!--":
            self._until = b"-->"
        elif mark == b"<?":
            self._until = b"?>"
        elif mark == b">" and self._brackets <= 0:
            self._place = Place.TEXT
        return False

    def _mark(self, marks: re.Pattern[bytes]) -> bytes | None:
        """The next mark outside quotes, gone past; None for a quote, or when there is none yet."""
        if self._until is not None:
            if self._found(self._until):
                self._until = None
            return None
        found = marks.search(self._buffer, self._at)
        if found is None:
            self._at = max(self._at, len(self._buffer) - 3)  # a mark of four bytes may have begun
            return None
        self._at = found.end()
        if found[0] in (b'"', b"'"):
            self._until = bytes(found[0])
            return None
        return bytes(found[0])

    _STEPS: ClassVar[dict[Place, Callable[["Documents"], bool]]] = {
        Place.TEXT: _text,
        Place.START_TAG: _start_tag,
        Place.END_TAG: _end_tag,
        Place.COMMENT: _closed,
        Place.CDATA: _closed,
        Place.INSTRUCTION: _closed,
        Place.DOCTYPE: _doctype,
    }
