"""A closed loop, whatever is spoken: each connection sends its next message when the answer to the last has come.

A process of its own, on uvloop. What is said, and what a good answer is, are for the program that measures.
"""

import argparse
import asyncio
import json
import sys
from abc import ABC, abstractmethod
from array import array
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import perf_counter_ns
from typing import Final, cast

import uvloop

PATIENCE: Final = 30.0  # seconds until a login, or the last message of all, must be answered


class WrongAnswer(Exception):
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


class Line(asyncio.Protocol, ABC):
    """One connection at work; `rested` once the measurement is over and nothing of it is left half done."""

    def __init__(self, measure: Measure) -> None:
        self._measure = measure
        self._begun = 0  # when the message that waits for its answer was sent, in nanoseconds
        self._buffer = b""
        self.rested: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @abstractmethod
    def say(self) -> None:
        """The next message."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are no subclasses

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.rested.done():
            self._fail("the line was closed")

    def _fail(self, why: str) -> None:
        """Nothing that is heard from now on would mean anything."""
        self._measure.wrong = self._measure.wrong or why
        self._measure.over = True
        if not self.rested.done():
            self.rested.set_result(None)
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


Connect = Callable[[Plan, Measure], Awaitable[Sequence[Line]]]
"""Every connection made, and ready to `say`."""


async def run(plan: Plan, connect: Connect) -> dict[str, float | int]:
    """Answers a second and the quantiles of their latency; raises WrongAnswer."""
    measure = Measure(plan.expects)
    lines = await connect(plan, measure)
    measure.refuse_wrong()
    for line in lines:
        line.say()
    await asyncio.sleep(plan.warm_up)
    measure.counts, begun = True, perf_counter_ns()
    await asyncio.sleep(plan.seconds)
    measure.counts, spent = False, perf_counter_ns() - begun
    measure.over = True
    await asyncio.wait_for(asyncio.gather(*(line.rested for line in lines)), PATIENCE)
    for line in lines:
        line.close()
    measure.refuse_wrong()
    return summary(measure.took, spent)


def summary(took: "array[int]", spent: int) -> dict[str, float | int]:
    """`took` and `spent` in nanoseconds; quantiles in milliseconds."""
    ordered = sorted(took)
    quantiles = {f"p{at}": round(ordered[len(ordered) * at // 100] / 1e6, 3) for at in (50, 95, 99)} if ordered else {}
    return {"answers": len(ordered), "per_second": round(len(ordered) / spent * 1e9, 1), **quantiles}


def measured(program: str, mixes: Iterable[str], usual: str, expectations: Sequence[str], connect: Connect) -> int:
    """The command line of a program that measures: one line of JSON, and its exit status.

    `mixes` are what can be said, `usual` the one that is unless another is asked for; the first expectation is usual.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {program}")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--mix", choices=sorted(mixes), default=usual)
    parser.add_argument("--expects", choices=expectations, default=expectations[0])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--warm-up", type=float, default=1.0)
    try:
        print(json.dumps(uvloop.run(run(Plan(**vars(parser.parse_args())), connect))))
    except WrongAnswer as why:
        print(why, file=sys.stderr)
        return 1
    return 0
