"""What is known of an exchange while it runs, and how it is kept: masked, with what came of it in a few words."""

from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from backend.outcomes import Outcome
from backend.store.exchanges import Kept
from protocols.ncip.codec import Decoded
from protocols.ncip.envelope import Message
from protocols.ncip.identifiers import RequestId
from protocols.ncip.profiles import PLAIN, Profile
from protocols.ncip.redaction import shown
from server.agencies.registry import Call, Known


@dataclass(slots=True)
class Course:
    """What is known of an exchange while it runs, for the log."""

    call: Call
    data: bytes
    began: float
    document: etree._Element | None = None
    decoded: Decoded | None = None
    known: Known | None = None
    profile: Profile = PLAIN
    effect: str = ""
    unread: str = ""  # what is told of it without a document: the parser did not take it, or it was long

    def question(self) -> str:
        """What came, masked."""
        if self.document is None:
            return self.unread
        return shown(self.document, proper=self.decoded is not None and self.decoded.proper)

    def kept(self, answer: Message, seen: str, status: int, service: str, *, at: datetime, took: float) -> Kept:
        """How the exchange is remembered: `seen` is the answer, masked; it was given at `at` and `took` seconds."""
        decoded = self.decoded
        return Kept(
            at=at,
            account=self.known.partner.name if self.known else "",
            agency=_sender(decoded),
            library=self.known.library if self.known else "",
            service=service,
            request=_request(decoded),
            address=self.call.address,
            valid=decoded is not None and decoded.verdict.valid,
            verdict="\n".join(map(str, decoded.verdict.faults)) if decoded else "",
            quirks="\n".join(f"{quirk.name.value}: {quirk.element}" for quirk in decoded.quirks) if decoded else "",
            answer=answer.element,
            effect="; ".join(text for text in (self.effect, problems_in(answer)) if text),
            micros=round(took * 1_000_000),
            status=status,
            question=self.question(),
            reply=seen,
        )


def problems_in(answer: Message) -> str:
    """Each problem of the answer with its detail; empty when it is none."""
    found = getattr(answer, "problem", ())
    return ", ".join(
        f"{one.problem_type.value} ({one.problem_detail})" if one.problem_detail else one.problem_type.value
        for one in found
    )


def effect_of(outcomes: tuple[Outcome, ...]) -> str:
    """What circulation did, each kind of outcome once."""
    return ", ".join(dict.fromkeys(type(outcome).__name__ for outcome in outcomes))


def _sender(decoded: Decoded | None) -> str:
    header = getattr(decoded.message, "initiation_header", None) if decoded else None
    return header.from_agency_id.agency_id.value if header else ""


def _request(decoded: Decoded | None) -> str:
    """Agency and number, as they were sent."""
    request = getattr(decoded.message, "request_id", None) if decoded else None
    if request is None or not isinstance(request, RequestId):
        return ""
    agency = request.agency_id.value if request.agency_id else ""
    return f"{agency} {request.request_identifier_value}".strip()
