"""What the load says and what it must hear: SIP2 as a terminal writes it, learnt from the text and not from our codec.

Sequence digits count as a real client counts, the transaction date moves on with every message, and books take turns:
no frame is like the one before it.
"""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import cycle
from typing import Final, NamedTuple

from benchmarks.town import BRANCH, LIBRARY, PASSWORD, Stand

DAY_SECONDS: Final = 86_400
AO: Final = f"AO{LIBRARY}|"


class Ask(NamedTuple):
    """A message without trailer; how a good answer begins, and a field that must be in it.

    `rests`: after it a terminal may be left alone, with no book lent that the next load would want to lend.
    """

    body: bytes
    begins: bytes
    holds: bytes
    rests: bool = True


class Terminal:
    """The client's side of one connection; `today` is the day its messages are dated."""

    def __init__(self, stand: Stand, number: int, today: date) -> None:
        self.stand = stand
        self._day = today.strftime("%Y%m%d    ")
        self._second = number * 61 % DAY_SECONDS  # terminals were not all switched on at once

    def login(self) -> Ask:
        stand = self.stand
        return Ask(f"9300CN{stand.login}|CO{PASSWORD}|CP{BRANCH}|".encode(), b"941", b"")

    def now(self) -> str:
        """The transaction date: a second after the one before, for as long as a day has seconds."""
        self._second = (self._second + 1) % DAY_SECONDS
        minutes, seconds = divmod(self._second, 60)
        return f"{self._day}{minutes // 60:02}{minutes % 60:02}{seconds:02}"

    def reads(self) -> Iterator[Ask]:
        """99, 23, 63, 17, for ever."""
        card = f"AA{self.stand.card}|"
        echo = card.encode()
        blank = b" " * 14
        for code in cycle(self.stand.books):
            yield Ask(b"9900802.00", b"98Y", b"AM")
            yield Ask(f"23001{self.now()}{AO}{card}AC|AD|".encode(), b"24" + blank, echo)
            yield Ask(f"63001{self.now()}  Y       {AO}{card}AC|AD|".encode(), b"64" + blank, echo)
            yield Ask(f"17{self.now()}{AO}AB{code}|AC|".encode(), b"1803", f"AB{code}|".encode())

    def circulation(self) -> Iterator[Ask]:
        """11, 29, 09 of one book after the other, for ever; each of the three is a durable change."""
        for code in cycle(self.stand.books):
            yield self._checkout(code)
            yield self._renew(code)
            yield self._checkin(code)

    def lending(self) -> Iterator[Ask]:
        """11 and 09 of one book after the other, for ever."""
        for code in cycle(self.stand.books):
            yield self._checkout(code)
            yield self._checkin(code)

    def _checkout(self, code: str) -> Ask:
        # nb due date: now, as jsip2 and Koha's emulator send it; pysip2 refuses the blanks that would be usual.
        now = self.now()
        text = f"11NN{now}{now}{AO}AA{self.stand.card}|AB{code}|AC|"
        return Ask(text.encode(), b"121N", f"AB{code}|".encode(), rests=False)

    def _renew(self, code: str) -> Ask:
        now = self.now()
        text = f"29NN{now}{now}{AO}AA{self.stand.card}|AB{code}|AC|"
        return Ask(text.encode(), b"301Y", f"AB{code}|".encode(), rests=False)

    def _checkin(self, code: str) -> Ask:
        now = self.now()
        text = f"09N{now}{now}AP{BRANCH}|{AO}AB{code}|AC|"
        return Ask(text.encode(), b"101Y", f"AB{code}|".encode())


MIXES: Final[dict[str, Callable[[Terminal], Iterator[Ask]]]] = {
    "reads": Terminal.reads,
    "circulation": Terminal.circulation,
    "lending": Terminal.lending,
}


def seal(body: bytes, sequence: int) -> bytes:
    """`body` with sequence digit, checksum and line end."""
    counted = b"%sAY%dAZ" % (body, sequence)
    return b"%s%04X\r" % (counted, -sum(counted) & 0xFFFF)


def is_sealed(answer: bytes) -> bool:
    """Whether the checksum of an answer, line end included, adds up."""
    return (sum(answer[:-5]) + int(answer[-5:-1], 16)) & 0xFFFF == 0
