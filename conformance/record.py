"""A proxy between a machine and its ACS that writes each conversation down as an anonymised transcript.

Bytes pass through untouched and at once; what is written is made from copies.  One file a connection.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from conformance.anonymise import Anonymiser
from conformance.connection import Dial
from conformance.transcript import Verb
from conformance.wire import checksum_fault, unseal

CHUNK = 65536
_ANY_TIME = ("96", "98")  # answers that may come to anything: send again; the state has changed
_PAIRS = {"01": "24", "97": "", "99": "98"}  # request and answer, where it is not the next number; 97: any


@dataclass(frozen=True, slots=True)
class Heading:
    """What the header of a recorded transcript says; `machine` and `day` make its source."""

    title: str
    machine: str
    day: str
    level: str = "may"

    def lines(self, trailed: bool, encoding: str) -> list[str]:
        """The header of a recorded transcript; `trailed` when its frames had checksums."""
        return [
            f"title  = {self.title}",
            f"source = capture, {self.machine}, {self.day}, anonymised",
            f"level  = {self.level}",
            "world  = none",
            f"error_detection = {'on' if trailed else 'off'}",
            f"encoding = {encoding}",
        ]


@dataclass
class Conversation:
    """The frames of one connection, in the order in which they were seen; safe to fill from two threads."""

    frames: list[tuple[bool, bytes]] = field(default_factory=list)  # (from the machine?, frame without line end)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hear(self, from_machine: bool, frame: bytes) -> None:
        with self._lock:
            self.frames.append((from_machine, frame))

    def transcribe(self, heading: Heading, anonymiser: Anonymiser, encoding: str) -> str:
        """The conversation as a transcript."""
        trailed = any(unseal(frame)[1] for from_machine, frame in self.frames if from_machine)
        steps = _Scribe(anonymiser, encoding, trailed).write(self.frames)
        return "\n".join([*heading.lines(trailed, encoding), "", *steps]) + "\n"


@dataclass
class _Scribe:
    """Turns frames into steps: finds repeats, spoiled frames, and requests that were never answered."""

    anonymiser: Anonymiser
    encoding: str
    trailed: bool
    _steps: list[str] = field(default_factory=list)
    _open: list[tuple[int, str]] = field(default_factory=list)  # (place in _steps, code) of unanswered requests
    _last_request: bytes = b""
    _last_answer: bytes = b""

    def write(self, frames: list[tuple[bool, bytes]]) -> list[str]:
        for from_machine, frame in frames:
            if from_machine:
                self._request(frame)
            else:
                self._answer(frame)
        self._leave_unanswered(len(self._open))
        return self._steps

    def _request(self, frame: bytes) -> None:
        body, trailer = unseal(frame)
        code = body[:2].decode("ascii", "replace")
        if not code.isdigit():
            return
        spoiled = trailer is not None and checksum_fault(frame) is not None
        if self.trailed and frame == self._last_request and not spoiled and code != "97":
            step = Verb.REPEAT.value
        else:
            verb = Verb.SPOILED if spoiled else Verb.SEND
            step = f"{verb:<5}{self.anonymiser.request(body.decode(self.encoding, 'replace'))}"
        self._last_request = b"" if spoiled or code == "97" else frame
        self._open.append((len(self._steps), "96" if spoiled else code))
        self._steps.append(step)

    def _answer(self, frame: bytes) -> None:
        body, _ = unseal(frame)
        code = body[:2].decode("ascii", "replace")
        answered = next((at for at, (_, asked) in enumerate(self._open) if _answers(code, asked)), None)
        if answered is None and self._open and code in _ANY_TIME:
            answered = 0
        if answered is None:
            self._steps.append(f"# said without being asked: {code}")
            return
        self._leave_unanswered(answered)
        self._open.pop(0)
        is_same = frame == self._last_answer and self._steps[-1][:2] in ("RE", "SC")
        is_again = is_same and (self._steps[-1] == Verb.REPEAT or self._steps[-1].startswith("SC   97"))
        text = self.anonymiser.answer(body.decode(self.encoding, "replace"))
        self._steps.append(Verb.SAME.value if is_again else f"{Verb.ANSWER:<5}{text}")
        self._last_answer = frame

    def _leave_unanswered(self, count: int) -> None:
        """The first `count` open requests got no answer: say so behind each, the last first."""
        for place, _ in reversed(self._open[:count]):
            self._steps.insert(place + 1, Verb.SILENCE.value)
        self._open = [(place + count, code) for place, code in self._open[count:]]


def _answers(code: str, asked: str) -> bool:
    expected = _PAIRS.get(asked, f"{int(asked) + 1:02d}")
    return code == expected or not expected


class Recorder:
    """Listens, passes everything on to the ACS that `dial` reaches, and writes `NNN.txt` files into `folder`."""

    def __init__(
        self,
        dial: Dial,
        folder: Path,
        heading: Heading,
        anonymiser: Anonymiser | None = None,
        encoding: str = "cp850",
        on_written: Callable[[Path], None] | None = None,
    ) -> None:
        self._dial, self._folder, self._heading, self._encoding = dial, folder, heading, encoding
        self._anonymiser = anonymiser or Anonymiser()
        self._on_written = on_written
        self._lock = threading.Lock()
        self._written = 0

    def serve(self, listener: socket.socket) -> None:
        """Take connections until somebody else shuts `listener` down; each is served by threads of its own."""
        while True:
            try:
                machine, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.pass_on, args=(machine,), daemon=True).start()

    def pass_on(self, machine: socket.socket) -> None:
        """Serve one connection to its end and write it down."""
        conversation = Conversation()
        try:
            acs = self._dial()
        except OSError:
            machine.close()
            return
        back = threading.Thread(target=_pump, args=(acs, machine, conversation, False), daemon=True)
        back.start()
        _pump(machine, acs, conversation, True)
        back.join()
        machine.close()
        acs.close()
        self._write_down(conversation)

    def _write_down(self, conversation: Conversation) -> None:
        if not conversation.frames:
            return
        with self._lock:
            self._written += 1
            path = self._folder / f"{self._written:03d}.txt"
            path.write_text(conversation.transcribe(self._heading, self._anonymiser, self._encoding), encoding="utf-8")
        if self._on_written is not None:
            self._on_written(path)


def _pump(source: socket.socket, sink: socket.socket, conversation: Conversation, from_machine: bool) -> None:
    """Pass bytes on until `source` ends; whole frames are heard before they are passed, so order is kept."""
    pending = b""
    while data := _receive(source):
        *frames, pending = (pending + data).split(b"\r")
        for frame in frames:
            if heard := frame.lstrip(b" \n\0\t"):
                conversation.hear(from_machine, heard)
        try:
            sink.sendall(data)
        except OSError:
            break
    _end(sink)


def _receive(source: socket.socket) -> bytes:
    """Empty at the end, and when the other side broke off."""
    try:
        return source.recv(CHUNK)
    except OSError:
        return b""


def _end(sink: socket.socket) -> None:
    """Tell the other side that nothing more comes; it may have gone already."""
    try:
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        sink.close()
