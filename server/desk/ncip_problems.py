"""No, as NCIP says it: one Problem for each reason, the gravest first, and the fee to accept beside them."""

from collections.abc import Iterator, Mapping
from typing import Final, TypeVar

from backend.outcomes import Outcome, Reason, Refusal, Refused
from protocols.ncip import nncipp
from protocols.ncip.elements import LEAVES
from protocols.ncip.envelope import Initiation, Message, Problem, Response, ResponseWithFee, Update
from protocols.ncip.identifiers import ItemId, RequestId
from protocols.ncip.kinds import Privacy
from protocols.ncip.messages import Kind, refusal, service_of
from protocols.ncip.problems import ProblemName, problem, problem_for
from protocols.ncip.profiles import Profile
from protocols.ncip.table import MASK
from server.desk.ncip_culprits import culprit
from server.desk.ncip_parts import required, user_number
from server.desk.ncip_turn import NcipTurn

P = ProblemName
R = TypeVar("R", bound=Response)

MORE: Final[Mapping[Reason, ProblemName]] = {  # reasons of ours beside those of the printed table
    Reason.TOO_MANY_BILLED: P.USER_BLOCKED,
    Reason.TOO_MANY_HOLDS: P.USER_INELIGIBLE_TO_REQUEST,
    Reason.NO_SUCH_HOLD: P.UNKNOWN_REQUEST,
    Reason.UNKNOWN_TITLE: P.UNKNOWN_ITEM,
    Reason.UNKNOWN_BRANCH: P.ELEMENT_RULE_VIOLATED,
    Reason.CHARGE_TOO_HIGH: P.INVALID_AMOUNT,
    Reason.AMOUNT_INVALID: P.INVALID_AMOUNT,
    Reason.PAYMENT_NUMBER_TAKEN: P.DUPLICATE_FISCAL_TRANSACTION,
    Reason.WRONG_CURRENCY: P.INVALID_AMOUNT,
    Reason.UNKNOWN_FEE: P.ELEMENT_RULE_VIOLATED,
    Reason.NOT_ALLOWED: P.UNAUTHORIZED_COMBINATION_FOR_AGENCY,
    Reason.NOTHING_TO_UNDO: P.ITEM_NOT_CHECKED_OUT,
    Reason.IDENTIFIER_TAKEN: P.ELEMENT_RULE_VIOLATED,
    Reason.NUMBER_EMPTY: P.ELEMENT_RULE_VIOLATED,
    Reason.NUMBER_UNSENDABLE: P.ELEMENT_RULE_VIOLATED,
    Reason.IDENTITY_NUMBER: P.ELEMENT_RULE_VIOLATED,
    Reason.BIRTH_TO_COME: P.INVALID_DATE,
    Reason.DAY_PASSED: P.INVALID_DATE,
    Reason.CLOSED_TOO_LONG: P.INVALID_DATE,
    Reason.SAME_PATRON: P.ELEMENT_RULE_VIOLATED,
    Reason.NOTHING_TO_INVOICE: P.ELEMENT_RULE_VIOLATED,
    Reason.REQUEST_TAKEN: P.DUPLICATE_REQUEST,
    Reason.NOT_YOUR_LOAN: P.ITEM_NOT_CHECKED_OUT_TO_THIS_USER,
    Reason.NOT_TEMPORARY: P.ELEMENT_RULE_VIOLATED,
    Reason.DUE_WOULD_SHORTEN: P.ITEM_NOT_RENEWABLE,
    Reason.DATE_NOT_BELIEVED: P.INVALID_DATE,
}
BY_SERVICE: Final[Mapping[tuple[Reason, str], ProblemName]] = {  # where a service has a better word
    (Reason.IDENTIFIER_TAKEN, "CreateUser"): P.DUPLICATE_USER,
    (Reason.IDENTIFIER_TAKEN, "CreateItem"): P.DUPLICATE_ITEM,
    (Reason.IDENTIFIER_TAKEN, "AcceptItem"): P.CANNOT_ACCEPT_ITEM,
    (Reason.REQUEST_TAKEN, "AcceptItem"): P.CANNOT_ACCEPT_ITEM,
    (Reason.NOT_ON_LOAN, "ReportCirculationStatusChange"): P.ITEM_NOT_CHECKED_OUT_TO_THIS_USER,
    (Reason.BILLED, "RecallItem"): P.ITEM_CANNOT_BE_RECALLED,
}
LONGEST_ID: Final = 255  # characters; what one field of SIP2 holds


