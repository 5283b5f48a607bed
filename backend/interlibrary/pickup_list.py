"""The list of libraries from which a patron chooses where to collect.  Source: policies NOR-06."""

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from backend.policy.network import Member, Network

# The last three letters of the Norwegian alphabet, and their Swedish and Danish spellings, as what follows z in ASCII.
_AFTER_Z = str.maketrans({"æ": "{", "ä": "{", "ø": "|", "ö": "|", "å": "}"})


@dataclass(frozen=True, slots=True)
class PickupGroup:
    """`region` is None for the libraries that the card is linked to already."""

    region: str | None
    libraries: tuple[Member, ...]


def pickup_list(network: Network, linked: Collection[str]) -> tuple[PickupGroup, ...]:
    """Linked libraries first, then the others by region; nobody twice, and only those that can receive."""
    mine = _listed(network, (each for each in network.members if each in linked))
    groups = [PickupGroup(None, mine)]
    for region in network.regions:
        groups.append(
            PickupGroup(region.name, _listed(network, (each for each in region.libraries if each not in linked)))
        )
    return tuple(group for group in groups if group.libraries)


def norwegian_order(name: str) -> str:
    """A key that sorts names as a Norwegian does: ... z æ ø å, other accents and case aside."""
    marked = unicodedata.normalize("NFC", name).casefold().translate(_AFTER_Z)
    return "".join(each for each in unicodedata.normalize("NFKD", marked) if not unicodedata.combining(each))


def _listed(network: Network, library_ids: Iterable[str]) -> tuple[Member, ...]:
    members = (network.members[each] for each in library_ids)
    return tuple(sorted((each for each in members if each.can_receive), key=lambda each: norwegian_order(each.name)))
