"""Who a user is and what it has: LookupUser, and AuthenticateUser of version 1."""

from collections.abc import Mapping
from datetime import time
from typing import Final

from backend.commands import Command, LookUpPatron, PinProof
from backend.lookup_outcomes import FeeView, HoldView, LoanView, PatronFound
from backend.order_outcomes import PickupPlaces
from backend.outcomes import Reason, Refusal
from protocols.ncip.accounts import (
    AccountBalance,
    AccountDetails,
    FiscalTransactionInformation,
    ItemDetails,
    UserFiscalAccount,
)
from protocols.ncip.bibliography import BibliographicDescription
from protocols.ncip.envelope import Message
from protocols.ncip.kinds import Coded
from protocols.ncip.legacy import AuthenticateUser, AuthenticateUserResponse
from protocols.ncip.lookups import LookupUser, LookupUserResponse
from protocols.ncip.messages import answer_header
from protocols.ncip.problems import ProblemName
from protocols.ncip.transactions import LoanedItem, LoanedItemsCount, RequestedItem
from server.desk.ncip_orders import copy_of
from server.desk.ncip_parts import (
    FISCAL_TYPES,
    amount,
    echoed_user,
    item_id,
    reference,
    request_id,
    secret_of,
    user_number,
    users_named,
)
from server.desk.ncip_places import ask_places, pickup_places
from server.desk.ncip_problems import missing, no, problem_of, refused, say
from server.desk.ncip_records import is_overdue, user_fields
from server.desk.ncip_turn import Heard, NcipTurn

NOON: Final = time(12)  # of a day without a time, so that no zone moves it
NOT_PROVEN: Final[Mapping[PinProof, Reason]] = {
    PinProof.WRONG: Reason.PIN_WRONG,
    PinProof.LOCKED: Reason.PIN_WRONG,
}


def ask_user(message: LookupUser | AuthenticateUser, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """A partner that may not be told of persons is told so, whoever it asks for."""
    if not turn.persons:
        return say(message, turn, ProblemName.USER_ACCESS_DENIED, detail="no right to look up persons")
    if user_number(message) is None:
        return missing(message, turn, "UserIdentifierValue")
    places = ask_places(message, turn) if isinstance(message, LookupUser) else ()
    return (*(LookUpPatron(patron=number) for number in users_named(message, turn)), *places)


def answer_user(message: LookupUser, heard: Heard, turn: NcipTurn) -> Message:
    """A wrong secret tells nothing but that; a blocked user is no Problem, its blocks are told when asked for."""
    match heard.outcome:
        case PatronFound() as found:
            return _two_users(message, heard, turn) or _unproven(message, turn) or _found(message, found, heard, turn)
        case outcome:
            return refused(message, outcome, turn)


def answer_authenticate(message: AuthenticateUser, heard: Heard, turn: NcipTurn) -> Message:
    """Only a right secret proves a user."""
    match heard.outcome:
        case PatronFound() as found:
            if turn.pin is not PinProof.RIGHT:
                reason = Reason.PIN_WRONG if secret_of(message) else Reason.PIN_REQUIRED
                return no(message, turn, problem_of(Refusal(reason=reason), message))
            return _two_users(message, heard, turn) or AuthenticateUserResponse(
                response_header=answer_header(message), user_id=echoed_user(message, turn, found.patron.card)
            )
        case outcome:
            return refused(message, outcome, turn)


def _two_users(message: LookupUser | AuthenticateUser, heard: Heard, turn: NcipTurn) -> Message | None:
    """Numbers of one user each prove the other; numbers of two prove nobody."""
    people = (one for one in heard.outcomes if not isinstance(one, PickupPlaces))
    found = {one.patron.id if isinstance(one, PatronFound) else None for one in people}
    if len(found) == 1:
        return None
    name, detail = ProblemName.USER_AUTHENTICATION_FAILED, "the numbers are not of one user"
    return say(message, turn, name, detail=detail, element="AuthenticationInputData")


def _unproven(message: LookupUser, turn: NcipTurn) -> Message | None:
    reason = NOT_PROVEN.get(turn.pin)
    return no(message, turn, problem_of(Refusal(reason=reason), message)) if reason else None


def _found(message: LookupUser, found: PatronFound, heard: Heard, turn: NcipTurn) -> LookupUserResponse:
    loans = message.loaned_items_desired
    return LookupUserResponse(
        response_header=answer_header(message),
        user_id=echoed_user(message, turn, found.patron.card),
        user_fiscal_account=(account(found, turn),) if message.user_fiscal_account_desired else (),
        loaned_items_count=_counts(found) if loans else (),
        loaned_item=tuple(loaned(loan, turn) for loan in found.loans) if loans else (),
        requested_item=(
            tuple(requested(hold, found, turn) for hold in found.holds) if message.requested_items_desired else ()
        ),
        user_optional_fields=user_fields(found, message.user_element_type, turn),
        ext=pickup_places(heard.outcomes, turn),
    )


def _counts(found: PatronFound) -> tuple[LoanedItemsCount, ...]:
    if not found.loans:
        return ()
    return (LoanedItemsCount(circulation_status=Coded("On Loan"), loaned_item_count_value=len(found.loans)),)


def loaned(loan: LoanView, turn: NcipTurn) -> LoanedItem:
    return LoanedItem(
        item_id=copy_of(loan.owner, loan.barcode, turn),
        reminder_level=is_overdue(loan),
        date_due=turn.due(loan.due),
        amount=amount(loan.fine) if loan.fine else None,
        title=loan.title or None,
    )


def requested(hold: HoldView, found: PatronFound, turn: NcipTurn) -> RequestedItem:
    """A hold; when it was placed is not told by a patron's screen, so the day of the answer stands where it must."""
    return RequestedItem(
        request_id=request_id(hold.hold, turn),
        item_id=copy_of(hold.owner, hold.barcode, turn) if hold.barcode else None,
        request_type=Coded("Hold"),
        request_status_type=Coded("Available For Pickup" if hold.ready else "In Process"),
        date_placed=turn.event(hold.placed or found.at),
        pickup_location=Coded(turn.library.branches.get(hold.pickup, str(hold.pickup))),
        pickup_expiry_date=turn.last_day(hold.pickup_by) if hold.pickup_by else None,
        hold_queue_position=hold.position or None,
        title=hold.title or None,
    )


def account(found: PatronFound, turn: NcipTurn) -> UserFiscalAccount:
    """What the user owes, as a positive number, and for what."""
    balance = AccountBalance(currency_code=Coded(found.owed.currency), monetary_value=found.owed.minor)
    return UserFiscalAccount(account_balance=balance, account_details=tuple(_line(fee, turn) for fee in found.fees))


def _line(fee: FeeView, turn: NcipTurn) -> AccountDetails:
    details = None
    if fee.barcode:
        titled = BibliographicDescription(title=fee.title or None)
        details = ItemDetails(item_id=item_id(fee.barcode, turn), bibliographic_description=titled)
    transaction = FiscalTransactionInformation(
        fiscal_action_type=Coded("Assess"),
        fiscal_transaction_reference_id=reference(fee.id, turn),
        fiscal_transaction_type=Coded(FISCAL_TYPES[fee.kind]),
        amount=amount(fee.owed),
        item_details=details,
    )
    raised = turn.event(turn.library.time.at(fee.raised, NOON))
    return AccountDetails(accrual_date=raised, fiscal_transaction_information=transaction)
