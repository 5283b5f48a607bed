"""What is known of loans, requests, routes and shipments while they last."""

from protocols.ncip.accounts import Amount, BlockOrTrap, UserPrivilege
from protocols.ncip.bibliography import BibliographicDescription, BibliographicId, ElectronicResource
from protocols.ncip.choices import ADDRESS, ITEM_OR_REQUEST
from protocols.ncip.elements import (
    BinNumber,
    CallNumber,
    CirculationStatus,
    DateDue,
    DateOfBirth,
    DatePlaced,
    DateRecalled,
    DateReportedReturned,
    HoldingsSetId,
    HoldPickupDate,
    HoldQueueLength,
    HoldQueuePosition,
    IndeterminateLoanPeriodFlag,
    ItemNote,
    ItemUseRestrictionType,
    LoanedItemCountValue,
    MediumType,
    PickupDate,
    PickupExpiryDate,
    PickupLocation,
    ReminderLevel,
    RequestedItemCountValue,
    RequestStatusType,
    RequestType,
    RoutingInstructions,
    SecurityMarker,
    SensitizationFlag,
    ShippingInstructions,
    ShippingNote,
    Title,
    TitleHoldQueueLength,
    UserLanguage,
)
from protocols.ncip.envelope import Problem
from protocols.ncip.extension import Ext, Extensible
from protocols.ncip.holdings import ItemDescription, Location, PhysicalCondition, SummaryHoldingsInformation
from protocols.ncip.identifiers import CurrentBorrower, CurrentRequester, ItemId, PreviousUserId, RequestId, UserId
from protocols.ncip.people import ElectronicAddress, NameInformation, PhysicalAddress, UserAddressInformation
from protocols.ncip.table import Element, Needed, element


@element()
class ItemOptionalFields(Extensible):
    """What may be told of an item beside its id."""

    bibliographic_description: BibliographicDescription | None = None
    item_use_restriction_type: tuple[ItemUseRestrictionType, ...] = ()
    circulation_status: CirculationStatus | None = None
    hold_queue_length: HoldQueueLength | None = None
    item_description: ItemDescription | None = None
    location: tuple[Location, ...] = ()
    physical_condition: PhysicalCondition | None = None
    electronic_resource: ElectronicResource | None = None
    security_marker: SecurityMarker | None = None
    sensitization_flag: SensitizationFlag = False
    date_due: DateDue | None = None


@element()
class UserOptionalFields(Extensible):
    """What may be told of a user beside its id."""

    name_information: NameInformation | None = None
    user_address_information: tuple[UserAddressInformation, ...] = ()
    date_of_birth: DateOfBirth | None = None
    user_language: tuple[UserLanguage, ...] = ()
    user_privilege: tuple[UserPrivilege, ...] = ()
    block_or_trap: tuple[BlockOrTrap, ...] = ()
    user_id: tuple[UserId, ...] = ()
    previous_user_id: tuple[PreviousUserId, ...] = ()


@element("(DateDue | IndeterminateLoanPeriodFlag)")
class LoanedItem(Extensible):
    """One loan of a user."""

    item_id: ItemId
    bibliographic_id: tuple[BibliographicId, ...] = ()
    reminder_level: ReminderLevel | None = None
    date_due: DateDue | None = None
    indeterminate_loan_period_flag: IndeterminateLoanPeriodFlag = False
    amount: Amount | None = None
    title: Title | None = None
    medium_type: MediumType | None = None


@element("(CirculationStatus | ItemUseRestrictionType)")
class LoanedItemsCount(Extensible):
    """How many loans of one kind."""

    circulation_status: CirculationStatus | None = None
    item_use_restriction_type: ItemUseRestrictionType | None = None
    loaned_item_count_value: Needed[LoanedItemCountValue] = None


