"""What is asked about and done for a patron: status, information, block, enable, payment, end of session."""

from typing import Annotated

from protocols.sip2 import fields as f
from protocols.sip2.fields import BEYOND
from protocols.sip2.table import Group, Message, Sender, group, message
from protocols.value import value


@message("23", Sender.SC, answered_by="24", section="Patron Status Request", repeatable=True)
@value(frozen=True, slots=True, kw_only=True, repr=False)
class PatronStatusRequest(Message):
    """Who is this patron and what may they do?"""

    language: f.Language
    transaction_date: f.TransactionDate | None = None
    institution_id: f.InstitutionId
    patron_identifier: f.PatronIdentifier
    terminal_password: f.TerminalPassword
    patron_password: f.PatronPassword | None = None  # 2.00 requires it; without it no PIN check is asked


@message("24", Sender.ACS, section="Patron Status Response")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class PatronStatusResponse(Message):
    """The patron's standing; also the answer to a block."""

    patron_status: f.PatronStatusFlags
    language: f.Language
    transaction_date: f.TransactionDate
    institution_id: f.InstitutionId
    patron_identifier: f.PatronIdentifier
    personal_name: f.PersonalName
    valid_patron: f.ValidPatron | None = None
    valid_patron_password: f.ValidPatronPassword | None = None
    currency_type: f.CurrencyType | None = None
    fee_amount: f.FeeAmount | None = None
    home_address: Annotated[f.HomeAddress, BEYOND] | None = None
    email_address: Annotated[f.EmailAddress, BEYOND] | None = None
    home_phone: Annotated[f.HomePhone, BEYOND] | None = None
    patron_expiry: f.PatronExpiry | None = None
    birth_date: f.BirthDate | None = None
    patron_class: f.PatronClass | None = None
    internet_profile: f.InternetProfile | None = None
    screen_message: tuple[f.ScreenMessage, ...] = ()
    print_line: tuple[f.PrintLine, ...] = ()


@message("01", Sender.SC, answered_by="24", section="Block Patron")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class BlockPatron(Message):
    """A card was forgotten in the machine or tampered with: it must not be used."""

    card_retained: f.CardRetained
    transaction_date: f.TransactionDate | None = None
    institution_id: f.InstitutionId
    blocked_card_msg: f.BlockedCardMsg
    patron_identifier: f.PatronIdentifier
    terminal_password: f.TerminalPassword


@message("25", Sender.SC, answered_by="26", section="Patron Enable")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class PatronEnable(Message):
    """Give a blocked patron the card back; for system tests only."""

    transaction_date: f.TransactionDate | None = None
    institution_id: f.InstitutionId
    patron_identifier: f.PatronIdentifier
    terminal_password: f.TerminalPassword | None = None
    patron_password: f.PatronPassword | None = None


@message("26", Sender.ACS, section="Patron Enable Response")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class PatronEnableResponse(Message):
    """The patron's standing afterwards."""

    patron_status: f.PatronStatusFlags
    language: f.Language
    transaction_date: f.TransactionDate
    institution_id: f.InstitutionId
    patron_identifier: f.PatronIdentifier
    personal_name: f.PersonalName
    valid_patron: f.ValidPatron | None = None
    valid_patron_password: f.ValidPatronPassword | None = None
    screen_message: tuple[f.ScreenMessage, ...] = ()
    print_line: tuple[f.PrintLine, ...] = ()


@message("63", Sender.SC, answered_by="64", section="Patron Information", repeatable=True)
@value(frozen=True, slots=True, kw_only=True, repr=False)
class PatronInformation(Message):
    """All about a patron, with one list of items if one is wanted, from the start item to the end item."""

    language: f.Language
    transaction_date: f.TransactionDate | None = None
    summary: f.SummaryWanted
    institution_id: f.InstitutionId
    patron_identifier: f.PatronIdentifier
    terminal_password: f.TerminalPassword | None = None
    patron_password: f.PatronPassword | None = None
    start_item: f.StartItem | None = None
    end_item: f.EndItem | None = None


@group
@value(frozen=True, slots=True, kw_only=True, repr=False)
class FeeItem(Group):
    """One open fee, as Gossip lists them; its fields stand together and clients rely on the order."""

    amount: f.FeeItemAmount
    item: f.FeeItemIdentifier | None = None
    date: f.FeeItemDate | None = None
    title: f.FeeItemTitle | None = None
    cost_id: f.FeeItemCostId | None = None
    description: f.FeeItemDescription | None = None
    fee_identifier: Annotated[f.FeeIdentifier, BEYOND] | None = None


