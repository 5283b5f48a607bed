"""Idle connections: made, logged in, asked once, and then silent; what the server holds for them."""

import argparse
import asyncio
import json
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import uvloop

from benchmarks.frames import Terminal, is_sealed, seal
from benchmarks.machine import allow_open_files, resident
from benchmarks.town import TERMINALS, Stand

AT_ONCE: Final = 100  # connections being made at the same time
A_SOURCE: Final = 20_000  # connections from one loopback address: there are 28,000 ports
SETTLED: Final = 1.0  # seconds until the last answers have been dealt with
SPARE_FILES: Final = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """How many connections to `port`, of the process `pid`; `logs_in` unless the server knows no login."""

    port: int
    pid: int
    connections: int
    logs_in: bool


async def open_one(plan: Plan, number: int) -> asyncio.StreamWriter:
    """A connection that has said what terminals say when they are switched on; raises ConnectionError."""
    source = f"127.0.0.{2 + number // A_SOURCE}"
    reader, writer = await asyncio.open_connection("127.0.0.1", plan.port, local_addr=(source, 0), limit=1024)
    terminal = Terminal(Stand.number(number % TERMINALS), number, datetime.now().date())
    asks = [terminal.login()] if plan.logs_in else []
    for sequence, ask in enumerate([*asks, next(terminal.reads())]):
        writer.write(seal(ask.body, sequence))
        answer = await reader.readuntil(b"\r")
        if plan.logs_in and not (answer.startswith(ask.begins) and is_sealed(answer)):
            raise ConnectionError(f"asked {ask.body!r}, heard {answer!r}")
    return writer


async def run(plan: Plan) -> dict[str, float]:
    """Bytes that the server holds before and with the connections."""
    before = resident(plan.pid)
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> asyncio.StreamWriter:
        async with gate:
            return await open_one(plan, number)

    writers = await asyncio.gather(*map(one, range(plan.connections)))
    await asyncio.sleep(SETTLED)
    held = resident(plan.pid)
    for writer in writers:
        writer.close()
    return {"before": before, "with": held, "each": (held - before) / plan.connections}


def main() -> int:
    """Prints one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.idle")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pid", type=int, required=True)
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--logs-in", action="store_true")
    plan = Plan(**vars(parser.parse_args()))
    allow_open_files(plan.connections + SPARE_FILES)
    try:
        print(json.dumps(uvloop.run(run(plan))))
    except ConnectionError as why:
        print(why, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
