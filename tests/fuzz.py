"""A long fuzz of the SIP2 conversation: `python -m tests.fuzz --frames 1000000 --seed 1`.

Mutated frames of every message in the table, and any bytes at all, go through whole sessions in pieces of any size.
Nothing but events may come out, every byte for the wire must be a proven frame, and memory must stay flat.
"""

import argparse
import gc
import json
import random
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from datetime import time as clock_time
from enum import Enum
from typing import Any, Final, cast

from protocols.sip2.codec import decode, encode
from protocols.sip2.dialects import DIALECTS, Dialect, ErrorDetection, UnknownPolicy
from protocols.sip2.errors import Partial, Sip2Error
from protocols.sip2.events import Close, Failed, Reply, Request, Why
from protocols.sip2.failures import FORMS, fail_form
from protocols.sip2.framing import Line as WireLine
from protocols.sip2.framing import checksum, open_frame, seal
from protocols.sip2.kinds import AnyKind
from protocols.sip2.messages import BY_CODE, Login, layouts
from protocols.sip2.redaction import redact
from protocols.sip2.session import AcsSession, Limits
from protocols.sip2.stamp import Stamp
from protocols.sip2.table import Cardinality, FixedSlot, Group, GroupSlot, Layout, Message, Sender, VariableSlot
from protocols.sip2.telnet import Attempt, HangUp, TelnetLogin

NOW: Final = Stamp(date(2026, 2, 12), clock_time(12, 0))
SAMPLES: Final = 48  # messages kept of each row of the table; they are mutated, not sent as they are
FRAMES_A_SESSION: Final = 40
MOST_FINDINGS: Final = 20  # after which the run stops: more of them teach nothing
FLAT: Final = 4 << 20  # bytes that the process may grow between the first tenth of a run and its end
MEASURED: Final = 10  # times in a run that memory is looked at

_TRAILER = re.compile(rb"(AZ)[0-9A-F]{4}\Z")

TOKENS: Final = (
    *(b"|", b"||", b"AO", b"AA|", b"AB30112003921|", b"AY1", b"AY10", b"AZ", b"AZ0000", b"AY3AZEC4B", b"BIY|", b"\r"),
    *(b"\n", b"\r\n", b"\x00", b" ", b"    ", b"Y", b"N", b"0", b"9", b"96", b"97", b"9900802.00", b"\xff\xfb\x01"),
    *(b"\x16\x03\x01", b"GET / HTTP/1.1", b"\xc3", b"\xe2\x82\xac", b"20260230    256199", b"-1.005", b"NaN"),
)
TEXTS: Final = (
    *("", "K1", "30112003921", "Bjørk, Åse", "a|b", "line\rbreak\nand\ttab", "\x00\x1b[2J", "€ – “quoted”", "日本語"),
    *("é" * 300, "x" * 255, "AY1AZFFFF", "|AB1|", "👩‍👩‍👧", "e\u0301", "\ud800".encode("utf-8", "replace").decode()),
)
MORE_DIALECTS: Final = (
    Dialect(name="strict", strict=True),
    Dialect(name="without", error_detection=ErrorDetection.OFF),
    Dialect(name="required", error_detection=ErrorDetection.REQUIRED),
    Dialect(name="asks-again", unknown=UnknownPolicy.RESEND),
    Dialect(name="closes", unknown=UnknownPolicy.CLOSE),
    Dialect(name="caret", delimiter="^", delimiter_substitute="/", terminator=b"\r\n"),
)
SPEAKERS: Final = (*DIALECTS.values(), *MORE_DIALECTS)


# Messages of the table, with values that are read off the kinds.


