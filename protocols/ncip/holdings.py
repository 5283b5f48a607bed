"""Where an item stands and which part of a larger work it is."""

from protocols.ncip.elements import (
    CallNumber,
    ChronologyCaption,
    ChronologyLevel,
    ChronologyValue,
    CopyNumber,
    EnumerationCaption,
    EnumerationLevel,
    EnumerationValue,
    ItemDescriptionLevel,
    LocationNameLevel,
    LocationNameValue,
    LocationType,
    NumberOfPieces,
    PhysicalConditionDetails,
    PhysicalConditionType,
    UnstructuredHoldingsData,
    ValidFromDate,
    ValidToDate,
)
from protocols.ncip.extension import Extensible
from protocols.ncip.table import AtLeastOne, Needed, element


@element()
class LocationNameInstance(Extensible):
    """One step of a location, counted from 1 downwards."""

    location_name_level: Needed[LocationNameLevel] = None
    location_name_value: LocationNameValue


@element()
class LocationName(Extensible):
    """A location from the wide to the narrow."""

    location_name_instance: AtLeastOne[LocationNameInstance] = ()


@element()
class Location(Extensible):
    """Where an item belongs or is."""

    location_type: LocationType
    location_name: LocationName
    valid_from_date: ValidFromDate | None = None
    valid_to_date: ValidToDate | None = None


@element("(ChronologyCaption | (ChronologyLevel, ChronologyCaption?))")
class ChronologyLevelInstance(Extensible):
    """One step of a date of issue: year, month."""

    chronology_level: ChronologyLevel | None = None
    chronology_caption: ChronologyCaption | None = None
    chronology_value: ChronologyValue


@element()
class HoldingsChronology(Extensible):
    """When a part was issued."""

    chronology_level_instance: AtLeastOne[ChronologyLevelInstance] = ()


@element("(EnumerationCaption | (EnumerationLevel, EnumerationCaption?, Ext?))")
class EnumerationLevelInstance(Extensible):
    """One step of a numbering: volume, number."""

    enumeration_level: EnumerationLevel | None = None
    enumeration_caption: EnumerationCaption | None = None
    enumeration_value: EnumerationValue


@element()
class HoldingsEnumeration(Extensible):
    """How a part is numbered."""

    enumeration_level_instance: AtLeastOne[EnumerationLevelInstance] = ()


@element("(HoldingsChronology | (HoldingsEnumeration, HoldingsChronology?))")
class StructuredHoldingsData(Extensible):
    """One part, by numbering, by date of issue, or both."""

    holdings_enumeration: HoldingsEnumeration | None = None
    holdings_chronology: HoldingsChronology | None = None


@element("(StructuredHoldingsData+ | UnstructuredHoldingsData)")
class HoldingsInformation(Extensible):
    """Which part of the whole this item is."""

    structured_holdings_data: tuple[StructuredHoldingsData, ...] = ()
    unstructured_holdings_data: UnstructuredHoldingsData | None = None


@element("(StructuredHoldingsData+ | UnstructuredHoldingsData)")
class SummaryHoldingsInformation(Extensible):
    """Which parts a library has."""

    structured_holdings_data: tuple[StructuredHoldingsData, ...] = ()
    unstructured_holdings_data: UnstructuredHoldingsData | None = None


@element()
class ItemDescription(Extensible):
    """Call number, copy, part and number of pieces."""

    call_number: CallNumber | None = None
    copy_number: CopyNumber | None = None
    item_description_level: ItemDescriptionLevel | None = None
    holdings_information: HoldingsInformation | None = None
    number_of_pieces: NumberOfPieces | None = None


@element()
class PhysicalCondition(Extensible):
    """What is wrong with an item."""

    physical_condition_type: PhysicalConditionType
    physical_condition_details: PhysicalConditionDetails | None = None
