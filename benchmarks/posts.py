"""A closed loop of NCIP: partners that post over connections that stay open.

As little work for a message as will do.  Messages are written here as a partner writes them, not by our codec; every
answer is looked at: its status, the element it is, and whose it is.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle
from time import perf_counter_ns
from typing import Final, NamedTuple

from benchmarks.closed_loop import Line, Measure, Plan, measured
from benchmarks.town import AGENCY, LIBRARY, Stand

HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><ns1:NCIPMessage xmlns:ns1="http://www.niso.org/2008/ncip"'
    ' ns1:version="http://www.niso.org/schemas/ncip/v2_02/ncip_v2_02.xsd"><ns1:{service}><ns1:InitiationHeader>'
    f"<ns1:FromAgencyId><ns1:AgencyId>{AGENCY}</ns1:AgencyId></ns1:FromAgencyId>"
    f"<ns1:ToAgencyId><ns1:AgencyId>{LIBRARY}</ns1:AgencyId></ns1:ToAgencyId></ns1:InitiationHeader>"
)
TAIL: Final = "</ns1:{service}></ns1:NCIPMessage>"
USER: Final = "<ns1:UserId><ns1:UserIdentifierValue>{}</ns1:UserIdentifierValue></ns1:UserId>"
ITEM: Final = "<ns1:ItemId><ns1:ItemIdentifierValue>{}</ns1:ItemIdentifierValue></ns1:ItemId>"
WANTED: Final = "".join(
    f"<ns1:UserElementType>{name}</ns1:UserElementType>" for name in ("Name Information", "Block Or Trap")
)
LENGTH: Final = b"content-length:"
EXPECTATIONS: Final = ("own", "any")
"""What a good answer is: to this very question; any that HTTP calls good."""


class Ask(NamedTuple):
    """A whole request; what must stand in a good answer.  `rests`: after it no book is lent."""

    request: bytes
    holds: tuple[bytes, ...]
    rests: bool = True


def ask(service: str, inside: str, holds: str, *, rests: bool = True) -> Ask:
    body = (HEAD + inside + TAIL).replace("{service}", service).encode()
    head = (
        "POST /ncip HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/xml; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return Ask(head.encode() + body, (f"<ns1:{service}Response>".encode(), f">{holds}<".encode()), rests)


def look(stand: Stand) -> Iterator[Ask]:
    """LookupUser, for ever."""
    return cycle([ask("LookupUser", USER.format(stand.card) + WANTED + "<ns1:LoanedItemsDesired/>", stand.card)])


def lend(stand: Stand) -> Iterator[Ask]:
    """CheckOutItem and CheckInItem of one book after the other, for ever; each is a durable change."""
    user = USER.format(stand.card)
    both = [
        (
            ask("CheckOutItem", user + ITEM.format(book), book, rests=False),
            ask("CheckInItem", ITEM.format(book), book),
        )
        for book in stand.books
    ]
    return cycle([one for pair in both for one in pair])


MIXES: Final[dict[str, Callable[[Stand], Iterator[Ask]]]] = {"look": look, "lend": lend}


class Connection(Line):
    """One partner's kept-alive connection."""

    def __init__(self, asks: Iterator[Ask], measure: Measure) -> None:
        super().__init__(measure)
        self._asks = asks

    def say(self) -> None:
        """The next message."""
        self._ask = next(self._asks)
        self._begun = perf_counter_ns()
        self._transport.write(self._ask.request)

    def data_received(self, data: bytes) -> None:
        now = perf_counter_ns()
        self._buffer += data
        head, gap, body = self._buffer.partition(b"\r\n\r\n")
        if not gap or len(body) < length_in(head):
            return
        self._buffer = b""
        if not self._good(head, body):
            self._fail(f"asked {self._ask.request!r}, heard {head!r} {body!r}")
            return
        if self._measure.counts:
            self._measure.took.append(now - self._begun)
        if self._measure.over and self._ask.rests:
            self.rested.set_result(None)
        else:
            self.say()

    def _good(self, head: bytes, body: bytes) -> bool:
        if not head.startswith(b"HTTP/1.1 200"):
            return False
        if self._measure.expects == "any":
            return True
        return b"ns1:Problem" not in body and all(part in body for part in self._ask.holds)


def length_in(head: bytes) -> int:
    """Content-Length; both sides send it."""
    at = head.lower().find(LENGTH)
    return int(head[at + len(LENGTH) :].partition(b"\r\n")[0])


async def connect_all(plan: Plan, measure: Measure) -> list[Connection]:
    """One after the other."""
    loop = asyncio.get_running_loop()
    connections = []
    for at in range(plan.connections):
        made = partial(Connection, MIXES[plan.mix](Stand.number(at)), measure)
        _, connection = await loop.create_connection(made, "127.0.0.1", plan.port)
        connections.append(connection)
    return connections


def main() -> int:
    """Prints one line of JSON."""
    return measured("benchmarks.posts", MIXES, "look", EXPECTATIONS, connect_all)


if __name__ == "__main__":
    sys.exit(main())
