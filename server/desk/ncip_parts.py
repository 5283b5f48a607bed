"""What NCIP messages are made of, both ways: numbers of users, items, requests and titles; amounts; fees."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from backend.model import TEMPORARY, FeeKind, Item, LibraryId
from backend.money import Money
from backend.partner_commands import RequestNumber
from protocols.ncip.accounts import (
    AcknowledgedFeeAmount,
    Amount,
    FiscalTransactionInformation,
    FiscalTransactionReferenceId,
    PaidFeeAmount,
    RequiredFeeAmount,
)
from protocols.ncip.agencies import agency_key, same_agency
from protocols.ncip.bibliography import BibliographicDescription, BibliographicId
from protocols.ncip.envelope import Initiation
from protocols.ncip.identifiers import ItemId, RequestId, UserId
from protocols.ncip.kinds import Coded
from protocols.ncip.lending import CheckOutItem, RenewItem, RequestItem
from protocols.ncip.nncipp import item_numbers
from protocols.ncip.people import AuthenticationInput
from server.desk.ncip_turn import NcipTurn

NAMES_A_USER: Final = ("Barcode Id", "User Id", "username", "User Name", "Barcode")
PROVES_A_USER: Final = ("PIN", "Password")
BARCODES: Final = ("barcode", "item barcode", "barcode id")

FISCAL_TYPES: Final[Mapping[FeeKind, str]] = {  # policies 3.2
    FeeKind.OVERDUE: "Fine",
    FeeKind.REMINDER: "Reminder Charge",
    FeeKind.REPLACEMENT: "Book Replacement Charge",
    FeeKind.DAMAGE: "Book Replacement Charge",
    FeeKind.ILL: "Interlibrary Loan Fee",
    FeeKind.CARD: "Card Replacement Charge",
    FeeKind.MISC: "Service Charge",
    FeeKind.HOLD: "Reservation Charge",
    FeeKind.CHECKOUT: "Rental",
}
FEE_KINDS: Final[Mapping[str, FeeKind]] = {
    "fine": FeeKind.OVERDUE,
    "reminder charge": FeeKind.REMINDER,
    "book replacement charge": FeeKind.REPLACEMENT,
    "interlibrary loan fee": FeeKind.ILL,
    "ill-fee": FeeKind.ILL,  # ReShare
    "card replacement charge": FeeKind.CARD,
    "reservation charge": FeeKind.HOLD,
    "rental": FeeKind.CHECKOUT,
}


# ---- users ----------------------------------------------------------------------


def inputs_of(message: Initiation) -> tuple[AuthenticationInput, ...]:
    """Everything that the user typed, as far as the message carries it."""
    given: tuple[AuthenticationInput, ...] = getattr(message, "authentication_input", ())
    return given


def typed(message: Initiation, kinds: tuple[str, ...]) -> str | None:
    """What the user typed of one of these kinds; None when there is nothing."""
    texts = [one.authentication_input_data for one in inputs_of(message) if one.authentication_input_type.says(*kinds)]
    return next((text for text in texts if text), None)


def user_number(message: Initiation) -> str | None:
    """The user's number as it came; None when the message names nobody."""
    user: UserId | None = getattr(message, "user_id", None)
    if user is not None and user.user_identifier_value:
        return user.user_identifier_value
    return typed(message, NAMES_A_USER)


def users_named(message: Initiation, turn: NcipTurn) -> tuple[str, ...]:
    """Every number that is said to be the user's, each once and as circulation looks it up, the user id's first."""
    named = (one for one in inputs_of(message) if one.authentication_input_type.says(*NAMES_A_USER))
    numbers = (one.authentication_input_data for one in named if one.authentication_input_data)
    return tuple(dict.fromkeys((patron_of(message, turn), *map(turn.manner.patrons.normal, numbers))))


def secret_of(message: Initiation) -> str | None:
    """The PIN or password that should prove the user; an empty one is none."""
    return typed(message, PROVES_A_USER)


def patron_of(message: Initiation, turn: NcipTurn) -> str:
    """The number by which circulation looks the user up; empty, and so nobody's, when none is named or of elsewhere."""
    user: UserId | None = getattr(message, "user_id", None)
    if user is not None and user.agency_id is not None and not is_close(user.agency_id.value, turn):
        return ""
    number = user_number(message)
    return turn.manner.patrons.normal(number) if number else ""


