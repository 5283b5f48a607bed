"""What is done with items: lend, return, renew, hold, look up, mark."""

from typing import Annotated

from protocols.sip2 import fields as f
from protocols.sip2.fields import BEYOND
from protocols.sip2.table import Message, Sender, message
from protocols.value import value


@message("11", Sender.SC, answered_by="12", section="Checkout")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class Checkout(Message):
    """A patron wants to borrow an item, or, with no block, has already walked out with it."""

    sc_renewal_policy: f.ScRenewalPolicy
    no_block: f.NoBlock
    transaction_date: f.TransactionDate | None = None
    nb_due_date: f.NbDueDate | None = None
    institution_id: f.InstitutionId
    patron_identifier: f.PatronIdentifier
    item_identifier: f.ItemIdentifier
    terminal_password: f.TerminalPassword
    patron_password: f.PatronPassword | None = None
    item_properties: f.ItemProperties | None = None
    fee_acknowledged: f.FeeAcknowledged | None = None
    cancel: f.Cancel | None = None


@message("12", Sender.ACS, section="Checkout Response")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class CheckoutResponse(Message):
    """Lent until the due date, or not and why."""

    ok: f.Ok
    renewal_ok: f.RenewalOk
    magnetic_media: f.MagneticMedia
    desensitize: f.Desensitize
    transaction_date: f.TransactionDate
    institution_id: f.InstitutionId
    patron_identifier: f.PatronIdentifier
    item_identifier: f.ItemIdentifier
    title_identifier: f.TitleIdentifier
    due_date: f.DueDate
    fee_type: f.FeeType | None = None
    security_inhibit: f.SecurityInhibit | None = None
    currency_type: f.CurrencyType | None = None
    fee_amount: f.FeeAmount | None = None
    media_type: f.MediaType | None = None
    item_properties: f.ItemProperties | None = None
    transaction_id: f.TransactionId | None = None
    valid_patron: Annotated[f.ValidPatron, BEYOND] | None = None
    screen_message: tuple[f.ScreenMessage, ...] = ()
    print_line: tuple[f.PrintLine, ...] = ()


@message("09", Sender.SC, answered_by="10", section="Checkin")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class Checkin(Message):
    """The SC has an item in hand and reports it returned."""

    no_block: f.NoBlock
    transaction_date: f.TransactionDate | None = None
    return_date: f.ReturnDate | None = None
    current_location: f.CurrentLocation
    institution_id: f.InstitutionId
    item_identifier: f.ItemIdentifier
    terminal_password: f.TerminalPassword
    item_properties: f.ItemProperties | None = None
    cancel: f.Cancel | None = None
    owner_institution: f.OwnerInstitution | None = None


@message("10", Sender.ACS, section="Checkin Response")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class CheckinResponse(Message):
    """Returned or not, and where the item goes now."""

    ok: f.Ok
    resensitize: f.Resensitize
    magnetic_media: f.MagneticMedia
    alert: f.Alert
    transaction_date: f.TransactionDate
    institution_id: f.InstitutionId
    item_identifier: f.ItemIdentifier
    permanent_location: f.PermanentLocation
    title_identifier: f.TitleIdentifier | None = None
    sort_bin: f.SortBin | None = None
    patron_identifier: f.PatronIdentifier | None = None
    media_type: f.MediaType | None = None
    item_properties: f.ItemProperties | None = None
    alert_type: f.AlertType | None = None
    destination_location: f.DestinationLocation | None = None
    call_number: f.CallNumber | None = None
    collection_code: f.CollectionCode | None = None
    hold_patron_id: f.HoldPatronId | None = None
    hold_patron_name: f.HoldPatronName | None = None
    home_phone: Annotated[f.HomePhone, BEYOND] | None = None
    owner: Annotated[f.Owner, BEYOND] | None = None
    current_location: Annotated[f.CurrentLocation, BEYOND] | None = None
    screen_message: tuple[f.ScreenMessage, ...] = ()
    print_line: tuple[f.PrintLine, ...] = ()


@message("29", Sender.SC, answered_by="30", section="Renew")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class Renew(Message):
    """A patron wants to keep an item longer; it is named by its identifier or by its title."""

    third_party_allowed: f.ThirdPartyAllowed
    no_block: f.NoBlock
    transaction_date: f.TransactionDate | None = None
    nb_due_date: f.NbDueDate | None = None
    institution_id: f.InstitutionId
    patron_identifier: f.PatronIdentifier
    patron_password: f.PatronPassword | None = None
    item_identifier: f.ItemIdentifier | None = None
    title_identifier: f.TitleIdentifier | None = None
    terminal_password: f.TerminalPassword | None = None
    item_properties: f.ItemProperties | None = None
    fee_acknowledged: f.FeeAcknowledged | None = None


@message("30", Sender.ACS, section="Renew Response")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class RenewResponse(Message):
    """Renewed until the new due date, or not and why."""

    ok: f.Ok
    renewal_ok: f.RenewalOk
    magnetic_media: f.MagneticMedia
    desensitize: f.Desensitize
    transaction_date: f.TransactionDate
    institution_id: f.InstitutionId
    patron_identifier: f.PatronIdentifier
    item_identifier: f.ItemIdentifier
    title_identifier: f.TitleIdentifier
    due_date: f.DueDate
    fee_type: f.FeeType | None = None
    security_inhibit: f.SecurityInhibit | None = None
    currency_type: f.CurrencyType | None = None
    fee_amount: f.FeeAmount | None = None
    media_type: f.MediaType | None = None
    item_properties: f.ItemProperties | None = None
    transaction_id: f.TransactionId | None = None
    valid_patron: Annotated[f.ValidPatron, BEYOND] | None = None
    screen_message: tuple[f.ScreenMessage, ...] = ()
    print_line: tuple[f.PrintLine, ...] = ()


