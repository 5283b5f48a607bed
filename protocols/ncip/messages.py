"""Every service: what starts it and what answers it; and the two things that may stand in NCIPMessage beside them.

The classes themselves are read off their modules; a new service is one pair of classes and its line of purpose.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import ModuleType

from protocols.ncip import legacy, lending, lookups, notifications, record_notifications, records
from protocols.ncip.envelope import (
    Acknowledgement,
    Initiation,
    InitiationHeader,
    Message,
    Problem,
    Response,
    ResponseHeader,
    ResponseWithFee,
    Update,
)
from protocols.ncip.extension import Ext
from protocols.ncip.identifiers import FromAgencyId, RequestId, ToAgencyId
from protocols.ncip.table import CLASSES, AtLeastOne, Needed, element

__all__ = [
    "SERVICES",
    "Acknowledgement",
    "BareExtension",
    "BareProblem",
    "Initiation",
    "Kind",
    "Message",
    "Response",
    "ResponseWithFee",
    "Service",
    "Unread",
    "Update",
    "answer_header",
    "message_class",
    "refusal",
    "refusal_of",
    "service_of",
    "swapped",
]


class Kind(Enum):
    """What a service does to the responder."""

    LOOKUP = auto()
    UPDATE = auto()
    NOTIFICATION = auto()
    LEGACY = auto()  # of version 1; not in the schema


@dataclass(frozen=True, slots=True)
class Service:
    """One service of the standard."""

    name: str
    kind: Kind
    initiation: type[Initiation]
    response: type[Response]

    @property
    def purpose(self) -> str:
        """What the initiation says, in a sentence."""
        return (self.initiation.__doc__ or "").strip()


@element(named=False)
class BareProblem(Message):
    """Problems directly under NCIPMessage: the message itself was not understood."""

    problem: AtLeastOne[Problem] = ()


@element(named=False)
class BareExtension(Message):
    """Ext directly under NCIPMessage: something that is no service of the standard."""

    ext: Needed[Ext] = None


@element(named=False)
class Unread(Initiation):
    """What is no message of the standard, or none that could be read: who sent it, and about which request."""

    request_id: RequestId | None = None


def _services(module: ModuleType, kind: Kind) -> list[Service]:
    declared = [cls for cls in vars(module).values() if isinstance(cls, type) and cls.__module__ == module.__name__]
    pairs = [(cls, CLASSES[f"{cls.__name__}Response"]) for cls in declared if issubclass(cls, Initiation)]
    return [Service(cls.__name__, kind, cls, answer) for cls, answer in pairs if issubclass(answer, Response)]


SERVICES: Mapping[str, Service] = {
    service.name: service
    for module, kind in (
        (lookups, Kind.LOOKUP),
        (lending, Kind.UPDATE),
        (records, Kind.UPDATE),
        (notifications, Kind.NOTIFICATION),
        (record_notifications, Kind.NOTIFICATION),
        (legacy, Kind.LEGACY),
    )
    for service in _services(module, kind)
}

MESSAGES: Mapping[str, type[Message]] = {
    cls.element: cls for service in SERVICES.values() for cls in (service.initiation, service.response)
}


def message_class(name: str) -> type[Message] | None:
    """The class of the message with that element name; None when the standard has no such message."""
    return MESSAGES.get(name)


def service_of(message: Message | type[Message]) -> Service | None:
    """The service a message belongs to; None for a bare problem or extension."""
    return SERVICES.get(message.element.removesuffix("Response"))


def answer_header(message: Message) -> ResponseHeader | None:
    """The header of the answer.  None when the question had no header."""
    header = message.initiation_header if isinstance(message, Initiation) else None
    return None if header is None else swapped(header)


def swapped(header: InitiationHeader) -> ResponseHeader:
    """Who asked is answered by who was asked.  Secrets stay where they are."""
    return ResponseHeader(
        from_system_id=header.to_system_id,
        from_agency_id=FromAgencyId(agency_id=header.to_agency_id.agency_id),
        to_system_id=header.from_system_id,
        to_agency_id=ToAgencyId(agency_id=header.from_agency_id.agency_id),
    )


def refusal(message: Message, *problems: Problem, ext: Ext | None = None) -> Message:
    """The answer that carries these problems: the service's own response, or the bare form when there is none."""
    service = service_of(message)
    if service is None or not isinstance(message, Initiation):
        return BareProblem(problem=problems)
    return service.response(response_header=answer_header(message), problem=problems, ext=ext)


def refusal_of(name: str | None, *problems: Problem, header: ResponseHeader | None = None) -> Message:
    """As `refusal`, where a fault was found before there was a message: by the name of its element."""
    service = SERVICES.get(name or "")
    if service is None:
        return BareProblem(problem=problems)
    return service.response(response_header=header, problem=problems)
