"""Which element of a message stood in the way, and what it holds: ProblemElement and ProblemValue."""

from collections.abc import Mapping
from typing import Final

from backend.outcomes import Reason
from protocols.ncip import moments
from protocols.ncip.accounts import FiscalTransactionInformation
from protocols.ncip.envelope import Initiation, InitiationHeader
from protocols.ncip.kinds import Coded
from protocols.ncip.moments import Moment
from protocols.ncip.problems import ProblemName
from protocols.ncip.table import MODELS, Element
from server.desk.ncip_parts import user_number

P = ProblemName
USER, ITEM, REQUEST, FEE = (
    "UserIdentifierValue",
    "ItemIdentifierValue",
    "RequestIdentifierValue",
    "FiscalTransactionIdentifierValue",
)
OF_REASON: Final[Mapping[Reason, str]] = {
    Reason.PIN_WRONG: "AuthenticationInputData",
    Reason.PIN_REQUIRED: "AuthenticationInputData",
    Reason.BIRTH_TO_COME: "DateOfBirth",
    Reason.IDENTITY_NUMBER: USER,
    Reason.UNKNOWN_BRANCH: "PickupLocation",
    Reason.NEED_BEFORE: "NeedBeforeDate",
    Reason.AMOUNT_TOO_HIGH: "MonetaryValue",
    Reason.CHARGE_TOO_HIGH: "MonetaryValue",
    Reason.AMOUNT_INVALID: "MonetaryValue",
    Reason.WRONG_CURRENCY: "CurrencyCode",
    Reason.PAYMENT_NUMBER_TAKEN: FEE,
    Reason.UNKNOWN_FEE: FEE,
    Reason.REQUEST_TAKEN: REQUEST,
    Reason.AGE_LIMIT: USER,
}
UNSAID: Final = {Reason.PIN_WRONG, Reason.PIN_REQUIRED, Reason.BIRTH_TO_COME, Reason.IDENTITY_NUMBER}  # what it holds
OF_REQUESTS: Final = {P.UNKNOWN_REQUEST, P.DUPLICATE_REQUEST, P.REQUEST_ALREADY_PROCESSED}
OF_USERS: Final = {P.UNKNOWN_USER, P.USER_BLOCKED, P.DUPLICATE_USER, P.MAXIMUM_CHECK_OUTS_EXCEEDED}
THINGS: Final = (ITEM, "BibliographicRecordIdentifier", "BibliographicItemIdentifier", REQUEST)


def culprit(name: ProblemName, message: Initiation, given: Reason) -> tuple[str | None, str | None]:
    """The element that a reason is about, and its content; what is most likely meant, where a reason names none."""
    element = OF_REASON.get(given)
    if element is not None:
        return element, None if given in UNSAID else _held(message, element, given)
    if name in OF_REQUESTS and (number := content_of(message, REQUEST)) is not None:
        return REQUEST, number
    if name in OF_USERS or name.value.startswith("User "):
        return USER, user_number(message)
    for thing in THINGS:
        if (found := content_of(message, thing)) is not None:
            return thing, found
    number = user_number(message)
    return (USER, number) if number else (None, None)


def _held(message: Initiation, element: str, given: Reason) -> str | None:
    if element == USER:
        return user_number(message)
    if given is not Reason.UNKNOWN_FEE:
        return content_of(message, element)
    said: FiscalTransactionInformation | None = getattr(message, "fiscal_transaction_information", None)
    related = said.related_fiscal_transaction_reference_id if said else ()
    return related[0].fiscal_transaction_identifier_value if related else None


def content_of(node: Element, element: str) -> str | None:
    """What the first element of that name holds that is not empty; the header is nobody's fault."""
    for line in MODELS[type(node)].lines:
        held = getattr(node, line.attribute)
        for one in held if isinstance(held, tuple) else (held,):
            found = written(one) if line.element == element else None
            if found is None and isinstance(one, Element) and not isinstance(one, InitiationHeader):
                found = content_of(one, element)
            if found:
                return found
    return None


def written(value: object) -> str | None:
    """A leaf as text, None for what is not there or is no leaf."""
    if isinstance(value, Coded):
        return value.value
    if isinstance(value, Moment):
        return moments.write(value, in_gmt=False)
    return str(value) if isinstance(value, str | int) else None
