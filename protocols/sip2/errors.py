"""One exception for each way a peer can break the protocol; each class says how it is to be answered.

Named for what happened.  Texts name what was expected and what came, but never
the value of a field: they go into logs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from protocols.sip2.quirks import Repair


class HowToReply(StrEnum):
    """What the text or good practice puts on the wire for a broken message."""

    RESEND = "resend"  # 96: the bytes were damaged on the way
    FAIL_FORM = "fail-form"  # the command's own response saying no
    SILENCE = "silence"  # nothing
    CLOSE = "close"  # nothing, and hang up


@dataclass(frozen=True, slots=True)
class Partial:
    """What could be read of a message that is no message: enough to say no in the command's own form.

    `code` is the command, `fixed` the fixed fields read so far by name, `fields` the raw values by id.
    """

    code: str
    fixed: Mapping[str, object] = field(default_factory=dict)
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def first(self, code: str) -> str:
        """The first non-empty value of the field id `code`, or an empty string."""
        return next((value for value in self.fields.get(code, ()) if value), "")


class Sip2Error(Exception):
    """A peer broke the protocol."""

    reply: ClassVar[HowToReply] = HowToReply.SILENCE


class ChecksumMismatch(Sip2Error):
    """The checksum does not match the bytes."""

    reply = HowToReply.RESEND


class TrailerUnreadable(Sip2Error):
    """The frame announces error detection, but its checksum is missing or no hexadecimal number."""

    reply = HowToReply.RESEND


class TrailerMissing(Sip2Error):
    """The account demands error detection and the frame has none."""

    reply = HowToReply.RESEND


class UnknownCommand(Sip2Error):
    """The first two characters are no command of SIP2 2.00."""


class WrongDirection(Sip2Error):
    """A command that only the other side may send."""


class NotSip2(Sip2Error):
    """Bytes that are nothing like SIP2."""

    reply = HowToReply.CLOSE


class TlsOnPlainPort(NotSip2):
    """A TLS client hello on a port without TLS."""


class HttpOnSip2Port(NotSip2):
    """An HTTP request on a SIP2 port."""


class FrameTooLong(Sip2Error):
    """More bytes without a line end than a frame may have."""

    reply = HowToReply.CLOSE


class Unanswerable(Sip2Error):
    """A known command that cannot be carried out: it gets its own response, saying no.

    `partial` is what could be read; `repairs` the quirks met until then.
    """

    reply = HowToReply.FAIL_FORM

    def __init__(self, words: str, partial: Partial, repairs: Sequence[Repair] = ()) -> None:
        super().__init__(words)
        self.partial = partial
        self.repairs = tuple(repairs)


class FixedPartTooShort(Unanswerable):
    """The fields without id do not reach as far as the command needs."""


class MissingRequired(Unanswerable):
    """A field without which the command means nothing is missing or empty; `missing` is its id."""

    def __init__(self, missing: str, partial: Partial, repairs: Sequence[Repair] = ()) -> None:
        super().__init__(f"missing {missing}", partial, repairs)
        self.missing = missing


class RefusedByStrictness(Unanswerable):
    """The account is strict and the frame would have needed a repair; the text says in words what was wrong."""

    def __init__(self, partial: Partial, repairs: Sequence[Repair]) -> None:
        super().__init__("; ".join(str(repair) for repair in repairs), partial, repairs)


class NotLoggedIn(Unanswerable):
    """The command needs a login on this connection and none was made."""
