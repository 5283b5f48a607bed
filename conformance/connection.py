"""One socket to an ACS: whole frames in, bytes out, and how long to wait."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress

Dial = Callable[[], socket.socket]
_LEADING = b" \r\n\0\t"  # between frames: what stands after a CR belongs to the frame before


class NoAnswerError(Exception):
    """Nothing came in time."""


class HungUpError(Exception):
    """The other side closed the connection."""


def tcp(host: str, port: int, tls: ssl.SSLContext | None = None, patience: float = 5.0) -> Dial:
    """How to reach an ACS; each call of the result makes one new connection, in at most `patience` seconds."""

    def dial() -> socket.socket:
        plain = socket.create_connection((host, port), timeout=patience)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return plain if tls is None else tls.wrap_socket(plain, server_hostname=host)

    return dial


class Connection:
    """A connection with its buffer.  Frames end at CR; white space and NUL before a frame are dropped."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._buffer = b""

    def send(self, data: bytes) -> None:
        """Raises HungUpError if the other side is gone."""
        try:
            self._socket.sendall(data)
        except (ConnectionError, ssl.SSLError) as trouble:
            raise HungUpError(str(trouble)) from trouble

    def send_by_bytes(self, data: bytes) -> None:
        """Each byte in a segment of its own, as far as the system lets us say so.

        Whoever hangs up after some of them has heard enough; that it did is for the next step to judge.
        Raises HungUpError when not even the first could be sent.
        """
        self.send(data[:1])
        with suppress(HungUpError):
            for octet in data[1:]:
                self.send(bytes((octet,)))

    def receive(self, patience: float) -> bytes:
        """The next frame without its line end, within `patience` seconds; raises NoAnswerError, HungUpError."""
        deadline = time.monotonic() + patience
        while b"\r" not in (pending := self._buffer.lstrip(_LEADING)):
            self._buffer = pending
            self._read(deadline - time.monotonic())
        frame, _, self._buffer = pending.partition(b"\r")
        return frame

    def wait_for_hang_up(self, patience: float) -> bytes:
        """Wait until the other side closes; what it still said is returned.  Raises NoAnswerError if it stays."""
        deadline = time.monotonic() + patience
        while True:
            try:
                self._read(deadline - time.monotonic())
            except HungUpError:
                return self._buffer.lstrip(_LEADING)

    def close(self) -> None:
        self._socket.close()

    def _read(self, patience: float) -> None:
        if patience <= 0:
            raise NoAnswerError
        self._socket.settimeout(patience)
        try:
            data = self._socket.recv(65536)
        except TimeoutError:
            raise NoAnswerError from None
        except (ConnectionError, ssl.SSLError) as trouble:
            raise HungUpError(str(trouble)) from trouble
        if not data:
            raise HungUpError("closed")
        self._buffer += data
