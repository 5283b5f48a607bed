"""How agencies, requests, users and items are named.

An agency id below the header may be missing; the desk knows whose number it then is.
"""

from protocols.ncip.elements import (
    AgencyId,
    ItemIdentifierType,
    ItemIdentifierValue,
    RequestIdentifierType,
    RequestIdentifierValue,
    UserIdentifierType,
    UserIdentifierValue,
    ValidFromDate,
    ValidToDate,
)
from protocols.ncip.extension import Extensible
from protocols.ncip.table import element


@element()
class FromAgencyId(Extensible):
    """The library that sends."""

    agency_id: AgencyId


@element()
class ToAgencyId(Extensible):
    """The library that is meant."""

    agency_id: AgencyId


@element()
class OnBehalfOfAgency(Extensible):
    """The library for which a third party speaks."""

    agency_id: AgencyId


@element()
class RequestId(Extensible):
    """A request, unique within the agency that made the number."""

    agency_id: AgencyId | None = None
    request_identifier_type: RequestIdentifierType | None = None
    request_identifier_value: RequestIdentifierValue


@element()
class UserId(Extensible):
    """A user, within an agency: card number, national number or local key."""

    agency_id: AgencyId | None = None
    user_identifier_type: UserIdentifierType | None = None
    user_identifier_value: UserIdentifierValue


@element()
class ItemId(Extensible):
    """One physical item, within an agency; the type tells barcode from tag."""

    agency_id: AgencyId | None = None
    item_identifier_type: ItemIdentifierType | None = None
    item_identifier_value: ItemIdentifierValue


@element()
class PreviousUserId(Extensible):
    """A number that a user had before."""

    agency_id: AgencyId
    user_identifier_value: UserIdentifierValue
    valid_from_date: ValidFromDate | None = None
    valid_to_date: ValidToDate | None = None


@element()
class CurrentBorrower(Extensible):
    """Who has the item on loan."""

    user_id: UserId


@element()
class CurrentRequester(Extensible):
    """Who waits for the item."""

    user_id: UserId
