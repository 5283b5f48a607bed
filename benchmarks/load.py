"""A closed loop: each connection sends its next message when the answer to the last has come.

A process of its own, on uvloop, with as little work for a frame as will do. Every answer is checked: how it begins, the
sequence digit, and, where the other side does not answer with constants, whose answer it is; checksums on a sample.
"""

import argparse
import asyncio
import json
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter_ns
from typing import Final, cast

import uvloop

from benchmarks.frames import MIXES, Ask, Terminal, is_sealed, seal
from benchmarks.town import Stand

CHECKED: Final = 16  # one answer in so many has its checksum added up
AT_ONCE: Final = 50  # connections being made at the same time
PATIENCE: Final = 30.0  # seconds until a login must be answered
EXPECTATIONS: Final = ("own", "any", "line")
"""What a good answer is: to this very question; with this digit, about anything; any line."""


class WrongAnswer(Exception):  # noqa: N818 - named for what happened
    """The other side did not say what it should; measuring that would mean nothing."""


@dataclass
class Measure:
    """What all connections share: whether it counts now, and the time each answer took, in nanoseconds."""

    expects: str
    counts: bool = False
    over: bool = False
    took: "array[int]" = field(default_factory=lambda: array("q"))
    wrong: str = ""

    def refuse_wrong(self) -> None:
        """Raises WrongAnswer with the first one, if there was any."""
        if self.wrong:
            raise WrongAnswer(self.wrong)


class Connection(asyncio.Protocol):
    """One terminal at work; logs in first unless only lines are expected."""

    def __init__(self, terminal: Terminal, mix: str, measure: Measure) -> None:
        self._asks = self._script(terminal, mix, measure.expects)
        self._measure = measure
        self._begun = 0
        self._sequence = -1
        self._buffer = b""
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.rested: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @staticmethod
    def _script(terminal: Terminal, mix: str, expects: str) -> Iterator[Ask]:
        if expects != "line":
            yield terminal.login()
        yield from MIXES[mix](terminal)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are no subclasses
        if self._measure.expects == "line":
            self.ready.set_result(None)
        else:
            self.say()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.rested.done():
            self._fail("the line was closed")

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
        self._measure.wrong = self._measure.wrong or why
        self._measure.over = True
        for waited in (self.ready, self.rested):
            if not waited.done():
                waited.set_result(None)
        self._transport.close()

    def close(self) -> None:
        self._transport.close()


@dataclass(frozen=True, slots=True)
class Plan:
    """One measurement. `warm_up` and `seconds` in seconds."""

    port: int
    connections: int
    mix: str
    expects: str
    seconds: float
    warm_up: float


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


async def run(plan: Plan) -> dict[str, float | int]:
    """Answers a second and the quantiles of their latency; raises WrongAnswer."""
    measure = Measure(plan.expects)
    connections = await connect_all(plan, measure)
    measure.refuse_wrong()
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


def summary(took: "array[int]", spent: int) -> dict[str, float | int]:
    """`took` and `spent` in nanoseconds; quantiles in milliseconds."""
    ordered = sorted(took)
    quantiles = {f"p{at}": round(ordered[len(ordered) * at // 100] / 1e6, 3) for at in (50, 95, 99)} if ordered else {}
    return {"answers": len(ordered), "per_second": round(len(ordered) / spent * 1e9, 1), **quantiles}


def main() -> int:
    """Prints one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--mix", choices=sorted(MIXES), default="reads")
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