def is_close(agency: str, turn: NcipTurn) -> bool:
    """Is it an agency of one of the two who speak, or a branch?  A missing one is: many leave it out."""
    ours = (turn.agency, turn.partner, turn.library.institution, *turn.aliases, *turn.own_branches)
    return not agency_key(agency) or any(same_agency(agency, one) for one in ours)


def library_called(agency: str, turn: NcipTurn) -> LibraryId | None:
    """The library of ours that bears this agency id, None for an empty one and for everybody else's."""
    for library, ids in turn.own_agencies.items():
        if any(same_agency(agency, one) for one in ids):
            return library
    return None


def user_id(number: str, turn: NcipTurn) -> UserId:
    """A patron of ours, as we name one."""
    return UserId(agency_id=turn.agency_id, user_identifier_value=number)


def echoed_user(message: Initiation, turn: NcipTurn, found: str = "") -> UserId:
    """The user as the message named it; else by the number that was typed or found."""
    user: UserId | None = getattr(message, "user_id", None)
    if user is not None and user.user_identifier_value:
        return user
    return user_id(found or user_number(message) or "", turn)


# ---- items ----------------------------------------------------------------------


def barcode_of(item: ItemId | None, turn: NcipTurn) -> str | None:
    """The barcode that an item id holds, perhaps beside its tag; None when it is empty."""
    if item is None or not item.item_identifier_value:
        return None
    numbers = {kind.casefold(): value for kind, value in item_numbers(item).items()}
    found = next((numbers[kind] for kind in BARCODES if kind in numbers), item.item_identifier_value)
    return turn.manner.items.normal(found) if found else None


def is_of_elsewhere(agency: Coded | None, turn: NcipTurn) -> bool:
    """Does the agency beside a number say that it is neither ours nor any other library's that we know?"""
    return agency is not None and not is_close(agency.value, turn) and library_called(agency.value, turn) is None


def named_elsewhere(message: Initiation, turn: NcipTurn) -> str | None:
    """The barcode of an item beside which another agency stands than those of the two who speak, None of any other."""
    named: ItemId | None = getattr(message, "item_id", None)
    if not isinstance(named, ItemId) or named.agency_id is None or is_close(named.agency_id.value, turn):
        return None
    return barcode_of(named, turn)


def is_meant(item: Item, named: ItemId | None, turn: NcipTurn) -> bool:
    """Is it the item that the agency beside the number speaks of?  One that was accepted bears its lender's."""
    if named is None or named.agency_id is None or TEMPORARY in item.flags:
        return True
    return is_close(named.agency_id.value, turn) or library_called(named.agency_id.value, turn) == item.library


def item_id(barcode: str, turn: NcipTurn) -> ItemId:
    """An item of ours, as we name one: with the type that the partner looks for."""
    kind = turn.profile.item_identifier_type or "Barcode"
    return ItemId(agency_id=turn.agency_id, item_identifier_type=Coded(kind), item_identifier_value=barcode)


def asked_of_item(message: Initiation) -> tuple[Coded, ...]:
    """What is to be told of the item: ItemElementType; an empty description in a RequestItem asks for one (NNCIPP)."""
    asked: tuple[Coded, ...] = getattr(message, "item_element_type", ())
    fields = message.item_optional_fields if isinstance(message, RequestItem) else None
    if fields is None or fields.bibliographic_description != BibliographicDescription():
        return asked
    return (*asked, Coded("Bibliographic Description"))


# ---- requests -------------------------------------------------------------------


def request_number(request: RequestId | None, turn: NcipTurn) -> RequestNumber | None:
    """Whose number it is: the id's own agency's, else the sender's.  None for an empty number."""
    if request is None or not request.request_identifier_value:
        return None
    agency = request.agency_id.value if request.agency_id and agency_key(request.agency_id.value) else turn.partner
    return RequestNumber(agency=agency_key(agency), value=request.request_identifier_value)