class Messages:
    """Random messages of every row, good in form; `rng` decides everything."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def of(self, layout: Layout) -> Message:
        slots = (*layout.fixed, *layout.variable)
        return layout.message(**{slot.name: self._line(slot) for slot in slots})

    def _line(self, slot: FixedSlot | VariableSlot | GroupSlot) -> object:
        if isinstance(slot, GroupSlot):
            return tuple(self._group(slot) for _ in range(self._rng.randrange(3)))
        kind = slot.field.kind
        if isinstance(slot, FixedSlot):
            return None if slot.optional and self._rng.random() < 0.5 else self._value(kind, slot.field.width)
        if slot.cardinality is Cardinality.MANY:
            return tuple(self._value(kind) for _ in range(self._rng.randrange(4)))
        if slot.cardinality is Cardinality.OPTIONAL and self._rng.random() < 0.5:
            return None
        return self._value(kind)

    def _group(self, slot: GroupSlot) -> Group:
        return slot.group(**{line.name: self._line(line) for line in slot.slots})

    def _value(self, kind: AnyKind, width: int = 0) -> object:
        """A value that `kind` can write; texts of a fixed width are left to the kind's own fallback."""
        rng = self._rng
        if kind.holds is Stamp:
            return NOW
        if kind.holds is bool:
            return rng.random() < 0.5
        if kind.holds is int:
            return rng.randrange(1000)
        if kind.holds is str:
            return kind.fallback if width or kind.name != "text" else rng.choice(TEXTS)
        if kind.holds is frozenset:
            return kind.fallback
        return rng.choice(tuple(cast(type[Enum], kind.holds)))


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is mutated, and what is answered: frames by nobody in particular, replies by command."""

    requests: tuple[bytes, ...]
    replies: dict[str, tuple[Message, ...]]
    answers: tuple[bytes, ...]

    @classmethod
    def made_by(cls, rng: random.Random) -> "Corpus":
        messages = Messages(rng)
        made = {layout.code: tuple(messages.of(layout) for _ in range(SAMPLES)) for layout in layouts()}
        dialect = Dialect(name="fuzz", encoding="utf-8")

        def written(sender: Sender) -> tuple[bytes, ...]:
            return tuple(encode(one, dialect).encode() for row in layouts(sender) for one in made[row.code])

        asked = {row.code: made[row.answered_by] for row in layouts(Sender.SC) if row.answered_by}
        return cls(written(Sender.SC), asked, written(Sender.ACS))


# Damage.


class Damage:
    """Mutations of bytes, each of them something that a line, a converter or a bad client does."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._ways = (self._cut, self._insert, self._splice, self._overwrite, self._copy, self._swap)

    def frame(self, body: bytes) -> bytes:
        """`body` hurt in up to six places, often sealed again so that it is looked at, with some line end or none."""
        rng = self._rng
        hurt = bytearray(body)
        for _ in range(rng.choice((0, 1, 1, 2, 3, 6))):
            rng.choice(self._ways)(hurt)
        data = bytes(hurt)
        if rng.random() < 0.5:
            data = self._sealed(data)
        return data + rng.choice((b"\r", b"\r", b"\r", b"\r\n", b"\n", b"\r\r", b""))

    def noise(self) -> bytes:
        """Bytes that were never a frame."""
        return self._rng.randbytes(self._rng.randrange(1, 200)) + self._rng.choice((b"\r", b""))

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """`data` as the network may deliver it."""
        rng = self._rng
        if rng.random() < 0.6:
            yield data
            return
        longest = rng.choice((1, 3, 17, 100))
        while data:
            size = rng.randint(1, longest)
            yield data[:size]
            data = data[size:]

    def _sealed(self, data: bytes) -> bytes:
        rng = self._rng
        numbered = data + rng.choice((b"AY%d" % rng.randrange(10), b"AY%d" % rng.randrange(100), b"")) + b"AZ"
        right = checksum(numbered).encode()
        return numbered + rng.choice((right, right, right, right.lower(), right[:3], b"0000"))

    def _place(self, data: bytearray) -> int:
        return self._rng.randrange(len(data) + 1)

    def _cut(self, data: bytearray) -> None:
        start = self._place(data)
        del data[start : start + self._rng.randint(1, 12)]

    def _insert(self, data: bytearray) -> None:
        at = self._place(data)
        data[at:at] = self._rng.randbytes(self._rng.randint(1, 6))

    def _splice(self, data: bytearray) -> None:
        at = self._place(data)
        data[at:at] = self._rng.choice(TOKENS)

    def _overwrite(self, data: bytearray) -> None:
        if data:
            data[self._rng.randrange(len(data))] = self._rng.randrange(256)

    def _copy(self, data: bytearray) -> None:
        start, at = self._place(data), self._place(data)
        data[at:at] = data[start : start + self._rng.choice((4, 20, 300))]

    def _swap(self, data: bytearray) -> None:
        if len(data) > 1:
            at = self._rng.randrange(len(data) - 1)
            data[at], data[at + 1] = data[at + 1], data[at]


