"""To whom an order belongs: to the library where it is to be collected, whichever library's catalogue sent it."""

from datetime import datetime

from backend.model import BranchId, LibraryId
from backend.policy.shelf import PolicyShelf
from backend.rules.hold import branch_called
from protocols.ncip.envelope import Initiation
from protocols.ncip.lending import RequestItem
from server.agencies.registry import Agencies, Known


def collected_at(message: Initiation, who: Known, shelf: PolicyShelf, agencies: Agencies, now: datetime) -> Known:
    """The same partner, speaking to the library that the PickupLocation names by agency id or by a branch's id.

    A place of the library's own is none of these, and a library to which the partner may not speak is not named.
    """
    if not isinstance(message, RequestItem) or message.pickup_location is None:
        return who
    named = message.pickup_location.value
    if branch_called(shelf.of(who.library, now), named) is not None:
        return who
    library = agencies.library_called(named) or _library_of(shelf, named)
    if library is None or library not in who.partner.libraries:
        return who
    return Known(who.partner, library)


def _library_of(shelf: PolicyShelf, branch: str) -> LibraryId | None:
    try:
        return shelf.library_of(BranchId(branch.strip()))
    except KeyError:
        return None
