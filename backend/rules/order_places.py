"""Where a patron may have an order sent.  Source: policies NOR-06."""

from backend.facts import Decision, Facts
from backend.interlibrary.pickup_list import pickup_list
from backend.model import LibraryId
from backend.order_commands import LookUpPickupPlaces
from backend.order_outcomes import PickupPlace, PickupPlaces
from backend.outcomes import Reason, Refusal
from backend.rules.answers import about, refused


def places(facts: Facts, command: LookUpPickupPlaces) -> Decision:
    """Libraries that the card is linked to, then the others by region; none where the library is in no network."""
    if facts.patron is None:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_PATRON),))
    network = facts.policies.network_of(facts.asked_by.library)
    groups = pickup_list(network, facts.order.linked) if network else ()
    listed = tuple(
        PickupPlace(library=LibraryId(member.id), name=member.name, region=group.region)
        for group in groups
        for member in group.libraries
    )
    return Decision(outcome=PickupPlaces(at=facts.now, about=about(facts), places=listed))