# The run.


class BadReply(Exception):
    """The session wanted something on the wire that is no proven frame."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What must not be: the dialect, the bytes that led to it since the session began, and the exception."""

    dialect: str
    sent: tuple[bytes, ...]
    exception: str


@dataclass
class Run:
    """Frames so far, what came out of them, and what should not have."""

    rng: random.Random
    frames: int = 0
    events: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._corpus = Corpus.made_by(self.rng)
        self._damage = Damage(self.rng)

    def one_session(self) -> None:
        """A conversation of up to FRAMES_A_SESSION frames, with one peer."""
        dialect = self.rng.choice(SPEAKERS)
        sent: list[bytes] = []
        try:
            if self.rng.random() < 0.05:
                self._log_in_by_telnet(sent)
            self._converse(dialect, sent)
            self._look_at_texts(sent)
        except Exception:
            self.findings.append(Finding(dialect.name, tuple(sent), traceback.format_exc()))

    def _converse(self, dialect: Dialect, sent: list[bytes]) -> None:
        limits = Limits(bad_frames=self.rng.choice((3, 20, 1000)), longest_frame=self.rng.choice((300, 8192)))
        session = AcsSession(dialect, login_required=self.rng.random() < 0.2, limits=limits)
        for _ in range(FRAMES_A_SESSION):
            data = self._damage.noise() if self.rng.random() < 0.02 else self._request()
            sent.append(data)
            self.frames += 1
            for piece in self._damage.pieces(data):
                if not self._deal_with(session, session.receive(piece, float(self.frames))):
                    return

    def _request(self) -> bytes:
        return self._damage.frame(self.rng.choice(self._corpus.requests))

    def _deal_with(self, session: AcsSession, events: list[Any]) -> bool:
        """Answer whatever was asked; False when the session has hung up."""
        answering: Request | Failed | None = None
        while events:
            event = events.pop(0)
            self.events[type(event).__name__] += 1
            if isinstance(event, Close):
                return False
            if isinstance(event, Reply):
                proven = answering is not None and answering.error_detection
                refuse_bad_reply(event, proven if event.why is Why.ANSWER else None)
            elif isinstance(event, Request | Failed):
                answering = event
                if isinstance(event, Request) and isinstance(event.message, Login):
                    session.log_in(self.rng.choice(SPEAKERS))
                events = session.answer(self._answer(event)) + events
        return True

    def _answer(self, asked: Request | Failed) -> Message:
        """The refusal in the command's own form, or any reply that the table has for it."""
        if isinstance(asked, Failed):
            partial = asked.error.partial
        else:
            repr(asked)
            partial = Partial(asked.message.layout.code)
        if partial.code in FORMS and (isinstance(asked, Failed) or self.rng.random() < 0.3):
            return fail_form(partial, NOW, "SKB", [self.rng.choice(TEXTS)])
        return self.rng.choice(self._corpus.replies[partial.code])

    def _log_in_by_telnet(self, sent: list[bytes]) -> None:
        telnet = TelnetLogin()
        telnet.start()
        for _ in range(FRAMES_A_SESSION):
            data = self._damage.noise() + self.rng.choice((b"\r", b"\n", b"\r\n", b"\r\x00"))
            sent.append(data)
            self.frames += 1
            events = telnet.receive(data)
            while any(isinstance(event, Attempt) for event in events):
                events = telnet.accept() if self.rng.random() < 0.2 else telnet.reject()
            self.events.update(f"telnet: {type(event).__name__}" for event in events)
            if any(isinstance(event, HangUp) for event in events):
                return

    def _look_at_texts(self, sent: list[bytes]) -> None:
        """What never passes through a session: masking for captures, and the other side's messages."""
        redact(sent[-1].decode("cp850"), personal=True)
        damaged = self._damage.frame(self.rng.choice(self._corpus.answers))
        sent.append(damaged)
        self.frames += 1
        try:
            frame = open_frame(WireLine(damaged.strip()))
            decode(frame.body.decode("utf-8", "replace"), sender=Sender.ACS)
        except Sip2Error as error:
            self.events[f"as ACS: {type(error).__name__}"] += 1
        else:
            self.events["as ACS: read"] += 1


