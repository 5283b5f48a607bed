"""Libraries that share cards and lend to one another: their regions, who supplies whom, who can do what."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from backend.plain_words import spelled, verdicts
from backend.policy.draft import NETWORK_SCHEMA, Source
from backend.policy.fields import Id, Ids, Tuple, Written
from backend.policy.mistakes import PolicyError, PolicyMistake, named
from backend.policy.opening import read_source


def a_pattern(text: str) -> str:
    """A regular expression; raises ValueError for anything else."""
    try:
        re.compile(text)
    except re.error as broken:
        raise ValueError(f"is not a regular expression: {broken}") from broken
    return text


Verdict = tuple[tuple[str | int, ...], str]


class Region(Written):
    """Libraries that share transport, and the regions they share it with."""

    id: Id
    name: Annotated[str, StringConstraints(min_length=1)]
    libraries: Ids
    cooperates_with: Annotated[tuple[Id, ...], Tuple] = ()  # both ways, whichever of the two says it
    also_supplied_by: Annotated[tuple[Id, ...], Tuple] = ()  # one way: they send to us, we do not send to them


class Member(Written):
    """What one library can do in the network.  Source: policies NOR-02."""

    id: Id
    name: str = ""
    can_supply: bool = True  # sends its copies to others
    can_receive: bool = True  # hands out what others send
    return_anywhere: bool = True  # its copies may be handed in at any library; without that it does not supply


class NetworkHead(Written):
    """What the network is called, and what its cards look like."""

    id: Id
    name: str
    national_card: Annotated[str, AfterValidator(a_pattern)]


class WrittenNetwork(Written):
    """The whole file."""

    schema_name: Annotated[str, Field(alias="schema"), spelled(re.escape(NETWORK_SCHEMA), f"must be {NETWORK_SCHEMA}")]
    network: NetworkHead
    region: Annotated[tuple[Region, ...], Tuple, Field(min_length=1)]
    library: Annotated[tuple[Member, ...], Tuple] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """A checked network: every library in one region, every region that is named there."""

    id: str
    name: str
    national_card: str
    regions: tuple[Region, ...]
    members: Mapping[str, Member]

    def is_national_card(self, number: str) -> bool:
        """Whether a number is written as the network's cards are."""
        return self._card.fullmatch(number) is not None

    def region_of(self, library_id: str) -> Region | None:
        """None for a library that takes no part."""
        return next((region for region in self.regions if library_id in region.libraries), None)

    def suppliers_of(self, region: Region) -> tuple[Region, ...]:
        """The other regions that send to this one, in the file's order."""
        return tuple(
            other
            for other in self.regions
            if other.id != region.id
            and (
                other.id in region.cooperates_with
                or region.id in other.cooperates_with
                or other.id in region.also_supplied_by
            )
        )

    @cached_property
    def _card(self) -> re.Pattern[str]:
        return re.compile(self.national_card)


def load_network(path: Path) -> Network:
    """Raises PolicyError with everything that is wrong with the file."""
    source = read_source(path)
    written, wrong = _read(source.content)
    regions, members = (written.region, written.library) if written else _as_far_as_known(source.content)
    mistakes = [_mistake(source, where, reason) for where, reason in wrong]
    mistakes += [*_unclear_places(source, regions, members), *_unknown_names(source, regions)]
    if mistakes or written is None:
        raise PolicyError(mistakes)
    described = {member.id: member for member in written.library}
    everyone = [library_id for region in written.region for library_id in region.libraries]
    return Network(
        id=written.network.id,
        name=written.network.name,
        national_card=written.network.national_card,
        regions=written.region,
        members=MappingProxyType({each: described.get(each) or Member(id=each, name=each) for each in everyone}),
    )


def _read(content: Mapping[str, object]) -> tuple[WrittenNetwork | None, list[Verdict]]:
    """The file, and everything that is wrong with it by itself."""
    try:
        return WrittenNetwork.model_validate(dict(content)), []
    except ValidationError as invalid:
        return None, verdicts(invalid)


def _as_far_as_known(content: Mapping[str, object]) -> tuple[tuple[Region, ...], tuple[Member, ...]]:
    """What regions and libraries say of one another, whatever else is wrong; what cannot be read is empty."""
    regions = tuple(
        Region.model_construct(
            id=_word(row.get("id")),
            libraries=_words(row.get("libraries")),
            cooperates_with=_words(row.get("cooperates_with")),
            also_supplied_by=_words(row.get("also_supplied_by")),
        )
        for row in _rows(content.get("region"))
    )
    members = tuple(Member.model_construct(id=_word(row.get("id"))) for row in _rows(content.get("library")))
    return regions, members


def _rows(table: object) -> list[Mapping[str, object]]:
    """Its rows in their places; one that is no table says nothing."""
    return [row if isinstance(row, dict) else {} for row in table] if isinstance(table, list) else []


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _words(value: object) -> tuple[str, ...]:
    """One word or a list of them."""
    return tuple(word for word in map(_word, value if isinstance(value, list) else [value]) if word)


def _unclear_places(
    source: Source, regions: tuple[Region, ...], members: tuple[Member, ...]
) -> Iterator[PolicyMistake]:
    """Regions twice, and libraries in two regions or in none; the last is not known while a region cannot be read."""
    homes: dict[str, str] = {}
    seen: set[str] = set()
    for number, region in enumerate(regions):
        if region.id and region.id in seen:
            yield _mistake(source, ("region", number, "id"), f"two regions have the id {region.id}")
        seen.add(region.id)
        for library_id in region.libraries:
            if library_id in homes:
                reason = f"{library_id} is in {homes[library_id]} already"
                yield _mistake(source, ("region", number, "libraries"), reason)
            homes.setdefault(library_id, region.id or "another region")
    all_known = bool(regions) and all(region.libraries for region in regions)
    described: set[str] = set()
    for number, member in enumerate(members):
        if all_known and member.id and member.id not in homes:
            yield _mistake(source, ("library", number, "id"), f"{member.id} is in no region")
        if member.id and member.id in described:
            yield _mistake(source, ("library", number, "id"), f"{member.id} is described twice")
        described.add(member.id)


def _unknown_names(source: Source, regions: tuple[Region, ...]) -> Iterator[PolicyMistake]:
    """Not known either while a region's own id cannot be read."""
    known = {region.id for region in regions}
    for number, region in enumerate(regions if "" not in known else ()):
        named_in = {"cooperates_with": region.cooperates_with, "also_supplied_by": region.also_supplied_by}
        for key, names in named_in.items():
            unknown = (name for name in names if name not in known)
            yield from (_mistake(source, ("region", number, key), f"there is no region {name}") for name in unknown)


def _mistake(source: Source, path: tuple[str | int, ...], reason: str) -> PolicyMistake:
    return PolicyMistake(source.file, source.lines.line(path), named(path), reason)