@element(ITEM_OR_REQUEST)
class RequestedItem(Extensible):
    """One request of a user; its last day to collect is PickupExpiryDate."""

    request_id: RequestId | None = None
    item_id: ItemId | None = None
    bibliographic_id: tuple[BibliographicId, ...] = ()
    request_type: RequestType
    request_status_type: RequestStatusType
    date_placed: Needed[DatePlaced] = None
    pickup_date: PickupDate | None = None
    pickup_location: PickupLocation | None = None
    pickup_expiry_date: PickupExpiryDate | None = None
    reminder_level: ReminderLevel | None = None
    hold_queue_position: HoldQueuePosition | None = None
    title: Title | None = None
    medium_type: MediumType | None = None


@element("(RequestType | CirculationStatus | ItemUseRestrictionType)")
class RequestedItemsCount(Extensible):
    """How many requests of one kind."""

    request_type: RequestType | None = None
    circulation_status: CirculationStatus | None = None
    item_use_restriction_type: ItemUseRestrictionType | None = None
    requested_item_count_value: Needed[RequestedItemCountValue] = None


@element(ADDRESS)
class ShippingInformation(Extensible):
    """Where to send something, and how."""

    shipping_instructions: ShippingInstructions | None = None
    shipping_note: ShippingNote | None = None
    physical_address: PhysicalAddress | None = None
    electronic_address: ElectronicAddress | None = None


@element("(Location | (BinNumber, Location?))")
class Destination(Extensible):
    """A place, or a sorter bin and perhaps a place."""

    bin_number: BinNumber | None = None
    location: Location | None = None


@element()
class RoutingInformation(Extensible):
    """Where a returned item goes next, and for whom."""

    routing_instructions: RoutingInstructions
    destination: Destination
    request_type: RequestType | None = None
    user_id: UserId | None = None
    name_information: NameInformation | None = None


@element()
class ItemReportedReturned(Extensible):
    """The user says it was returned, and when."""

    date_reported_returned: Needed[DateReportedReturned] = None


@element()
class ItemTransaction(Extensible):
    """Who has the item and who waits for it."""

    current_borrower: CurrentBorrower | None = None
    current_requester: tuple[CurrentRequester, ...] = ()


@element(
    "((RequestId*, CurrentBorrower?, CurrentRequester*, DateDue?, DateRecalled?, HoldPickupDate?, "
    "ItemTransaction?, ItemOptionalFields?, ItemNote?, Ext?) | Problem+)"
)
class ItemInformation(Element):
    """One item of a title, or why it cannot be told."""

    item_id: ItemId | None = None
    request_id: tuple[RequestId, ...] = ()
    current_borrower: CurrentBorrower | None = None
    current_requester: tuple[CurrentRequester, ...] = ()
    date_due: DateDue | None = None
    date_recalled: DateRecalled | None = None
    hold_pickup_date: HoldPickupDate | None = None
    item_transaction: ItemTransaction | None = None
    item_optional_fields: ItemOptionalFields | None = None
    item_note: ItemNote | None = None
    ext: Ext | None = None
    problem: tuple[Problem, ...] = ()


@element(
    "((BibliographicDescription?, Location?, CallNumber?, SummaryHoldingsInformation?, ElectronicResource?, "
    "ItemInformation+, Ext?) | Problem+)"
)
class HoldingsSet(Element):
    """The items of a title at one place, or why they cannot be told."""

    holdings_set_id: HoldingsSetId | None = None
    bibliographic_description: BibliographicDescription | None = None
    location: Location | None = None
    call_number: CallNumber | None = None
    summary_holdings_information: SummaryHoldingsInformation | None = None
    electronic_resource: ElectronicResource | None = None
    item_information: tuple[ItemInformation, ...] = ()
    ext: Ext | None = None
    problem: tuple[Problem, ...] = ()


@element("((BibliographicDescription?, TitleHoldQueueLength?, CurrentRequester*, HoldingsSet+) | Problem+)")
class BibInformation(Element):
    """One title with its items, or why it cannot be told.  The schema has no Ext here."""

    bibliographic_id: BibliographicId | None = None
    bibliographic_description: BibliographicDescription | None = None
    title_hold_queue_length: TitleHoldQueueLength | None = None
    current_requester: tuple[CurrentRequester, ...] = ()
    holdings_set: tuple[HoldingsSet, ...] = ()
    problem: tuple[Problem, ...] = ()
