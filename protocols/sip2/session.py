"""AcsSession: one connection's conversation, seen from the ACS; no sockets, no clock, no circulation.

Bytes go in, events come out in the order of the stream.  After a Request or a Failed the session holds everything
else back until the caller has answered.  Requests that change something are never answered from memory here: a
repeat of them is recognised by the caller's journal, which outlives the connection.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from protocols.sip2 import charset
from protocols.sip2.codec import decode, encode
from protocols.sip2.dialects import Dialect, ErrorDetection, UnknownPolicy
from protocols.sip2.errors import (
    FrameTooLong,
    HowToReply,
    HttpOnSip2Port,
    NotLoggedIn,
    Partial,
    Sip2Error,
    TlsOnPlainPort,
    TrailerMissing,
    Unanswerable,
    UnknownCommand,
)
from protocols.sip2.events import Asked, Close, CloseReason, Event, Failed, Ignored, Reply, Request, Why
from protocols.sip2.framing import LONGEST_FRAME, Frame, FrameBuffer, Line, open_frame, seal
from protocols.sip2.messages import Login, LoginResponse, RequestAcsResend, RequestScResend, ScStatus
from protocols.sip2.quirks import Quirk, Repair
from protocols.sip2.table import Message, Sender


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a connection may try our patience."""

    longest_frame: int = LONGEST_FRAME  # bytes
    bad_frames: int = 20  # in a row
    refused_before_login: int = 3
    failed_logins: int = 3  # in a row
    repeat_window: float = 60.0  # seconds in which the same look-up gets the same answer


SERVED_BEFORE_LOGIN: Final = (Login, ScStatus)

TRAILER: Final = "AY, AZ and a checksum expected at the end"

_CLOSES = {
    TlsOnPlainPort: CloseReason.TLS_ON_PLAIN_PORT,
    HttpOnSip2Port: CloseReason.HTTP,
    FrameTooLong: CloseReason.FRAME_TOO_LONG,
}


@dataclass(frozen=True, slots=True)
class _Answered:
    """The last look-up that proved itself by a checksum, and what it got."""

    frame: bytes
    reply: bytes
    asked_at: float


