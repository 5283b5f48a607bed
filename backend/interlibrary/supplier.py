"""Which library supplies a title that is to be collected somewhere. A pure choice among free copies.

Source: policies NOR-07 to NOR-11, NOR-13.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.policy.facts import is_under
from backend.policy.network import Network
from backend.policy.sections import InterLibrary, TieBreak, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A library's copies of the title: `free` now, and `lendable` at all; both after its own exclusions."""

    library: str
    free: int
    lendable: int


@dataclass(frozen=True, slots=True)
class Supplied:
    """The order is placed with this library at once."""

    library: str
    tier: Tier


@dataclass(frozen=True, slots=True)
class Offered:
    """Only the library where the patron found the title has a copy; the patron must accept that first."""

    library: str


@dataclass(frozen=True, slots=True)
class NoSupplier:
    """Nobody can supply now; the patron may queue at `queue_at`, if anywhere."""

    queue_at: str | None


SupplierChoice = Supplied | Offered | NoSupplier


def is_lent_out(ill: InterLibrary, material: str) -> bool:
    """Whether the owner lends such material to other libraries at all."""
    return not any(is_under(material, never) for never in ill.never_lent_out)


def choose_supplier(
    network: Network, ill: InterLibrary, *, pickup: str, origin: str, holdings: Iterable[Holding]
) -> SupplierChoice:
    """The supplier for a title found at `origin` and collected at `pickup`; `ill` is the pickup library's."""
    by_library = {holding.library: holding for holding in holdings}
    reach = _reach(network, pickup)
    for tier in ill.tiers:
        candidates = [each for each in reach.get(tier, ()) if each in by_library and by_library[each].free > 0]
        if candidates:
            return Supplied(min(candidates, key=lambda each: _rank(ill.tie_breaks, by_library[each], origin)), tier)
    found_outside = all(origin not in libraries for libraries in reach.values())
    at_origin = by_library.get(origin)
    if at_origin is None or not _supplies(network, origin):
        return NoSupplier(None)
    if found_outside and "origin" in ill.tiers and at_origin.free > 0 and _receives(network, pickup):
        return Offered(origin)
    return NoSupplier(origin if at_origin.lendable > 0 else None)


def _reach(network: Network, pickup: str) -> Mapping[Tier, tuple[str, ...]]:
    """The libraries of each tier but the last. The pickup library's own copy needs no transport."""
    reach: dict[Tier, tuple[str, ...]] = {"pickup_library": (pickup,)}
    region = network.region_of(pickup)
    if region is None or not _receives(network, pickup):
        return reach
    others = [library for other in network.suppliers_of(region) for library in other.libraries]
    reach["region"] = tuple(each for each in region.libraries if each != pickup and _supplies(network, each))
    reach["cooperating_regions"] = tuple(each for each in others if _supplies(network, each))
    return reach


def _rank(tie_breaks: Iterable[TieBreak], holding: Holding, origin: str) -> tuple[int | str, ...]:
    """The smaller the better, tie-break by tie-break; the id last, so that the choice never wavers."""
    ranks: dict[TieBreak, int | str] = {
        "origin": int(holding.library != origin),
        "most_copies": -holding.free,
        "id": holding.library,
    }
    return (*(ranks[each] for each in tie_breaks), holding.library)


def _supplies(network: Network, library: str) -> bool:
    """Sends its copies to others, and has them back from wherever a patron hands them in (NOR-02)."""
    member = network.members.get(library)
    return member is not None and member.can_supply and member.return_anywhere


def _receives(network: Network, library: str) -> bool:
    member = network.members.get(library)
    return member is not None and member.can_receive