def refuse_bad_reply(reply: Reply, proven: bool | None) -> None:
    """Raises BadReply unless `reply` is one whole frame of a known message.

    It must carry a checksum when `proven`, none when not, and may when that is None; the checksum must be right.
    """
    data = reply.data
    content = data.removesuffix(b"\n").removesuffix(b"\r")
    if len(data) - len(content) not in (1, 2) or any(byte < 0x20 for byte in content):
        raise BadReply(f"one line end expected: {data!r}")
    if content[:2].decode("ascii") not in BY_CODE:
        raise BadReply(f"no message of the table: {data!r}")
    trailer = _TRAILER.search(content)
    if trailer is not None and seal(content[: trailer.start(1)], error_detection=True) != content + b"\r":
        raise BadReply(f"checksum: {data!r}")
    if proven is not None and proven != (trailer is not None):
        raise BadReply(f"{'a' if proven else 'no'} checksum expected: {data!r}")


@dataclass(frozen=True, slots=True)
class Memory:
    """How much the process holds: resident bytes, and blocks of the interpreter's allocator."""

    resident: int
    blocks: int

    @classmethod
    def now(cls) -> "Memory":
        gc.collect()
        with open("/proc/self/statm", encoding="ascii") as statm:
            pages = int(statm.read().split()[1])
        return cls(pages * 4096, sys.getallocatedblocks())


def fuzz(frames: int, seed: int, told: Any = None) -> tuple[Run, list[Memory]]:
    """At least `frames` frames; memory is measured after each tenth.  `told(run)` is called then, too."""
    run = Run(random.Random(seed))
    memory: list[Memory] = []
    for tenth in range(1, MEASURED + 1):
        while run.frames < frames * tenth / MEASURED and len(run.findings) < MOST_FINDINGS:
            run.one_session()
        memory.append(Memory.now())
        if told is not None:
            told(run, memory[-1])
    return run, memory


def main(arguments: list[str] | None = None) -> int:
    """0 when nothing was found and memory stayed flat."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    started = time.perf_counter()

    def told(run: Run, memory: Memory) -> None:
        print(f"{run.frames:>9} frames, {memory.resident >> 10} KiB resident, {memory.blocks} blocks", flush=True)

    run, memory = fuzz(asked.frames, asked.seed, told)
    grown = memory[-1].resident - memory[0].resident
    for finding in run.findings:
        print(finding.dialect, *map(repr, finding.sent[-3:]), finding.exception, sep="\n")
    report = {
        "frames": run.frames,
        "exceptions": len(run.findings),
        "seconds": round(time.perf_counter() - started, 1),
        "grown_bytes": grown,
        "grown_blocks": memory[-1].blocks - memory[0].blocks,
        "events": dict(run.events.most_common()),
        "seed": asked.seed,
    }
    print(json.dumps(report))
    return 1 if run.findings or grown > FLAT else 0


if __name__ == "__main__":
    sys.exit(main())