@message("64", Sender.ACS, section="Patron Information Response")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class PatronInformationResponse(Message):
    """The patron's standing, counts, and the one list that was asked for."""

    patron_status: f.PatronStatusFlags
    language: f.Language
    transaction_date: f.TransactionDate
    hold_items_count: f.HoldItemsCount
    overdue_items_count: f.OverdueItemsCount
    charged_items_count: f.ChargedItemsCount
    fine_items_count: f.FineItemsCount
    recall_items_count: f.RecallItemsCount
    unavailable_holds_count: f.UnavailableHoldsCount
    institution_id: f.InstitutionId
    patron_identifier: f.PatronIdentifier
    personal_name: f.PersonalName
    hold_items_limit: f.HoldItemsLimit | None = None
    overdue_items_limit: f.OverdueItemsLimit | None = None
    charged_items_limit: f.ChargedItemsLimit | None = None
    valid_patron: f.ValidPatron | None = None
    valid_patron_password: f.ValidPatronPassword | None = None
    currency_type: f.CurrencyType | None = None
    fee_amount: f.FeeAmount | None = None
    fee_limit: f.FeeLimit | None = None
    hold_items: tuple[f.HoldItems, ...] = ()
    overdue_items: tuple[f.OverdueItems, ...] = ()
    charged_items: tuple[f.ChargedItems, ...] = ()
    fine_items: tuple[f.FineItems, ...] = ()
    recall_items: tuple[f.RecallItems, ...] = ()
    unavailable_hold_items: tuple[f.UnavailableHoldItems, ...] = ()
    fee_items: tuple[FeeItem, ...] = ()
    home_address: f.HomeAddress | None = None
    email_address: f.EmailAddress | None = None
    home_phone: f.HomePhone | None = None
    patron_expiry: f.PatronExpiry | None = None
    birth_date: f.BirthDate | None = None
    patron_class: f.PatronClass | None = None
    internet_profile: f.InternetProfile | None = None
    permanent_location: Annotated[f.PermanentLocation, BEYOND] | None = None
    screen_message: tuple[f.ScreenMessage, ...] = ()
    print_line: tuple[f.PrintLine, ...] = ()


@message("35", Sender.SC, answered_by="36", section="End Patron Session", repeatable=True)
@value(frozen=True, slots=True, kw_only=True, repr=False)
class EndPatronSession(Message):
    """The patron is done; the connection stays."""

    transaction_date: f.TransactionDate | None = None
    institution_id: f.InstitutionId
    patron_identifier: f.PatronIdentifier
    terminal_password: f.TerminalPassword | None = None
    patron_password: f.PatronPassword | None = None


@message("36", Sender.ACS, section="End Session Response")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class EndSessionResponse(Message):
    """The patron's session is over; the place for a receipt."""

    end_session: f.EndSession
    transaction_date: f.TransactionDate
    institution_id: f.InstitutionId
    patron_identifier: f.PatronIdentifier
    screen_message: tuple[f.ScreenMessage, ...] = ()
    print_line: tuple[f.PrintLine, ...] = ()


@message("37", Sender.SC, answered_by="38", section="Fee Paid")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class FeePaid(Message):
    """The machine has taken money from the patron."""

    transaction_date: f.TransactionDate | None = None
    fee_type: f.FixedFeeType
    payment_type: f.PaymentType
    currency_type: f.FixedCurrencyType
    fee_amount: f.FeeAmount
    institution_id: f.InstitutionId
    patron_identifier: f.PatronIdentifier
    terminal_password: f.TerminalPassword | None = None
    patron_password: f.PatronPassword | None = None
    fee_identifier: f.FeeIdentifier | None = None
    transaction_id: f.TransactionId | None = None
    fee_item_amount: f.FeeItemAmount | None = None


@message("38", Sender.ACS, section="Fee Paid Response")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class FeePaidResponse(Message):
    """The payment is booked, or not."""

    payment_accepted: f.PaymentAccepted
    transaction_date: f.TransactionDate
    institution_id: f.InstitutionId
    patron_identifier: f.PatronIdentifier
    transaction_id: f.TransactionId | None = None
    fee_cost_id: f.FeeItemCostId | None = None
    fee_identifier: Annotated[f.FeeIdentifier, BEYOND] | None = None
    paid_amount: f.PaidAmount | None = None
    screen_message: tuple[f.ScreenMessage, ...] = ()
    print_line: tuple[f.PrintLine, ...] = ()