class AcsSession:
    """The conversation on one connection.

    `dialect` is the listener's until `log_in` gives the account's; with `login_required` only 93, 99 and 97 are
    served before that. `delimiters` are those of accounts that have one of their own: a 93 may come with any.
    """

    def __init__(
        self,
        dialect: Dialect,
        *,
        login_required: bool = True,
        limits: Limits | None = None,
        delimiters: Iterable[str] = (),
    ) -> None:
        self._dialect = dialect
        self._delimiters = tuple(delimiters)
        self._logged_in = not login_required
        self._limits = limits or Limits()
        self._buffer = FrameBuffer(self._limits.longest_frame)
        self._waiting: deque[tuple[Line | Sip2Error, float]] = deque()
        self._open: Request | Failed | None = None
        self._last_reply: bytes | None = None
        self._last_look_up: _Answered | None = None
        self._bad_frames = 0
        self._refused = 0
        self._failed_logins = 0
        self._closed = False

    @property
    def dialect(self) -> Dialect:
        """How the peer is spoken to at present."""
        return self._dialect

    @property
    def busy(self) -> bool:
        """Whether a request awaits its answer."""
        return self._open is not None

    @property
    def _detects(self) -> bool:
        return self._dialect.error_detection is not ErrorDetection.OFF

    def log_in(self, dialect: Dialect, limits: Limits | None = None) -> None:
        """The peer is now a known account; call before answering its 93.  Frames behind it are read by `dialect`.

        `limits` are the account's own, in place of the listener's.
        """
        self._dialect = dialect
        self._limits = limits or self._limits
        self._buffer.longest = self._limits.longest_frame
        self._buffer.delimiter = dialect.delimiter.encode("ascii")
        self._logged_in = True
        self._refused = self._failed_logins = 0

    def log_out(self) -> None:
        """The peer is nobody again; it is read and spoken to as before, for it is the same machine."""
        self._logged_in = False

    def receive(self, data: bytes, now: float) -> list[Event]:
        """What `data`, read at `now` seconds of any steady clock, brings about."""
        if self._closed:
            return []
        self._waiting.extend([(line, now) for line in self._buffer.feed(data)])
        return self._turns()

    def answer(self, reply: Message) -> list[Event]:
        """The bytes of `reply` to the open request, and what the frames behind it bring about.

        Raises ValueError when no request is open, or `reply` is nothing an ACS says.
        """
        asked = self._open
        if asked is None:
            raise ValueError("no request is open")
        if reply.layout.sender is not Sender.ACS:
            raise ValueError(f"{reply.layout.code} is not for the ACS to say")
        self._open = None
        if self._lacks_trailer(asked.origin):  # a 93: until its answer nobody knew that one is demanded
            return [self._resend_request(True, asked.now, TrailerMissing(TRAILER)), *self._turns()]
        data = self._sealed(reply, asked.origin)
        self._remember(asked, data)
        events: list[Event] = [Reply(data, Why.ANSWER, asked.now)]
        events += self._patience(asked, reply)
        events += self._turns()
        return events

    # One frame's turn.

    def _turns(self) -> list[Event]:
        events: list[Event] = []
        while self._waiting and self._open is None and not self._closed:
            line, now = self._waiting.popleft()
            events += self._turn(line, now)
        return events

    def _turn(self, line: Line | Sip2Error, now: float) -> list[Event]:
        if isinstance(line, Sip2Error):
            return [self._close(_CLOSES[type(line)], now, line)]
        try:
            frame = self._framed(line)
        except Sip2Error as error:
            return self._refuse(error, self._detects and b"AZ" in line.content, now)
        if frame.body.startswith(RequestAcsResend.layout.code.encode("ascii")):
            return [self._resent(frame, now)]
        repeated = self._repeated(frame, now)
        if repeated is not None:
            return [repeated]
        try:
            request = self._request(frame, now)
        except Unanswerable as error:
            return self._opened(Failed(frame, now, error))
        except Sip2Error as error:
            return self._refuse(error, frame.error_detection, now)
        return self._opened(request)

    def _framed(self, line: Line) -> Frame:
        frame = open_frame(
            line,
            delimiter=self._dialect.delimiter.encode("ascii"),
            verify=self._detects,
            lenient=self._dialect.lenient_checksum,
        )
        if self._lacks_trailer(frame):
            raise TrailerMissing(TRAILER)
        return frame

    def _lacks_trailer(self, frame: Frame) -> bool:
        return self._dialect.error_detection is ErrorDetection.REQUIRED and not frame.error_detection

    def _request(self, frame: Frame, now: float) -> Request:
        text, replaced = charset.decode(frame.body, self._dialect.encoding)
        earlier = (*frame.repairs, Repair(Quirk.UNDECODABLE_TEXT)) if replaced else frame.repairs
        delimiter = self._delimiter_of(text)
        decoded = decode(text, delimiter=delimiter, strict=self._dialect.strict, earlier=earlier)
        if not self._logged_in and not isinstance(decoded.message, SERVED_BEFORE_LOGIN):
            raise NotLoggedIn("not logged in", _partial(decoded.message), decoded.repairs)
        return Request(frame, now, decoded, delimiter)

    def _delimiter_of(self, text: str) -> str:
        """The dialect's; of a 93 before the login the one that some account uses and CN and CO are closed by."""
        usual = self._dialect.delimiter
        if self._logged_in or not text.startswith(Login.layout.code) or usual in text:
            return usual
        fits = (one for one in self._delimiters if f"{one}CO" in text)
        return next(fits, usual)

    def _opened(self, asked: Request | Failed) -> list[Event]:
        self._bad_frames = 0
        self._open = asked
        return [asked]

    # Repeats and resends.

    def _repeated(self, frame: Frame, now: float) -> Reply | None:
        """The same answer again, when this is the same look-up in the same bytes and not long ago."""
        last = self._last_look_up
        if last is None or not frame.error_detection or frame.raw != last.frame:
            return None
        if now - last.asked_at > self._limits.repeat_window:
            return None
        self._bad_frames = 0
        self._last_reply = last.reply
        return Reply(last.reply, Why.REPEATED, now)

    def _remember(self, asked: Asked, data: bytes) -> None:
        self._last_reply = data
        look_up = isinstance(asked, Request) and asked.message.layout.repeatable and asked.error_detection
        self._last_look_up = _Answered(asked.frame, data, asked.now) if look_up else None

    def _resent(self, frame: Frame, now: float) -> Reply:
        self._bad_frames = 0
        if self._last_reply is not None:
            return Reply(self._last_reply, Why.RESENT, now)
        return self._resend_request(frame.error_detection, now, None)

    def _resend_request(self, error_detection: bool, now: float, error: Sip2Error | None) -> Reply:
        body = encode(RequestScResend(), self._dialect).encode("ascii")
        self._last_reply = seal(body, error_detection=error_detection, terminator=self._dialect.terminator)
        return Reply(self._last_reply, Why.RESEND_REQUEST, now, error)

    def _sealed(self, reply: Message, request: Frame) -> bytes:
        return seal(
            charset.encode(encode(reply, self._dialect), self._dialect.encoding),
            sequence=request.sequence,
            error_detection=request.error_detection,
            terminator=self._dialect.terminator,
        )

    # Broken frames and lost patience.

    def _refuse(self, error: Sip2Error, error_detection: bool, now: float) -> list[Event]:
        unknown = self._dialect.unknown if isinstance(error, UnknownCommand) else UnknownPolicy.IGNORE
        if error.reply is HowToReply.CLOSE or unknown is UnknownPolicy.CLOSE:
            reason = CloseReason.NOT_SIP2 if error.reply is HowToReply.CLOSE else CloseReason.UNKNOWN_COMMAND
            return [self._close(reason, now, error)]
        self._bad_frames += 1
        if error.reply is HowToReply.RESEND or unknown is UnknownPolicy.RESEND:
            required = self._dialect.error_detection is ErrorDetection.REQUIRED
            events: list[Event] = [self._resend_request(error_detection or required, now, error)]
        else:
            events = [Ignored(error, now)]
        if self._bad_frames >= self._limits.bad_frames:
            events.append(self._close(CloseReason.BAD_FRAMES, now, error))
        return events

    def _patience(self, asked: Request | Failed, reply: Message) -> Iterator[Event]:
        """The end of the conversation, when a peer without login tries too often."""
        if isinstance(asked, Failed) and isinstance(asked.error, NotLoggedIn):
            self._refused += 1
        if isinstance(reply, LoginResponse):
            self._failed_logins = 0 if reply.ok else self._failed_logins + 1
        if self._refused >= self._limits.refused_before_login:
            yield self._close(CloseReason.NOT_LOGGED_IN, asked.now, None)
        elif self._failed_logins >= self._limits.failed_logins:
            yield self._close(CloseReason.FAILED_LOGINS, asked.now, None)

    def _close(self, reason: CloseReason, now: float, error: Sip2Error | None) -> Close:
        self._closed = True
        self._waiting.clear()
        return Close(reason, now, error)


def _partial(message: Message) -> Partial:
    """A whole message as the part that a refusal needs."""
    layout = message.layout
    fixed = {slot.name: getattr(message, slot.name) for slot in layout.fixed}
    texts = {
        slot.field.code: getattr(message, slot.name) for slot in layout.identified() if slot.field.kind.holds is str
    }
    return Partial(layout.code, fixed, {code: (text,) for code, text in texts.items() if text is not None})
