"""What a store has to be told about the installation: the key of identity numbers, and who shares cards with whom."""

from collections.abc import Callable
from dataclasses import dataclass, field

from backend.model import LibraryId
from backend.store.identifiers import IdentityHash


def one_network(library: LibraryId) -> str | None:
    """Every library of the installation shares its national cards with every other."""
    return "network"


@dataclass(frozen=True, slots=True)
class Places:
    """`network_of` answers None for a library that shares cards with nobody."""

    identity: IdentityHash = field(repr=False)
    network_of: Callable[[LibraryId], str | None] = one_network
