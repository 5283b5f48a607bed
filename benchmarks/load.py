"""A closed loop of SIP2: terminals that log in and work.

As little work for a frame as will do. Every answer is checked: how it begins, the sequence digit, and, where the other
side does not answer with constants, whose answer it is; checksums on a sample.
"""

import asyncio
import sys
from collections.abc import Iterator
from datetime import datetime
from time import perf_counter_ns
from typing import Final

from benchmarks.closed_loop import PATIENCE, Line, Measure, Plan, measured
from benchmarks.frames import MIXES, Ask, Terminal, is_sealed, seal
from benchmarks.town import Stand

CHECKED: Final = 16  # one answer in so many has its checksum added up
AT_ONCE: Final = 50  # connections being made at the same time
EXPECTATIONS: Final = ("own", "any", "line")
"""What a good answer is: to this very question; with this digit, about anything; any line."""


class Connection(Line):
    """One terminal at work; logs in first unless only lines are expected."""

    def __init__(self, terminal: Terminal, mix: str, measure: Measure) -> None:
        super().__init__(measure)
        self._asks = self._script(terminal, mix, measure.expects)
        self._sequence = -1
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @staticmethod
    def _script(terminal: Terminal, mix: str, expects: str) -> Iterator[Ask]:
        if expects != "line":
            yield terminal.login()
        yield from MIXES[mix](terminal)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self._measure.expects == "line":
            self.ready.set_result(None)
        else:
            self.say()

    def say(self) -> None:
        """The next message."""
        self._sequence = (self._sequence + 1) % 10
        self._ask = ask = next(self._asks)
        frame = seal(ask.body, self._sequence)
        self._begun = perf_counter_ns()
        self._transport.write(frame)

    def data_received(self, data: bytes) -> None:
        now = perf_counter_ns()
        if self._buffer:
            data = self._buffer + data
        if data[-1] != 13:
            self._buffer = data
            return
        self._buffer = b""
        measure = self._measure
        if measure.expects != "line" and not self._good(data):
            self._fail(f"asked {self._ask.body!r}, heard {data!r}")
            return
        if measure.counts:
            measure.took.append(now - self._begun)
        if not self.ready.done():
            self.ready.set_result(None)
        elif measure.over and self._ask.rests:
            self.rested.set_result(None)
        else:
            self.say()

    def _good(self, answer: bytes) -> bool:
        ask = self._ask
        if not answer.startswith(ask.begins) or answer[-10:-5] != b"AY%dAZ" % self._sequence:
            return False
        if self._measure.expects == "own" and ask.holds not in answer:
            return False
        return len(self._measure.took) % CHECKED != 0 or is_sealed(answer)

    def _fail(self, why: str) -> None:
        super()._fail(why)
        if not self.ready.done():
            self.ready.set_result(None)


async def connect_all(plan: Plan, measure: Measure) -> list[Connection]:
    """Every terminal connected and logged in."""
    loop = asyncio.get_running_loop()
    gate = asyncio.Semaphore(AT_ONCE)
    today = datetime.now().date()

    async def connect(number: int) -> Connection:
        terminal = Terminal(Stand.number(number), number, today)
        async with gate:
            _, protocol = await loop.create_connection(
                lambda: Connection(terminal, plan.mix, measure), "127.0.0.1", plan.port
            )
            await asyncio.wait_for(protocol.ready, PATIENCE)
        return protocol

    return list(await asyncio.gather(*map(connect, range(plan.connections))))


def main() -> int:
    """Prints one line of JSON."""
    return measured("benchmarks.load", MIXES, "reads", EXPECTATIONS, connect_all)


if __name__ == "__main__":
    sys.exit(main())
