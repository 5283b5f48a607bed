"""What a peer can get wrong.  Each class says how it is answered; a fault of ours is never one of these."""

from typing import ClassVar

from protocols.ncip.elements import LEAVES
from protocols.ncip.envelope import Problem, ResponseHeader
from protocols.ncip.kinds import Privacy
from protocols.ncip.messages import Message, refusal_of
from protocols.ncip.problems import ProblemName, problem
from protocols.ncip.table import MASK
from protocols.ncip.validity import Fault


class NcipError(Exception):
    """The peer broke the protocol: `detail` says what was expected and what came."""

    name: ClassVar[ProblemName] = ProblemName.INVALID_MESSAGE_SYNTAX
    status: ClassVar[int] = 200  # of HTTP: partners throw away a body that comes with more than 399

    def __init__(self, detail: str, *, element: str | None = None, value: str | None = None, line: int = 0) -> None:
        super().__init__(detail)
        self.detail = detail
        self.element = element
        self.value = value
        self.line = line
        self.message: str | None = None  # the element name of the message, once it is known
        self.header: ResponseHeader | None = None  # of the answer, once it is known

    def as_problem(self) -> Problem:
        """The Problem to answer with; a secret is masked."""
        at = f" (line {self.line})" if self.line else ""
        return problem(
            self.name, self.message, detail=self.detail + at, element=self.element, value=self._value_to_show()
        )

    def _value_to_show(self) -> str | None:
        kind = LEAVES.get(self.element or "")
        return MASK if self.value and kind and kind.privacy is Privacy.SECRET else self.value

    def reply(self) -> Message:
        """The answer: in the message's own response when it was recognised, else directly under NCIPMessage."""
        return refusal_of(self.message, self.as_problem(), header=self.header)


class MessageTooLarge(NcipError):
    """More bytes than we read."""

    status = 413


class MalformedXml(NcipError):
    """Not XML, or not to its end."""


class EntityRefused(NcipError):
    """Declares or uses an entity of its own; neither is needed, both are weapons."""


class TooComplex(NcipError):
    """Deeper, wider, longer or more decorated than any message is."""


class NotNcip(NcipError):
    """XML, and not an NCIPMessage."""


class UnknownMessage(NcipError):
    """An NCIPMessage with a child that is no message of the standard."""

    name = ProblemName.UNSUPPORTED_SERVICE


class SchemaViolation(NcipError):
    """Invalid by the schema, from a partner with whom we are strict."""


class UnknownElement(SchemaViolation):
    """An element that has no place where it stands, in a message of such a partner."""

    name = ProblemName.UNKNOWN_ELEMENT


def violation(fault: Fault) -> SchemaViolation:
    """What the schema refuses, as it is said to who must keep to it."""
    cls = UnknownElement if fault.stranger else SchemaViolation
    return cls(f"{fault.place}: {fault.detail}", element=fault.element, line=fault.line)


class InvalidDate(NcipError):
    """A date that is none."""

    name = ProblemName.INVALID_DATE


class InvalidAmount(NcipError):
    """A number that is none."""

    name = ProblemName.INVALID_AMOUNT


class OutOfStep(NcipError):
    """A stream of messages in which no message can be found any more; the connection has to end."""

    name = ProblemName.PROTOCOL_ERROR
