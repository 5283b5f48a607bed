"""CreateUserFiscalTransaction: a charge, a payment, or a fee that is let go."""

from collections.abc import Mapping
from typing import Final

from backend.commands import Command, PayFee
from backend.money import Money
from backend.outcomes import Done, FeePaid
from backend.staff_commands import ChargePatron, WaiveFee
from protocols.ncip.accounts import FiscalTransactionInformation
from protocols.ncip.agencies import same_agency
from protocols.ncip.envelope import Message
from protocols.ncip.messages import answer_header
from protocols.ncip.problems import ProblemName
from protocols.ncip.records import CreateUserFiscalTransaction, CreateUserFiscalTransactionResponse
from server.desk.ncip_parts import (
    FEE_KINDS,
    barcode_of,
    echoed_user,
    fee_kind,
    money_of,
    patron_of,
    reference,
    user_number,
)
from server.desk.ncip_problems import missing, refused, say
from server.desk.ncip_turn import Heard, NcipTurn

PAYMENTS: Final = ("Payment",)
LETS_GO: Final = ("Waive", "Forgive", "Write Off", "Cancel")
CHARGES: Final = ("Assess", "Penalty", "charge-default-patron-fee", "")  # ReShare and crosslink: the fee that is usual
METHODS: Final[Mapping[str, str]] = {"cash": "00", "credit card": "02", "debit card": "02"}  # SIP2 payment types
OTHER_METHOD: Final = "01"
MOST: Final = 100_000_000  # whole øre in one transaction: a million of anything is a slip of the finger


def ask_transaction(message: CreateUserFiscalTransaction, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """What is to be done is said by the action; a partner that says nothing means a charge, no other word does."""
    if not turn.manner.may_charge or not turn.persons:
        return say(message, turn, ProblemName.ACCOUNT_ACCESS_DENIED, detail="no right to change accounts")
    if user_number(message) is None:
        return missing(message, turn, "UserIdentifierValue")
    said = message.fiscal_transaction_information
    amount = money_of(said.amount, turn)
    if said.fiscal_action_type.says(*PAYMENTS):
        return _invalid(message, amount, turn) or (_payment(message, said, amount, turn),)
    if said.fiscal_action_type.says(*LETS_GO):
        return _waiver(message, said, amount, turn)
    if not said.fiscal_action_type.says(*CHARGES):
        value = said.fiscal_action_type.value
        return say(message, turn, ProblemName.UNKNOWN_VALUE, element="FiscalActionType", value=value)
    if not amount.minor and turn.manner.default_fee:
        amount = Money(turn.manner.default_fee, turn.library.currency)
    return _invalid(message, amount, turn) or (_charge(message, said, amount, turn),)


def _invalid(message: CreateUserFiscalTransaction, amount: Money, turn: NcipTurn) -> Message | None:
    """A sum that is none; another currency than the library's keeps no account here."""
    name, text = ProblemName.INVALID_AMOUNT, str(amount.minor)
    if amount.currency != turn.library.currency:
        detail = f"accounts are kept in {turn.library.currency}"
        return say(message, turn, name, detail=detail, element="CurrencyCode", value=amount.currency)
    if amount.minor > MOST:
        return say(message, turn, name, detail=f"more than {MOST}", element="MonetaryValue", value=text[:40])
    if amount.minor <= 0:
        return say(message, turn, name, detail="more than 0 is needed", element="MonetaryValue", value=text)
    return None


def _payment(
    message: CreateUserFiscalTransaction, said: FiscalTransactionInformation, amount: Money, turn: NcipTurn
) -> PayFee:
    """The partner's own number of the payment is good once."""
    named = FEE_KINDS.get(said.fiscal_transaction_type.value.strip().casefold())
    fee = _fee(said, turn)
    method = said.payment_method_type.value.strip().casefold() if said.payment_method_type else ""
    return PayFee(
        patron=patron_of(message, turn),
        amount=amount,
        fee=fee,
        kind=None if fee else named,
        method=METHODS.get(method, OTHER_METHOD),
        transaction=_number(said),
        at=turn.now,
    )


def _number(said: FiscalTransactionInformation) -> str | None:
    """The partner's own number of the transaction."""
    number = said.fiscal_transaction_reference_id
    return (number.fiscal_transaction_identifier_value or None) if number else None


def _fee(said: FiscalTransactionInformation, turn: NcipTurn) -> str | None:
    """The charge of ours that it is about."""
    for related in said.related_fiscal_transaction_reference_id:
        if same_agency(related.agency_id.value, turn.agency) and related.fiscal_transaction_identifier_value:
            return related.fiscal_transaction_identifier_value
    return None


def _waiver(
    message: CreateUserFiscalTransaction, said: FiscalTransactionInformation, amount: Money, turn: NcipTurn
) -> tuple[Command, ...] | Message:
    fee = _fee(said, turn)
    if fee is None:
        return missing(message, turn, "RelatedFiscalTransactionReferenceId")
    waiver = WaiveFee(
        patron=patron_of(message, turn),
        fee=fee,
        amount=amount if amount.minor else None,
        note=said.fiscal_transaction_description or "",
        transaction=_number(said),
    )
    return (waiver,)


def _charge(
    message: CreateUserFiscalTransaction, said: FiscalTransactionInformation, amount: Money, turn: NcipTurn
) -> ChargePatron:
    return ChargePatron(
        patron=patron_of(message, turn),
        amount=amount,
        kind=fee_kind(said.fiscal_transaction_type.value),
        note=said.fiscal_transaction_description or "",
        item=barcode_of(said.item_details.item_id, turn) if said.item_details else None,
        transaction=_number(said),
    )


def answer_transaction(message: CreateUserFiscalTransaction, heard: Heard, turn: NcipTurn) -> Message:
    """The id of the charge, of the payment, or of the charge that was let go."""
    match heard.outcome:
        case Done() as outcome:
            number: object = outcome.charge
            if number is None:
                number = _fee(message.fiscal_transaction_information, turn) or "0"
        case FeePaid() as outcome:
            number = outcome.payment
        case outcome:
            return refused(message, outcome, turn)
    return CreateUserFiscalTransactionResponse(
        response_header=answer_header(message),
        user_id=echoed_user(message, turn),
        fiscal_transaction_reference_id=reference(number, turn),
    )
