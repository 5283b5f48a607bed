"""What a MARC record says of a title and its copies, in each format and with its codes."""

from collections.abc import Mapping

import pytest
from pymarc import Field

from server.imports.marc_fields import COPIES, copy_rows, title_row
from tests.server.imports.marc import BOOK_LEADER, coded, field, record


def first_copy(*fields: Field, leader: str = BOOK_LEADER) -> Mapping[str, str]:
    one = record(field("001", "b1"), field("245", "aT"), *fields, field("852", "p1", "bKAL-S"), leader=leader)
    (row,) = copy_rows(one, title_row(one), COPIES, {})
    return row


@pytest.mark.parametrize(
    ("fields", "audience"),
    [
        ([coded("a"), field("019", "bl")], "adult"),  # NORMARC: voksne
        ([coded("a")], "child"),  # MARC 21: preschool
        ([coded("j")], "child"),
        ([coded("j"), field("019", "amu")], "youth"),
        ([coded("j"), field("019", "abu,u,mu")], "child"),
        ([coded("d")], "youth"),
        ([], "adult"),
    ],
)
def test_for_whom(fields: list[Field], audience: str) -> None:
    assert first_copy(*fields)["audience"] == audience


@pytest.mark.parametrize(
    ("fields", "leader", "material"),
    [
        ([field("019", "bl")], "g", "book"),
        ([field("019", "bdc,di")], "i", "audiobook"),
        ([field("019", "bdc,dg")], "j", "music.cd"),
        ([field("019", "bee")], "g", "film.dvd"),
        ([field("019", "bef")], "g", "film.bluray"),
        ([field("019", "bmj")], "m", "game"),
        ([field("019", "bl,dc,dh")], "a", "language_course"),
        ([], "a", "book"),
        ([field("007", "vd cvaizq")], "g", "film.dvd"),
        ([field("007", "vd csaizq")], "g", "film.bluray"),
        ([field("007", "sd fsngnnmmned")], "j", "music.cd"),
        ([field("008", " " * 26 + "g")], "m", "game"),
        ([], "m", "data"),
        ([], "i", "audiobook"),
    ],
)
def test_what_it_is(fields: list[Field], leader: str, material: str) -> None:
    assert first_copy(*fields, leader=f"00000n{leader}m a2200000 a 4500")["material"] == material


def test_a_serial_is_a_magazine() -> None:
    assert first_copy(leader="00000nas a2200000 a 4500")["material"] == "magazine"


@pytest.mark.parametrize(
    ("fields", "language"),
    [
        ([coded("a")], "nb"),
        ([field("008", "850101s1890    sw |||||||||||000 0|swe|d ")], "sv"),
        ([field("008", "850101s1890    no |||||||||||000 0|   | "), field("041", "anobeng")], "nb"),
        ([field("008", "850101s1890    xx |||||||||||000 0|mul| "), field("041", "aeng", "asme")], "en"),
        ([field("008", "\x1fap\x1fbv\x1fcger")], "de"),  # BIBSYS-MARC: subfields in a control field
        ([], None),
    ],
)
def test_in_which_language(fields: list[Field], language: str | None) -> None:
    assert (first_copy(*fields).get("language") or None) == language


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ([field("240", "aBibelen"), field("245", "aDen hellige skrift :", "bny utgave")], "Den hellige skrift"),
        ([field("130", "aNoregs lover")], "Noregs lover"),
        ([field("240", "aVerker. Utvalg")], "Verker. Utvalg"),
        ([field("740", "aEt annet navn")], "Et annet navn"),
        ([field("245", "a\x98Den\x9c siste fergen =", "bThe last ferry")], "Den siste fergen"),
    ],
)
def test_by_which_name(fields: list[Field], title: str) -> None:
    assert title_row(record(*fields))["title"] == title


@pytest.mark.parametrize(
    ("fields", "call_number"),
    [
        ([field("090", "c839.82", "dHam")], "839.82 Ham"),
        ([field("099", "aSKJ Ham")], "SKJ Ham"),
        ([field("090", "aHyllesignatur")], "Hyllesignatur"),
        ([], None),
    ],
)
def test_a_local_call_number_serves_copies_without_their_own(fields: list[Field], call_number: str | None) -> None:
    assert first_copy(*fields).get("call_number") == call_number


@pytest.mark.parametrize(
    ("fields", "row"),
    [
        ([field("020", "a82-05-27748-7"), field("020", "a978-82-05-27748-9")], {"isbn": "9788205277489"}),
        ([field("020", "z8205277486")], {}),
        ([field("260", "aOslo", "c[ca. 1998?]")], {"year": "1998"}),
        ([field("008", "850101s19uu    no"), field("264", "c©2004")], {"year": "2004"}),
        ([field("700", "aUllmann, Liv,"), field("110", "aNRK.")], {"author": "NRK."}),
    ],
)
def test_numbers_years_and_names(fields: list[Field], row: Mapping[str, str]) -> None:
    assert title_row(record(field("245", "aT"), *fields)) == {"title": "T", **row}
