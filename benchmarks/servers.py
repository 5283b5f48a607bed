"""Servers as processes: started, waited for until they answer on their port, ended."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.machine import ROOT

START: Final = 60.0  # seconds that a server may need until it listens
END: Final = 20.0  # seconds that it may need to stop


class ServerFailed(Exception):
    """A server did not start; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: how its figures are called, where it listens, what a good answer of it is."""

    name: str
    port: int
    pid: int
    expects: str
    ncip_port: int = 0


def free_port() -> int:
    """A loopback port nobody listens on at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def reference(name: str, expects: str) -> Iterator[Server]:
    """One of the servers of `references.py`."""
    port = free_port()
    words = ["-m", "benchmarks.references", name, "--port", str(port)]
    with running(words, port) as process:
        yield Server(name, port, process.pid, expects, port)


@contextmanager
def skranke(configuration: Path, port: int, ncip_port: int) -> Iterator[Server]:
    """The daemon itself, on a configuration that listens on these ports."""
    with running(["-m", "server.cli", "serve", "-c", str(configuration)], port) as process:
        yield Server("skranke", port, process.pid, "own", ncip_port)


@contextmanager
def running(words: Sequence[str], port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """`python WORDS`, ready on `port`; raises ServerFailed. What it says goes to our standard error, if it fails."""
    with subprocess.Popen([sys.executable, *words], cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            wait_for(process, port)
            yield process
        finally:
            end(process)


def wait_for(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Until somebody accepts on `port`; raises ServerFailed."""
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServerFailed(f"{process.args!r} ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise ServerFailed(f"{process.args!r} does not listen on {port}")


def end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(END)
    except subprocess.TimeoutExpired:
        process.kill()
