"""What stands around every message: who speaks to whom, and what went wrong.  The base of each kind of message is here.

A response carries its data or Problems, never both; so all its data lines are `Needed` or optional, and the choice
between the two is made here, once, for all responses.
"""

from collections.abc import Callable
from typing import TypeVar, dataclass_transform

from protocols.ncip.accounts import RequiredFeeAmount
from protocols.ncip.elements import (
    ApplicationProfileType,
    DateEventOccurred,
    DateOfExpectedReply,
    FromAgencyAuthentication,
    FromSystemAuthentication,
    FromSystemId,
    ProblemDetail,
    ProblemElement,
    ProblemType,
    ProblemValue,
    RequiredItemUseRestrictionType,
    ToSystemId,
)
from protocols.ncip.extension import Ext, Extensible
from protocols.ncip.identifiers import FromAgencyId, OnBehalfOfAgency, ToAgencyId
from protocols.ncip.table import Element, Line, Needed, element, in_order, register


@element()
class InitiationHeader(Extensible):
    """Who asks whom, on whose behalf, by which rule set, with which secrets."""

    from_system_id: FromSystemId | None = None
    from_system_authentication: FromSystemAuthentication | None = None
    from_agency_id: FromAgencyId
    from_agency_authentication: FromAgencyAuthentication | None = None
    on_behalf_of_agency: OnBehalfOfAgency | None = None
    to_system_id: ToSystemId | None = None
    to_agency_id: ToAgencyId
    application_profile_type: ApplicationProfileType | None = None


@element()
class ResponseHeader(Extensible):
    """Who answers whom."""

    from_system_id: FromSystemId | None = None
    from_system_authentication: FromSystemAuthentication | None = None
    from_agency_id: FromAgencyId
    from_agency_authentication: FromAgencyAuthentication | None = None
    to_system_id: ToSystemId | None = None
    to_agency_id: ToAgencyId


@element()
class Problem(Extensible):
    """One thing that stood in the way: type, words, the element and its content."""

    problem_type: ProblemType
    problem_detail: ProblemDetail | None = None
    problem_element: ProblemElement | None = None
    problem_value: ProblemValue | None = None


@element()
class MandatedAction(Extensible):
    """It has been done already; the responder enters it with the date it happened."""

    date_event_occurred: Needed[DateEventOccurred] = None


@element()
class Pending(Extensible):
    """The answer needs more time, perhaps a person."""

    date_of_expected_reply: DateOfExpectedReply | None = None


@element(named=False)
class Message(Element):
    """One child of NCIPMessage."""


@element(named=False)
class Initiation(Message):
    """Somebody starts an exchange."""

    ext: Ext | None = None
    initiation_header: InitiationHeader | None = None


@element(named=False)
class Update(Initiation):
    """Somebody wants something changed."""

    mandated_action: MandatedAction | None = None


@element(named=False)
class Response(Message):
    """The answer: data, or Problems."""

    ext: Ext | None = None
    response_header: ResponseHeader | None = None
    problem: tuple[Problem, ...] = ()


@element(named=False)
class ResponseWithFee(Response):
    """An answer whose Problem may say what the user must accept first."""

    required_fee_amount: RequiredFeeAmount | None = None
    required_item_use_restriction_type: tuple[RequiredItemUseRestrictionType, ...] = ()


@element(named=False)
class Acknowledgement(Response):
    """The answer to a notification: understood, or not."""


R = TypeVar("R", bound=Response)

REFUSED = {Response: "Problem+", ResponseWithFee: "(Problem+, RequiredFeeAmount?, RequiredItemUseRestrictionType*)"}
HEAD = {"ResponseHeader", "Problem", "RequiredFeeAmount", "RequiredItemUseRestrictionType", "Ext"}


@dataclass_transform(kw_only_default=True, frozen_default=True)
def response(*choices: str, instead: str | None = None) -> Callable[[type[R]], type[R]]:
    """Declare a response: its own lines are the data.  `instead` is a child that may stand alone in their place."""

    def data_or_problems(cls: type[Element], lines: tuple[Line, ...], choices: tuple[str, ...]) -> str:
        refused = next(model for base, model in REFUSED.items() if base in cls.__bases__)
        data = in_order(cls, tuple(line for line in lines if line.element not in {*HEAD, instead}), choices)
        ways = [refused, *([instead] if instead else []), f"({data})"]
        return f"ResponseHeader?, ({' | '.join(ways)}), Ext?"

    def declare(cls: type[R]) -> type[R]:
        return register(cls, choices, data_or_problems)

    return declare


@dataclass_transform(kw_only_default=True, frozen_default=True)
def acknowledgement(cls: type[R]) -> type[R]:
    """Declare the answer to a notification."""
    return register(cls, (), in_order)