class WrongOutcomeError(TypeError):
    """An outcome came back that the message cannot have asked for: a fault of ours."""

    def __init__(self, message: Message, outcome: Outcome) -> None:
        super().__init__(f"{type(outcome).__name__} is no answer to {message.element}")


def name_of(message: Message) -> str:
    """The service that a message belongs to."""
    service = service_of(message)
    return service.name if service else ""


def type_for(reason: Reason, service: str) -> ProblemName:
    """The problem type that says this reason in the answer of a service."""
    found = BY_SERVICE.get((reason, service)) or problem_for(reason.value, service) or MORE.get(reason)
    return found or P.ELEMENT_RULE_VIOLATED


def problem_of(given: Refusal, message: Initiation) -> Problem:
    """One reason, with the element that it is about."""
    service = name_of(message)
    name = type_for(given.reason, service)
    element, value = culprit(name, message, given.reason)
    return problem(name, service, detail=given.reason.value, element=element, value=value)


def undated(message: Initiation, turn: NcipTurn) -> Message | None:
    """The response to what is said to have happened, at no time."""
    mandated = message.mandated_action if isinstance(message, Update) else None
    return missing(message, turn, "DateEventOccurred") if mandated and not mandated.date_event_occurred else None


def too_long(message: Initiation, turn: NcipTurn) -> Message | None:
    """The response to an id that no card, label or register could bear; look-ups need none, it is simply unknown."""
    service = service_of(message)
    element = next((element for element, text in _ids_in(message) if text and len(text) > LONGEST_ID), None)
    if element is None or (service is not None and service.kind is Kind.LOOKUP):
        return None
    return say(message, turn, P.ELEMENT_RULE_VIOLATED, detail=f"more than {LONGEST_ID} characters", element=element)


def _ids_in(message: Initiation) -> Iterator[tuple[str, str | None]]:
    """(element, value) of whatever the message names."""
    yield "UserIdentifierValue", user_number(message)
    items: ItemId | tuple[ItemId, ...] | None = getattr(message, "item_id", None)
    for one in items if isinstance(items, tuple) else (items,):
        yield "ItemIdentifierValue", one.item_identifier_value if one else None
    request: RequestId | None = getattr(message, "request_id", None)
    yield "RequestIdentifierValue", request.request_identifier_value if request else None


def refused(message: Initiation, outcome: Outcome, turn: NcipTurn) -> Message:
    """The response for every reason found; identifiers stand in Ext where the profile wants them echoed.

    Raises WrongOutcomeError when the outcome is no refusal either.
    """
    if not isinstance(outcome, Refused):
        raise WrongOutcomeError(message, outcome)
    answer = no(message, turn, *(problem_of(one, message) for one in outcome.refusals))
    fee = next((one.amount for one in outcome.refusals if one.reason is Reason.FEE_ACK and one.amount), None)
    if fee is None or not isinstance(answer, ResponseWithFee):
        return answer
    cls = type(answer)
    header, problems, ext = answer.response_header, answer.problem, answer.ext
    return cls(response_header=header, problem=problems, ext=ext, required_fee_amount=required(fee))


def no(message: Initiation, turn: NcipTurn, *problems: Problem) -> Message:
    """The service's own response with these problems."""
    return in_profile(message, turn.profile, *problems)


def in_profile(message: Initiation, profile: Profile, *problems: Problem) -> Message:
    """As `no`, where there is no turn at the desk."""
    return refusal(message, *problems, ext=nncipp.echo(message) if profile.echoes_in_ext else None)


def say(
    message: Initiation,
    turn: NcipTurn,
    name: ProblemName,
    *,
    detail: str | None = None,
    element: str | None = None,
    value: str | None = None,
) -> Message:
    """The service's own response with one problem."""
    return no(message, turn, simple(message, name, detail=detail, element=element, value=value))


def simple(
    message: Initiation,
    name: ProblemName,
    *,
    detail: str | None = None,
    element: str | None = None,
    value: str | None = None,
) -> Problem:
    """A problem of the answer to this message; a secret value is masked."""
    kind = LEAVES.get(element or "")
    shown = MASK if value and kind is not None and kind.privacy is Privacy.SECRET else value
    return problem(name, name_of(message), detail=detail, element=element, value=shown)


def missing(message: Initiation, turn: NcipTurn, element: str) -> Message:
    """An optional element is needed here."""
    return say(message, turn, P.NEEDED_DATA_MISSING, detail=f"{element} is needed", element=element)
