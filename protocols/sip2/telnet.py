"""The login conversation of old kiosks, before SIP2 begins: prompts, two lines, a word of welcome; no sockets.

Knows no accounts: each attempt is an event that the caller judges.
"""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

IAC: Final = 0xFF
_SUBNEGOTIATION: Final = 0xFA
_SUBNEGOTIATION_END: Final = 0xF0
_WITH_OPTION: Final = range(0xFB, 0xFF)  # WILL, WONT, DO, DONT: one more byte follows
LONGEST_LINE: Final = 256  # bytes of a user name or a password
MOST_WAITING: Final = 8192  # bytes that may come behind the password while it is judged


class _Within(Enum):
    """Where the filter stands in the stream."""

    DATA = auto()
    COMMAND = auto()
    OPTION = auto()
    SUBNEGOTIATION = auto()
    SUBNEGOTIATION_COMMAND = auto()


class NegotiationFilter:
    """Drops telnet's negotiation bytes from a stream, however it is split; a doubled 0xFF is one byte of data."""

    def __init__(self) -> None:
        self._within = _Within.DATA

    def feed(self, data: bytes) -> bytes:
        """What is left of `data`."""
        if self._within is _Within.DATA and IAC not in data:
            return data
        return bytes(byte for byte in data if self._keeps(byte))

    def _keeps(self, byte: int) -> bool:
        before, self._within = self._within, _next(self._within, byte)
        if before is _Within.DATA:
            return byte != IAC
        return before is _Within.COMMAND and byte == IAC


def _next(within: _Within, byte: int) -> _Within:
    match within:
        case _Within.DATA:
            return _Within.COMMAND if byte == IAC else within
        case _Within.COMMAND if byte in _WITH_OPTION:
            return _Within.OPTION
        case _Within.COMMAND if byte == _SUBNEGOTIATION:
            return _Within.SUBNEGOTIATION
        case _Within.SUBNEGOTIATION:
            return _Within.SUBNEGOTIATION_COMMAND if byte == IAC else within
        case _Within.SUBNEGOTIATION_COMMAND if byte != _SUBNEGOTIATION_END:
            return _Within.SUBNEGOTIATION
        case _:
            return _Within.DATA


@dataclass(frozen=True, slots=True)
class Prompts:
    """What the server writes.  Ceridwen waits for `Password:` with a capital, Perl's Net::Telnet takes either."""

    first: str = "login: "
    second: str = "Password: "
    welcome: str = "Login OK\r\n"
    refusal: str = "Login incorrect\r\n"
    attempts: int = 3


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes to write now."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Attempt:
    """A user name and a password to be judged: call `accept` or `reject`."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Through:
    """Bytes for the SIP2 conversation, negotiation removed."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class HangUp:
    """Close the connection."""


TelnetEvent = Write | Attempt | Through | HangUp


class _State(Enum):
    """Where the login stands."""

    ASKING = auto()
    JUDGING = auto()
    ACCEPTED = auto()
    OVER = auto()


class TelnetLogin:
    """One connection: `start`, then `receive`, and `accept` or `reject` for each attempt.

    After `accept` everything that comes is passed on to the SIP2 conversation, also what came too early.
    """

    def __init__(self, prompts: Prompts | None = None, encoding: str = "utf-8") -> None:
        self._negotiation = NegotiationFilter()
        self._prompts = prompts or Prompts()
        self._encoding = encoding
        self._state = _State.ASKING
        self._pending = bytearray()
        self._after_cr = False
        self._user: str | None = None
        self._attempts = 0

    def start(self) -> list[TelnetEvent]:
        """The first prompt."""
        return [self._write(self._prompts.first)]

    def receive(self, data: bytes) -> list[TelnetEvent]:
        """What `data` brings about."""
        if self._state is _State.OVER:
            return []
        self._pending += self._negotiation.feed(data)
        return self._through() if self._state is _State.ACCEPTED else self._advance()

    def accept(self) -> list[TelnetEvent]:
        """The attempt was good: the word of welcome, after which SIP2 begins."""
        self._state = _State.ACCEPTED
        return [self._write(self._prompts.welcome), *self._through()]

    def reject(self) -> list[TelnetEvent]:
        """The attempt was not good: the refusal, and another prompt or the end."""
        self._state = _State.ASKING
        self._attempts += 1
        if self._attempts >= self._prompts.attempts:
            return [self._write(self._prompts.refusal), self._hang_up()]
        return [self._write(self._prompts.refusal), self._write(self._prompts.first), *self._advance()]

    def _advance(self) -> list[TelnetEvent]:
        events: list[TelnetEvent] = []
        while self._state is _State.ASKING and (line := self._next_line()) is not None:
            events.append(self._line(line.decode(self._encoding, "replace")))
        if len(self._pending) > (LONGEST_LINE if self._state is _State.ASKING else MOST_WAITING):
            events.append(self._hang_up())
        return events

    def _line(self, text: str) -> TelnetEvent:
        if self._user is None:
            self._user = text.strip()
            return self._write(self._prompts.second)
        user, self._user = self._user, None
        self._state = _State.JUDGING
        return Attempt(user, text)

    def _through(self) -> list[TelnetEvent]:
        data = bytes(self._pending)
        self._pending.clear()
        return [Through(data)] if data else []

    def _next_line(self) -> bytes | None:
        if self._after_cr and self._pending.startswith((b"\n", b"\x00")):
            del self._pending[:1]
        ends = [end for end in (self._pending.find(b"\r"), self._pending.find(b"\n")) if end >= 0]
        if self._pending:
            self._after_cr = False
        if not ends or min(ends) > LONGEST_LINE:
            return None
        end = min(ends)
        line = bytes(self._pending[:end])
        self._after_cr = self._pending[end] == 0x0D
        del self._pending[: end + 1]
        return line

    def _write(self, text: str) -> Write:
        return Write(text.encode(self._encoding, "replace"))

    def _hang_up(self) -> HangUp:
        self._state = _State.OVER
        self._pending.clear()
        return HangUp()
