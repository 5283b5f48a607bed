"""Libraries that share cards and lend to one another: their regions, who supplies whom, who can do what."""

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

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
HEADING: Mapping[str, Any] = {  # stands in where a file's own is wrong, so that the rest can be judged
    "schema": NETWORK_SCHEMA,
    "network": {"id": "any", "name": "any", "national_card": "any"},
}


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
    mistakes = [_mistake(source, where, reason) for where, reason in wrong]
    if written is not None:
        mistakes += [*_unclear_places(source, written), *_unknown_names(source, written)]
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
    """The file as it is, or as far as it can be judged without what is wrong with it; and that."""
    try:
        return WrittenNetwork.model_validate(dict(content)), []
    except ValidationError as invalid:
        wrong = verdicts(invalid)
    try:
        return WrittenNetwork.model_validate(_without(content, (where for where, _ in wrong))), wrong
    except ValidationError:
        return None, wrong


def _without(content: Mapping[str, object], paths: Iterable[tuple[str | int, ...]]) -> dict[str, Any]:
    """What regions and libraries say of one another, for the rest of the file to be compared with."""
    left: dict[str, Any] = deepcopy({**content, **HEADING})
    for path in paths:
        table, steps = str(path[0]), path[1:]
        match steps:
            case [int(row), str(key), *_]:
                left[table][row].pop(key, None)
            case _ if table not in (*HEADING, "region"):
                left.pop(table, None)
    return left


def _unclear_places(source: Source, written: WrittenNetwork) -> Iterator[PolicyMistake]:
    """Regions twice, and libraries in two regions or in none."""
    homes: dict[str, str] = {}
    regions: set[str] = set()
    for number, region in enumerate(written.region):
        if region.id in regions:
            yield _mistake(source, ("region", number, "id"), f"two regions have the id {region.id}")
        regions.add(region.id)
        for library_id in region.libraries:
            if library_id in homes:
                reason = f"{library_id} is in {homes[library_id]} already"
                yield _mistake(source, ("region", number, "libraries"), reason)
            homes.setdefault(library_id, region.id)
    described: set[str] = set()
    for number, member in enumerate(written.library):
        if member.id not in homes:
            yield _mistake(source, ("library", number, "id"), f"{member.id} is in no region")
        if member.id in described:
            yield _mistake(source, ("library", number, "id"), f"{member.id} is described twice")
        described.add(member.id)


def _unknown_names(source: Source, written: WrittenNetwork) -> Iterator[PolicyMistake]:
    known = {region.id for region in written.region}
    for number, region in enumerate(written.region):
        named_in = {"cooperates_with": region.cooperates_with, "also_supplied_by": region.also_supplied_by}
        for key, names in named_in.items():
            unknown = (name for name in names if name not in known)
            yield from (_mistake(source, ("region", number, key), f"there is no region {name}") for name in unknown)


def _mistake(source: Source, path: tuple[str | int, ...], reason: str) -> PolicyMistake:
    return PolicyMistake(source.file, source.lines.line(path), named(path), reason)
