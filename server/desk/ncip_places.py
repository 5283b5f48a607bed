"""Where a user may have an order sent, as an extension of LookupUser: a list of libraries in the order to show them.

Asked for by the UserElementType `Pickup Location`. The answer's Ext holds a Location for each library: its agency id on
level 1, its name on level 2, and on level 3 its region, which libraries that the card is linked to already have not.
"""

from typing import Final

from backend.commands import Command
from backend.order_commands import LookUpPickupPlaces
from backend.order_outcomes import PickupPlace, PickupPlaces
from backend.outcomes import Outcome
from protocols.ncip.extension import Ext
from protocols.ncip.holdings import Location, LocationName, LocationNameInstance
from protocols.ncip.kinds import Coded
from protocols.ncip.lookups import LookupUser
from server.desk.ncip_orders import agency_of
from server.desk.ncip_parts import patron_of
from server.desk.ncip_records import wants
from server.desk.ncip_turn import NcipTurn

ASKED_FOR: Final = "Pickup Location"
KIND: Final = Coded("Pickup Library")


def ask_places(message: LookupUser, turn: NcipTurn) -> tuple[Command, ...]:
    """The look-up beside the user's own, if it is wanted."""
    if not wants(message.user_element_type, ASKED_FOR):
        return ()
    return (LookUpPickupPlaces(patron=patron_of(message, turn)),)


def pickup_places(outcomes: tuple[Outcome, ...], turn: NcipTurn) -> Ext | None:
    """The list, where it was asked for and the library takes part in a network."""
    found = [place for one in outcomes if isinstance(one, PickupPlaces) for place in one.places]
    return Ext(content=tuple(_location(place, turn) for place in found)) if found else None


def _location(place: PickupPlace, turn: NcipTurn) -> Location:
    steps = (agency_of(place.library, turn).value, place.name, place.region)
    names = tuple(
        LocationNameInstance(location_name_level=level, location_name_value=text)
        for level, text in enumerate(steps, start=1)
        if text
    )
    return Location(location_type=KIND, location_name=LocationName(location_name_instance=names))
