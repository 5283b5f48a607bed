"""What circulation needs of a MARC record, NORMARC's or MARC 21's, as rows of titles and of items.

Where the two formats give a code two meanings, a field 019, which only Norwegian records have, tells which it is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from babel.core import get_global
from pymarc import Field, Record
from stdnum import isbn, issn

Row = Mapping[str, str]  # by column name
NON_SORTING: Final = re.compile("[\x88\x89\x98\x9c]")
LEFT_BY_ISBD: Final = " /:;=,"
FOUR_DIGITS: Final = re.compile(r"(?<!\d)(1[0-9]{3}|20[0-9]{2})(?!\d)")
LANGUAGE: Final = re.compile(r"[a-z]{3}")
NO_LANGUAGE: Final = frozenset({"und", "mul", "zxx", "mis"})
CALL_NUMBERS: Final = ("090", "099", "096")  # the library's own, where a copy has none
SERIAL: Final = frozenset("sb")  # leader/07: a serial, and what NORMARC-era systems give its parts

# 019 $a of Norwegian records, several with commas between.
AGES: Final = {"aa": "child", "a": "child", "b": "child", "bu": "child", "u": "child", "mu": "youth", "vu": "youth"}
# 008/22 of text, music and film.
AUDIENCES: Final = {"j": "child", "b": "child", "c": "child", "d": "youth"}
PRESCHOOL: Final = "a"  # in MARC 21; in NORMARC it is for adults
# 019 $b of Norwegian records. What is sound is told by the more special of several codes, so it stands first.
FORMS: Final = {
    "di": "audiobook",
    "dd": "audiobook",
    "dh": "language_course",
    "dg": "music.cd",
    "dc": "music.cd",
    "ee": "film.dvd",
    "ef": "film.bluray",
    "ed": "film.vhs",
    "c": "music.score",
    "a": "map",
    "j": "magazine",
    "l": "book",
}
FORM_FAMILIES: Final = {"e": "film", "m": "game", "d": "music"}  # a code that is not listed, by its first letter
RECORD_TYPES: Final = {  # leader/06
    "c": "music.score",
    "d": "music.score",
    "e": "map",
    "f": "map",
    "g": "film",
    "i": "audiobook",
    "j": "music",
    "k": "picture",
    "m": "data",
    "o": "kit",
    "r": "object",
}
FILMS: Final = {"v": "film.dvd", "s": "film.bluray", "b": "film.vhs"}  # 007/04 of a video recording


@dataclass(frozen=True, slots=True)
class Copies:
    """Where copies stand in a record: a field, and the subfields of each column, those of one column in order."""

    tag: str
    columns: Mapping[str, str]


COPIES: Final = (
    Copies("852", {"barcode": "p", "home_branch": "b", "collection": "c", "call_number": "khijm"}),  # MARC 21
    Copies(
        "952",
        {"barcode": "p", "home_branch": "a", "collection": "c", "call_number": "o", "price": "v", "acquired": "d"},
    ),
)


# ---- the title -------------------------------------------------------------------------


def title_row(record: Record) -> Row:
    """Columns of a title; `title` is empty where the record has none."""
    found = {
        "record": control(record, "001").strip(),
        "title": title_of(record),
        "author": author_of(record),
        "isbn": isbn_of(record),
        "issn": issn_of(record),
        "year": year_of(record),
    }
    return {column: value for column, value in found.items() if value or column == "title"}


def title_of(record: Record) -> str:
    """The title proper with number and name of the part; a standard title where there is none."""
    for tag in ("245", "240", "130", "740"):
        for field in record.get_fields(tag):
            parts = [plain(part) for part in field.get_subfields("a", "n", "p")]
            if title := ". ".join(part.removesuffix(".") for part in parts if part):
                return title
    return ""


def author_of(record: Record) -> str:
    """Who stands first among those responsible."""
    for tag in ("100", "110", "111", "700", "710"):
        for field in record.get_fields(tag):
            if name := plain(field.get("a") or ""):
                return name
    return ""


def isbn_of(record: Record) -> str:
    """The first valid one, without what is written behind it."""
    for field in record.get_fields("020"):
        for written in field.get_subfields("a"):
            number = re.match(r"[\dXx -]*", written.strip())
            if number and isbn.is_valid(number[0]):
                return isbn.compact(number[0])
    return ""


def issn_of(record: Record) -> str:
    """The first valid one of a serial; in a book's record it is its series', which many other books share."""
    if str(record.leader)[7:8] not in SERIAL:
        return ""
    written = (value for field in record.get_fields("022") for value in field.get_subfields("a"))
    numbers = (re.match(r"[\dXx -]*", one.strip()) for one in written)
    return next((issn.compact(one[0]) for one in numbers if one and issn.is_valid(one[0])), "")


def year_of(record: Record) -> str:
    """Of publication: by the codes, else as printed."""
    coded = FOUR_DIGITS.fullmatch(control(record, "008")[7:11])
    if coded:
        return coded[0]
    for field in record.get_fields("260", "264"):
        printed = FOUR_DIGITS.search(" ".join(field.get_subfields("c", "g")))
        if printed:
            return printed[0]
    return ""


# ---- the copies ------------------------------------------------------------------------


def copy_rows(record: Record, title: Row, layouts: Sequence[Copies], branches: Mapping[str, str]) -> Iterator[Row]:
    """Columns of each copy that has a barcode; `branches` says what the catalogue's codes mean here."""
    shared = {
        **title,
        "material": material_of(record),
        "audience": audience_of(record),
        "language": language_of(record),
    }
    for layout in layouts:
        for field in record.get_fields(layout.tag):
            own = {column: joined(field, codes) for column, codes in layout.columns.items()}
            if own.get("barcode"):
                own["call_number"] = own.get("call_number") or local_call_number(record)
                branch = own.get("home_branch", "")
                own["home_branch"] = branches.get(branch.casefold(), branch)
                yield {**shared, **{column: value for column, value in own.items() if value or column == "home_branch"}}


