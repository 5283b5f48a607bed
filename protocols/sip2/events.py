"""What a conversation asks of whoever holds the connection; values, in the order in which they must be dealt with."""

from dataclasses import field
from enum import StrEnum

from protocols.sip2.codec import Decoded
from protocols.sip2.errors import Sip2Error, Unanswerable
from protocols.sip2.framing import Frame
from protocols.sip2.quirks import Repair
from protocols.sip2.table import Message
from protocols.value import value


class Why(StrEnum):
    """Why the session has bytes to write."""

    ANSWER = "answer"  # the caller's own answer
    RESENT = "resent"  # 97: the last bytes once more
    REPEATED = "repeated"  # a look-up asked twice in the same frame: its answer once more
    RESEND_REQUEST = "resend-request"  # 96


class CloseReason(StrEnum):
    """Why the session wants the connection closed."""

    NOT_SIP2 = "not-sip2"
    TLS_ON_PLAIN_PORT = "tls-on-plain-port"
    HTTP = "http"
    FRAME_TOO_LONG = "frame-too-long"
    UNKNOWN_COMMAND = "unknown-command"
    BAD_FRAMES = "bad-frames"
    NOT_LOGGED_IN = "not-logged-in"
    FAILED_LOGINS = "failed-logins"


@value(frozen=True, slots=True)
class Asked:
    """What a request and a failed request have in common: the frame as it came, and when, in the caller's seconds."""

    origin: Frame
    now: float

    @property
    def frame(self) -> bytes:
        """The bytes as they came, with trailer, without line end; may hold a PIN."""
        return self.origin.raw

    @property
    def sequence(self) -> str | None:
        """The sequence number, digit for digit."""
        return self.origin.sequence

    @property
    def error_detection(self) -> bool:
        """Whether the frame proved itself by a checksum; without, a repeat is a new request."""
        return self.origin.error_detection


@value(frozen=True, slots=True)
class Request(Asked):
    """A message to be answered with `AcsSession.answer`; nothing else happens on this connection until then."""

    decoded: Decoded
    delimiter: str = "|"  # by which it was read

    @property
    def message(self) -> Message:
        """What was asked."""
        return self.decoded.message

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """The quirks that were put up with, those of the frame first."""
        return self.decoded.repairs


@value(frozen=True, slots=True)
class Failed(Asked):
    """A known command that cannot be carried out; to be answered like a request, in its fail form."""

    error: Unanswerable


@value(frozen=True, slots=True)
class Reply:
    """Bytes to write now, in one call.  `error` is what a 96 complains about."""

    data: bytes = field(repr=False)
    why: Why
    now: float
    error: Sip2Error | None = None


@value(frozen=True, slots=True)
class Ignored:
    """A frame that gets no answer."""

    error: Sip2Error
    now: float


@value(frozen=True, slots=True)
class Close:
    """Close the connection after what was written so far; say nothing."""

    reason: CloseReason
    now: float
    error: Sip2Error | None = None


Event = Request | Failed | Reply | Ignored | Close