@message("65", Sender.SC, answered_by="66", section="Renew All")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class RenewAll(Message):
    """A patron wants to keep everything longer."""

    transaction_date: f.TransactionDate | None = None
    institution_id: f.InstitutionId
    patron_identifier: f.PatronIdentifier
    patron_password: f.PatronPassword | None = None
    terminal_password: f.TerminalPassword | None = None
    fee_acknowledged: f.FeeAcknowledged | None = None


@message("66", Sender.ACS, section="Renew All Response")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class RenewAllResponse(Message):
    """Which items were renewed and which not; it names no patron."""

    ok: f.Ok
    renewed_count: f.RenewedCount
    unrenewed_count: f.UnrenewedCount
    transaction_date: f.TransactionDate
    institution_id: f.InstitutionId
    renewed_items: tuple[f.RenewedItems, ...] = ()
    unrenewed_items: tuple[f.UnrenewedItems, ...] = ()
    screen_message: tuple[f.ScreenMessage, ...] = ()
    print_line: tuple[f.PrintLine, ...] = ()


@message("15", Sender.SC, answered_by="16", section="Hold")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class Hold(Message):
    """A patron wants to reserve, change or give up a reservation; named by item, by title, or both."""

    hold_mode: f.HoldMode
    transaction_date: f.TransactionDate | None = None
    expiration_date: f.ExpirationDate | None = None
    pickup_location: f.PickupLocation | None = None
    hold_type: f.HoldType | None = None
    institution_id: f.InstitutionId
    patron_identifier: f.PatronIdentifier
    patron_password: f.PatronPassword | None = None
    item_identifier: f.ItemIdentifier | None = None
    title_identifier: f.TitleIdentifier | None = None
    terminal_password: f.TerminalPassword | None = None
    fee_acknowledged: f.FeeAcknowledged | None = None


@message("16", Sender.ACS, section="Hold Response")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class HoldResponse(Message):
    """Reserved and with which place in the queue, or not and why."""

    ok: f.Ok
    available: f.Available
    transaction_date: f.TransactionDate
    expiration_date: f.ExpirationDate | None = None
    queue_position: f.QueuePosition | None = None
    pickup_location: f.PickupLocation | None = None
    institution_id: f.InstitutionId
    patron_identifier: f.PatronIdentifier
    item_identifier: f.ItemIdentifier | None = None
    title_identifier: f.TitleIdentifier | None = None
    screen_message: tuple[f.ScreenMessage, ...] = ()
    print_line: tuple[f.PrintLine, ...] = ()


@message("17", Sender.SC, answered_by="18", section="Item Information", repeatable=True)
@value(frozen=True, slots=True, kw_only=True, repr=False)
class ItemInformation(Message):
    """What is this item?"""

    transaction_date: f.TransactionDate | None = None
    institution_id: f.InstitutionId
    item_identifier: f.ItemIdentifier
    terminal_password: f.TerminalPassword | None = None


@message("18", Sender.ACS, section="Item Information Response")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class ItemInformationResponse(Message):
    """The item's state; the text's layout line puts CF among the fixed fields, nobody does."""

    circulation_status: f.CirculationStatus
    security_marker: f.SecurityMarker
    fee_type: f.FixedFeeType
    transaction_date: f.TransactionDate
    hold_queue_length: f.HoldQueueLength | None = None
    due_date: f.DueDate | None = None
    recall_date: f.RecallDate | None = None
    hold_pickup_date: f.HoldPickupDate | None = None
    item_identifier: f.ItemIdentifier
    title_identifier: f.TitleIdentifier
    owner: f.Owner | None = None
    currency_type: f.CurrencyType | None = None
    fee_amount: f.FeeAmount | None = None
    media_type: f.MediaType | None = None
    permanent_location: f.PermanentLocation | None = None
    current_location: f.CurrentLocation | None = None
    item_properties: f.ItemProperties | None = None
    call_number: f.CallNumber | None = None
    destination_location: f.DestinationLocation | None = None
    collection_code: f.CollectionCode | None = None
    hold_patron_id: f.HoldPatronId | None = None
    hold_patron_name: f.HoldPatronName | None = None
    screen_message: tuple[f.ScreenMessage, ...] = ()
    print_line: tuple[f.PrintLine, ...] = ()


@message("19", Sender.SC, answered_by="20", section="Item Status Update")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class ItemStatusUpdate(Message):
    """The SC has something to keep with the item."""

    transaction_date: f.TransactionDate | None = None
    institution_id: f.InstitutionId
    item_identifier: f.ItemIdentifier
    terminal_password: f.TerminalPassword | None = None
    item_properties: f.ItemProperties


@message("20", Sender.ACS, section="Item Status Update Response")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class ItemStatusUpdateResponse(Message):
    """The properties are stored, or not."""

    item_properties_ok: f.ItemPropertiesOk
    transaction_date: f.TransactionDate
    item_identifier: f.ItemIdentifier
    title_identifier: f.TitleIdentifier | None = None
    item_properties: f.ItemProperties | None = None
    screen_message: tuple[f.ScreenMessage, ...] = ()
    print_line: tuple[f.PrintLine, ...] = ()
