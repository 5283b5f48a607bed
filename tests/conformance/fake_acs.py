"""A tiny ACS in a thread: answers from a table, with the manners (or bad manners) a test asks for."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Answer = Callable[[str], str | None]  # the body of a request -> the body of an answer; None: silence


def seal(body: str, sequence: str | None) -> bytes:
    """Written on its own, so that the player's arithmetic is not proven by itself."""
    counted = body.encode("cp850") + (f"AY{sequence}".encode() if sequence is not None else b"") + b"AZ"
    return counted + b"%04X" % ((0x10000 - sum(counted) % 0x10000) % 0x10000) + b"\r"


class FakeAcs:
    """Serves one connection after the other; `heard` keeps what was read, one entry per `recv`."""

    def __init__(self, answer: Answer, wrong_digit: bool = False, never_trailer: bool = False) -> None:
        self.answer, self.wrong_digit, self.never_trailer = answer, wrong_digit, never_trailer
        self.heard: list[bytes] = []
        self.frames: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def dial(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port))

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept, which close alone does not
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        pending, last = b"", b"96AZFEF6\r"
        while True:
            try:
                data = connection.recv(4096)
            except OSError:
                return
            if not data:
                return
            self.heard.append(data)
            *frames, pending = (pending + data).split(b"\r")
            for frame in frames:
                frame = frame.lstrip(b"\n\0 ")
                if not frame:
                    continue
                self.frames.append(frame)
                reply = self._reply(frame, last)
                if reply == b"BYE":
                    return
                last = reply or last
                connection.sendall(reply)

    def _reply(self, frame: bytes, last: bytes) -> bytes:
        trailer = re.search(rb"(?:AY([0-9]+))?AZ([0-9A-F]{4})$", frame)
        body = frame[: trailer.start()] if trailer else frame
        if trailer and (sum(frame[:-4]) + int(trailer[2], 16)) % 0x10000:
            return seal("96", None)
        if body == b"97":
            return last
        said = self.answer(body.decode("cp850"))
        if said is None:
            return b""
        if said == "BYE" or not trailer or self.never_trailer:
            return said.encode("cp850") + (b"" if said == "BYE" else b"\r")
        digit = trailer[1].decode() if trailer[1] else None
        return seal(said, "9" if self.wrong_digit else digit)


@contextmanager
def fake_acs(answer: Answer, **manners: bool) -> Iterator[FakeAcs]:
    acs = FakeAcs(answer, **manners)
    try:
        yield acs
    finally:
        acs.close()


def polite(body: str) -> str | None:
    """Logs anyone in, knows one item, hangs up on web servers, says nothing to what it does not know."""
    stamp = "20260212    120000"
    answers = {
        "93": "941",
        "99": f"98YYYYYY100003{stamp}2.00AOKAL|BXYYYYYYYYYYYYYYYY|",
        "17": f"18030201{stamp}AB{'KB3' if 'ABKB3|' in body else '?'}|AJBlåbær|",
        "GE": "BYE",
    }
    return answers.get(body[:2])
