"""An installation with listeners and accounts of many kinds, and a plain client that sees every byte."""

import json
import re
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from conformance.wire import seal
from server.pins import hash_secret
from tests.daemon import fetched, free_ports
from tests.server.office.installation import Installation, Running

PASSWORD = "open sesame"
PATIENCE = 15.0  # seconds that an answer may take on a busy machine
SHORT = 0.3  # seconds in which nothing must come
DAY = "20260914    103000"
CARD = "20001003"
STATUS = "9900802.00"
PATRON = f"23000{DAY}AO|AA{CARD}|AC|AD|"


@cache
def password_hash() -> str:
    return hash_secret(PASSWORD)


def account(name: str, *settings: str) -> str:
    """An `[[account]]` at KAL-S that opens by PASSWORD; settings are lines of TOML with dotted keys."""
    return "\n".join(
        [
            "[[account]]",
            f'name = "{name}"',
            'library = "KAL"',
            'branch = "KAL-S"',
            f'password_hash = "{password_hash()}"',
            *settings,
            "",
        ]
    )


def listener(port: int, *settings: str) -> str:
    return "\n".join(["[[sip2]]", f'listen = "127.0.0.1:{port}"', *settings, ""])


class Line:
    """A connection. `source` is the loopback address it comes from; `tls` how the peer is believed."""

    def __init__(self, port: int, source: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE, (source, 0))
        self.pending = b""
        if tls is not None:
            self.secure(tls)

    def secure(self, tls: ssl.SSLContext) -> None:
        self.socket = tls.wrap_socket(self.socket, server_hostname="desk.example.org")

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def ask(self, text: str, encoding: str = "cp850") -> str:
        """One message without error detection, and its answer without line end."""
        self.send(text.encode(encoding) + b"\r")
        return self.hear().decode(encoding)

    def ask_sealed(self, text: str, digit: int) -> str:
        """One message with error detection, and its answer."""
        self.send(seal(text.encode(), str(digit)) + b"\r")
        return self.hear().decode("cp850")

    def login(self, name: str, password: str = PASSWORD, location: str = "") -> str:
        """`941` or `940`."""
        return self.ask(f"9300CN{name}|CO{password}|" + (f"CP{location}|" if location else ""))

    def hear(self, until: bytes = b"\r") -> bytes:
        """What comes before the next `until`; raises ConnectionError when the line is closed before."""
        while until not in self.pending:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError(f"closed after {self.pending!r}")
            self.pending += data
        heard, _, self.pending = self.pending.partition(until)
        return heard

    def rest(self) -> bytes:
        """All that comes until the peer closes."""
        said, self.pending = self.pending, b""
        try:
            while data := self.socket.recv(65536):
                said += data
        except (ConnectionResetError, ssl.SSLEOFError):
            pass
        return said

    def is_silent(self) -> bool:
        """Whether nothing comes for a while, the line being open."""
        self.socket.settimeout(SHORT)
        try:
            self.pending += self.socket.recv(65536)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(PATIENCE)
        return False

    def vanish(self) -> None:
        """Gone at once, with a reset and without a word."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def eventually(holds: Callable[[], object]) -> bool:
    """Whether it comes true before long."""
    until = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


@dataclass(frozen=True)
class House:
    """A daemon with the listeners that a module asked for, by name."""

    running: Running
    ports: dict[str, int]

    def line(self, name: str = "plain", source: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Line:
        return Line(self.ports[name], source, tls)

    @contextmanager
    def at(self, login: str, name: str = "plain") -> Iterator[Line]:
        """A connection, logged in."""
        with self.line(name) as line:
            assert line.login(login) == "941"
            yield line

    def page(self, path: str) -> tuple[int, str]:
        status, _, said = fetched(self.ports["page"], "GET", path)
        return status, said.decode()

    def metric(self, line: str) -> float:
        """The value behind `name{label="value"}`, 0 when it was never counted."""
        found = re.search(rf"^{re.escape(line)} (\S+)$", self.page("/metrics")[1], re.MULTILINE)
        return float(found[1]) if found else 0.0

    def logged(self, event: str, **told: Any) -> list[dict[str, Any]]:
        """Lines of the log with this event and these fields."""
        lines = (self.running.at.folder / "log").read_text("utf-8").splitlines()
        read = [json.loads(line) for line in lines if line.startswith("{")]
        return [one for one in read if one["event"] == event and told.items() <= one.items()]


def build(folder: Path, listeners: dict[str, tuple[str, ...]], accounts: tuple[str, ...], *more: str) -> House:
    """An installation that runs. `listeners` by name, with the lines of their settings; `more` opens the file."""
    *numbers, page = free_ports(len(listeners) + 1)
    ports = dict(zip(listeners, numbers, strict=True))
    parts = [listener(ports[name], *settings) for name, settings in listeners.items()]
    page_part = f'[page]\nlisten = "127.0.0.1:{page}"\n'
    made = Installation(folder)
    made.configure("\n".join(['data = "data"', *more, *parts, page_part, *accounts]))
    made.populate()
    return House(made.start(), ports | {"page": page})
