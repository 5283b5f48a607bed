"""A closed loop of NCIP: each connection posts its next message when the answer to the last has come, and stays open.

A process of its own, on uvloop, with as little work for a message as will do.  Messages are written here as a partner
writes them, not by our codec; every answer is looked at: its status, the element it is, and whose it is.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from time import perf_counter_ns
from typing import Final, NamedTuple, cast

import uvloop

from benchmarks.load import PATIENCE, Measure, WrongAnswer, summary
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


class Connection(asyncio.Protocol):
    """One partner's kept-alive connection."""

    def __init__(self, asks: Iterator[Ask], measure: Measure) -> None:
        self._asks = asks
        self._measure = measure
        self._buffer = b""
        self._begun = 0
        self.rested: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are no subclasses

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.rested.done():
            self._fail("the line was closed")

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

    def _fail(self, why: str) -> None:
        self._measure.wrong = self._measure.wrong or why
        self._measure.over = True
        if not self.rested.done():
            self.rested.set_result(None)
        self._transport.close()

    def close(self) -> None:
        self._transport.close()


def length_in(head: bytes) -> int:
    """Content-Length; both sides send it."""
    at = head.lower().find(LENGTH)
    return int(head[at + len(LENGTH) :].partition(b"\r\n")[0])


@dataclass(frozen=True, slots=True)
class Plan:
    """One measurement. `warm_up` and `seconds` in seconds."""

    port: int
    connections: int
    mix: str
    expects: str
    seconds: float
    warm_up: float


def same(connection: Connection) -> Connection:
    return connection


async def run(plan: Plan) -> dict[str, float | int]:
    """Answers a second and the quantiles of their latency; raises WrongAnswer."""
    loop = asyncio.get_running_loop()
    measure = Measure(plan.expects)
    connections = [Connection(MIXES[plan.mix](Stand.number(at)), measure) for at in range(plan.connections)]
    for connection in connections:
        await loop.create_connection(partial(same, connection), "127.0.0.1", plan.port)
    for connection in connections:
        connection.say()
    await asyncio.sleep(plan.warm_up)
    measure.counts, begun = True, perf_counter_ns()
    await asyncio.sleep(plan.seconds)
    measure.counts, spent = False, perf_counter_ns() - begun
    measure.over = True
    await asyncio.wait_for(asyncio.gather(*(connection.rested for connection in connections)), PATIENCE)
    for connection in connections:
        connection.close()
    measure.refuse_wrong()
    return summary(measure.took, spent)


def main() -> int:
    """Prints one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.posts")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--mix", choices=sorted(MIXES), default="look")
    parser.add_argument("--expects", choices=EXPECTATIONS, default="own")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--warm-up", type=float, default=1.0)
    try:
        print(json.dumps(uvloop.run(run(Plan(**vars(parser.parse_args()))))))
    except WrongAnswer as why:
        print(why, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