def joined(field: Field, codes: str) -> str:
    """The subfields, in the order of their codes."""
    return " ".join(plain(value) for code in codes for value in field.get_subfields(code)).strip()


def local_call_number(record: Record) -> str:
    """As shelves have it: 090 $a to $d, or what Norwegian and Swedish systems put into 099 and 096."""
    for field in record.get_fields(*CALL_NUMBERS):
        if found := joined(field, "abcd"):
            return found
    return ""


def language_of(record: Record) -> str:
    """Two letters, three where there are none; codes of NORMARC's 041 stand without a blank between."""
    fixed = control(record, "008")
    written = [fixed[35:38], fixed.partition("\x1fc")[2][:3]]
    written += [code[:3] for field in record.get_fields("041") for code in field.get_subfields("a")]
    for code in (one.casefold() for one in written):
        if LANGUAGE.fullmatch(code) and code not in NO_LANGUAGE:
            return str(get_global("language_aliases").get(code, code))
    return ""


def audience_of(record: Record) -> str:
    """`child`, `youth` or `adult`."""
    code = control(record, "008")[22:23]
    ages = [AGES[age] for age in codes_in(record, "019", "a") if age in AGES]
    if ages:
        return "youth" if "youth" in ages and "child" not in ages else "child"
    if code == PRESCHOOL and not record.get_fields("019"):
        return "child"
    return AUDIENCES.get(code, "adult")


def material_of(record: Record) -> str:
    """Our dotted word, by the Norwegian code where there is one."""
    codes = codes_in(record, "019", "b")
    known = next((FORMS[code] for code in FORMS if code in codes), None)
    family = next((FORM_FAMILIES[code[0]] for code in codes if code[0] in FORM_FAMILIES), None)
    return known or family or material_of_leader(record)


def material_of_leader(record: Record) -> str:
    kind, level = str(record.leader)[6:7], str(record.leader)[7:8]
    if kind in RECORD_TYPES:
        return special(record, RECORD_TYPES[kind])
    return "magazine" if level in SERIAL else "book"


def special(record: Record, material: str) -> str:
    """What the physical description says more."""
    forms = [field.data or "" for field in record.get_fields("007")]
    if material == "film":
        return next((FILMS[form[4]] for form in forms if form[:1] == "v" and form[4:5] in FILMS), material)
    if material == "music":
        return "music.cd" if any(form[:1] == "s" and form[3:4] == "f" for form in forms) else material
    if material == "data" and control(record, "008")[26:27] == "g":
        return "game"
    return material


# ---- parts -----------------------------------------------------------------------------


def control(record: Record, tag: str) -> str:
    """The first such field, empty when there is none."""
    return next((field.data or "" for field in record.get_fields(tag) if field.control_field), "")


def codes_in(record: Record, tag: str, subfield: str) -> list[str]:
    """Codes with commas or blanks between."""
    written = [value for field in record.get_fields(tag) for value in field.get_subfields(subfield)]
    return [code for value in written for code in re.split(r"[\s,]+", value.casefold()) if code]


def plain(text: str) -> str:
    """Without what cataloguing rules put around it."""
    return " ".join(NON_SORTING.sub("", text).split()).strip(LEFT_BY_ISBD)