def our_hold(request: RequestId | None, turn: NcipTurn) -> int | None:
    """The number of our own hold, when the request bears one of ours."""
    if request is None or request.agency_id is None or not same_agency(request.agency_id.value, turn.agency):
        return None
    text = request.request_identifier_value
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def request_id(hold: int, turn: NcipTurn) -> RequestId:
    """A hold of ours as a request."""
    return RequestId(agency_id=turn.agency_id, request_identifier_value=str(hold))


def pickup_of(place: Coded | None, turn: NcipTurn) -> str | None:
    """The place as circulation looks it up; by its number in the list that LookupAgency gives to whom it gives one."""
    if place is None:
        return None
    text, branches = place.value.strip(), turn.own_branches
    is_number = turn.profile.locations_in_ext and text.isascii() and text.isdigit() and text not in branches
    if is_number and 1 <= int(text[:9]) <= len(branches):
        return branches[int(text[:9]) - 1]
    return place.value


# ---- titles ---------------------------------------------------------------------


def title_of(title: BibliographicId) -> str | None:
    """The record number or published number of a title."""
    if title.bibliographic_record_id is not None:
        return title.bibliographic_record_id.bibliographic_record_identifier or None
    if title.bibliographic_item_id is not None:
        return title.bibliographic_item_id.bibliographic_item_identifier or None
    return None


def echoed_title(title: BibliographicId, turn: NcipTurn) -> BibliographicId | None:
    """The title as the message named it; a record whose catalogue was not named, or named twice, is one of ours."""
    record = title.bibliographic_record_id
    if record is None:
        return title if title.bibliographic_item_id else None
    agency, code = record.agency_id, record.bibliographic_record_identifier_code
    agency = agency if agency and agency_key(agency.value) else None
    code = code if code and not agency and code.value else None
    named = replace(
        record, agency_id=agency or (None if code else turn.agency_id), bibliographic_record_identifier_code=code
    )
    return replace(title, bibliographic_record_id=named, bibliographic_item_id=None)


def is_another_s(title: BibliographicId, turn: NcipTurn) -> bool:
    """Is it a record number of another agency, which says nothing about ours?"""
    record = title.bibliographic_record_id
    return record is not None and is_of_elsewhere(record.agency_id, turn)


# ---- money ----------------------------------------------------------------------


def amount(money: Money) -> Amount:
    """Whole øre."""
    return Amount(currency_code=Coded(money.currency), monetary_value=money.minor)


def required(money: Money) -> RequiredFeeAmount:
    """RequiredFeeAmount, in minor units."""
    return RequiredFeeAmount(currency_code=Coded(money.currency), monetary_value=money.minor)


def money_of(amount: Amount | AcknowledgedFeeAmount | PaidFeeAmount, turn: NcipTurn) -> Money:
    """The sum; without a currency it is in the library's."""
    currency = amount.currency_code.value.strip().upper() or turn.library.currency
    return Money(amount.monetary_value or 0, currency)


def accepted_fee(message: CheckOutItem | RenewItem | RequestItem, turn: NcipTurn) -> Money | None:
    """What the user has accepted to pay, or paid already; None when nothing was said of it."""
    said = message.acknowledged_fee_amount or message.paid_fee_amount
    return None if said is None else money_of(said, turn)


def fee_kind(text: str) -> FeeKind:
    """What a fiscal transaction type means in our ledger."""
    return FEE_KINDS.get(text.strip().casefold(), FeeKind.MISC)


def reference(number: object, turn: NcipTurn) -> FiscalTransactionReferenceId:
    """A charge or payment in our ledger."""
    return FiscalTransactionReferenceId(agency_id=turn.agency_id, fiscal_transaction_identifier_value=str(number))


def assessed(
    fee: Money | None, kind: FeeKind | None, charge: int | None, turn: NcipTurn
) -> FiscalTransactionInformation | None:
    """What was charged, if anything was."""
    if not fee:
        return None
    return FiscalTransactionInformation(
        fiscal_action_type=Coded("Assess"),
        fiscal_transaction_reference_id=reference(charge, turn) if charge is not None else None,
        fiscal_transaction_type=Coded(FISCAL_TYPES[kind or FeeKind.MISC]),
        amount=amount(fee),
    )
