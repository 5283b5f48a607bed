"""Files of patrons and items: every spelling of CSV, every refusal with its line, twice the same."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from rich.console import Console

from backend import policies as shipped
from backend.circulation import Circulation
from backend.clock import FixedClock
from backend.policy.loader import load_policies
from backend.policy.shelf import PolicyShelf
from backend.store.store import Store
from backend.tables import identifiers, items, patrons, titles
from server.imports.patrons import parts_of
from server.imports.reading import FileError
from server.imports.running import Report, import_file, run
from server.imports.showing import follow
from server.imports.taking import KINDS, importers_of
from server.office.clerk import Clerk
from server.office.client import OwnClerk
from server.office.errors import OrderRefused
from server.office.orders import RowTaken
from server.pins import matches
from tests.databases import IDENTITY, everything, fresh_store, rows_of

pytestmark = pytest.mark.slow

NOW = datetime.fromisoformat("2026-02-12T12:00:00+01:00")
GUIDE = Path(__file__).parents[3] / "docs" / "import.md"

PATRONS = """card,home branch,identity,PIN,name,Birth date,category,address,e_mail
20001,KAL-S,19850412-0000,4711,"Berg, Anna",1985-04-12,adult,"Storgatan 1
392 30 Kalmar",anna@example.org
20006,KAL-B,,,Bo Berg,2015-09-01,adult,,
""".replace("e_mail", "email")
ITEMS = """barcode;title;author;isbn;year;material;price;home_branch;flags
301;Sult;Hamsun, Knut;;1890;book;310,00;KAL-S;
302;Sult;Knut Hamsun;;1890;book;;KAL-B;special_value course
303;Den sista färjan;;;;film.feature;99;KAL-S;
"""


@cache
def shelf() -> PolicyShelf:
    return PolicyShelf(load_policies(Path(shipped.__path__[0])))


def desk(store: Store) -> OwnClerk:
    """An office without a daemon."""
    clock = FixedClock(NOW)
    circulation = Circulation(store, shelf(), clock)
    return OwnClerk(Clerk(store, circulation, shelf(), clock, importers=importers_of(shelf(), IDENTITY)))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = fresh_store(tmp_path)
    yield store
    store.close()


def file(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "rows.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def take_patrons(store: Store, tmp_path: Path, content: str | bytes, library: str = "KAL") -> Report:
    *_, report = import_file(desk(store), "patrons", file(tmp_path, content), library)
    return report


def take_items(store: Store, tmp_path: Path, content: str | bytes) -> Report:
    *_, report = import_file(desk(store), "items", file(tmp_path, content), "KAL")
    return report


def column(store: Store, table: str, name: str) -> list[object]:
    known = {one.name: one for one in (patrons, items, titles, identifiers)}[table]
    return [row[known.columns.keys().index(name)] for row in rows_of(store, known)]


def test_run_twice_is_the_same_as_once(store: Store, tmp_path: Path) -> None:
    assert take_patrons(store, tmp_path, PATRONS).added == 2
    assert take_items(store, tmp_path, ITEMS).added == 3
    before = everything(store)
    assert take_patrons(store, tmp_path, PATRONS).summary() == "2 rows: 0 added, 0 changed, 2 as they were, 0 refused"
    assert take_items(store, tmp_path, ITEMS).same == 3
    assert everything(store) == before


@pytest.mark.parametrize(
    "content",
    [
        PATRONS,
        b"\xef\xbb\xbf" + PATRONS.encode(),
        PATRONS.replace("\n", "\r\n"),
        PATRONS + "\n,,,,,,,,\n",  # what spreadsheets leave behind
        PATRONS.replace("adult,,", "adult,,,"),
    ],
    ids=["plain", "bom", "crlf", "blank rows", "surplus delimiter"],
)
def test_all_spellings_of_a_file(store: Store, tmp_path: Path, content: str | bytes) -> None:
    report = take_patrons(store, tmp_path, content)
    assert (report.added, report.refused) == (2, [])
    assert column(store, "patrons", "family_name") == ["Berg", "Berg"]
    assert "392 30 Kalmar" in str(column(store, "patrons", "address")[0])


def test_semicolons_prices_flags_and_titles(store: Store, tmp_path: Path) -> None:
    assert take_items(store, tmp_path, ITEMS).refused == []
    assert column(store, "items", "price") == [31000, None, 9900]
    assert column(store, "items", "currency") == ["SEK", None, "SEK"]
    assert column(store, "items", "flags") == ["", "course special_value", ""]
    assert column(store, "items", "media_type") == ["001", "001", "006"]
    assert len(column(store, "titles", "id")) == 2


def test_pins_are_hashed_and_identity_numbers_unreadable(store: Store, tmp_path: Path) -> None:
    take_patrons(store, tmp_path, PATRONS)
    hashed, none = column(store, "patrons", "pin_hash")
    assert matches(str(hashed), "4711")
    assert none is None
    kept = repr(everything(store))
    assert "4711" not in kept.replace(str(hashed), "")
    assert not re.search(r"(19)?850412-?0000", kept)


def test_an_empty_cell_empties_a_missing_column_does_not(store: Store, tmp_path: Path) -> None:
    take_patrons(store, tmp_path, PATRONS)
    report = take_patrons(store, tmp_path, "card,home_branch,address,pin\n20001,KAL-S,,\n")
    assert report.changed == 1
    assert column(store, "patrons", "address")[0] == ""
    assert column(store, "patrons", "birth_date")[0] == "1985-04-12"
    assert column(store, "patrons", "pin_hash")[0] is not None


@pytest.mark.parametrize(
    ("row", "refused"),
    [
        ("2,KAL-S,12.4.1985,", "line 3: birth_date: expected a day such as 2026-02-12"),
        ("2,KAL-S,1985-02-30,", "line 3: birth_date: expected a day such as 2026-02-12"),
        ("2,XXX-1,,", "line 3: home_branch: KAL has no branch XXX-1; it has KAL-S"),
        ("2,LYS-S,,", "line 3: home_branch: KAL has no branch LYS-S"),
        (",KAL-S,,", "line 3: card: must not be empty"),
        ("2,KAL-S,,123", "line 3: identity: not an identity number"),
        ("2,KAL-S", "line 3: has 2 cells where the header has 4"),
        ("2,KAL-S,,,surplus", "line 3: has 5 cells where the header has 4"),
        ("2 0001,KAL-S,,", "line 3: card: stands on line 2 already"),
        ("2,KAL-S,,850412-0000", "line 3: identity: is a number of another patron"),
    ],
)
def test_a_refused_row_is_told_and_stops_nobody(store: Store, tmp_path: Path, row: str, refused: str) -> None:
    header = "card,home_branch,birth_date,identity"
    report = take_patrons(store, tmp_path, f"{header}\n20001,KAL-S,,19850412-0000\n{row}\n20009,KAL-S,,\n")
    (told,) = report.refused
    assert str(told).startswith(refused)
    assert report.added == 2


@pytest.mark.parametrize(
    ("row", "refused"),
    [
        ("9;T;KAL-S;free;", "line 2: price: expected an amount such as 310.00"),
        ("9;T;KAL-S;1.234;", "line 2: price"),
        ("9;;KAL-S;;", "line 2: title: must not be empty"),
        ("9;T;KAL-S;;978-82-03-36234-1", "line 2: isbn: is no ISBN"),
        ("9;T;;;", "line 2: home_branch: must not be empty"),
    ],
)
def test_refused_items(store: Store, tmp_path: Path, row: str, refused: str) -> None:
    report = take_items(store, tmp_path, f"barcode;title;home_branch;price;isbn\n{row}\n")
    assert str(report.refused[0]).startswith(refused)


@pytest.mark.parametrize(
    ("name", "cell", "refused"),
    [
        ("security_marker", "99", "must be one of 00, 01, 02, 03"),
        ("security_marker", "1", "must be one of 00, 01, 02, 03"),
        ("media_type", "999", "must be one of 000, 001, 002, 003, 004, 005, 006, 007, 008, 009, 010"),
        ("media_type", "011", "must be one of 000,"),
        ("audience", "martian", "must be 'adult', 'child' or 'youth'"),
        ("issn", "0028-0837", "is no ISSN: its check digit does not fit"),
        ("loan_type", "weird", "no policy has a rule for weird; there are "),
    ],
)
def test_a_word_that_no_list_has_is_refused(store: Store, tmp_path: Path, name: str, cell: str, refused: str) -> None:
    report = take_items(store, tmp_path, f"barcode,title,home_branch,{name}\n8,T,KAL-S,{cell}\n9,T,KAL-S,\n")
    assert (report.added, len(report.refused)) == (1, 1)
    assert str(report.refused[0]).startswith(f"line 2: {name}: {refused}")


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        *(("security_marker", code) for code in ("00", "01", "02", "03")),
        *(("media_type", f"{code:03}") for code in range(11)),
        *(("audience", word) for word in ("adult", "child", "youth")),
        *(("loan_type", word) for word in ("normal", "express", "reference", "ill")),
    ],
)
def test_a_word_of_the_list_is_kept(store: Store, tmp_path: Path, name: str, cell: str) -> None:
    assert take_items(store, tmp_path, f"barcode,title,home_branch,{name}\n8,T,KAL-S,{cell}\n").added == 1
    assert column(store, "items", name) == [cell]


GARBLED = {
    "patrons": ("card,home_branch,name", "1,KAL-S,\xe5", "name"),
    "items": ("barcode,home_branch,title", '1,KAL-S,"two\nlines \xff"', "title"),
    "loans": ("patron,barcode,lent,due", "1,\xe9,2026-02-01,2026-03-01", "barcode"),
    "holds": ("patron,placed,reference", "1,2026-02-01,\xf8", "reference"),
    "charges": ("number,patron,kind,amount,raised,note", "1,1,misc,1,2026-02-01,\xe4", "note"),
    "agencies": ("name,ids,libraries,endpoint", "\xe5,A,KAL,\xe5", "name, endpoint"),
}


@pytest.mark.parametrize("kind", GARBLED)
def test_a_byte_that_is_no_utf_8_costs_its_own_row(tmp_path: Path, kind: str) -> None:
    """The good rows before and after are handed over, a quoted line break and the numbers of lines are kept."""
    header, row, told = GARBLED[kind]
    good = ['"a\nb"' if at == header.count(",") else f"g{at}" for at in range(header.count(",") + 1)]
    before, after = ",".join(good), ",".join(cell.replace("g", "h").replace("a", "c") for cell in good)
    path = file(tmp_path, "\n".join((header, before, row, after, "")).encode("latin-1"))
    handed: list[Mapping[str, str]] = []

    def hand(rows: Sequence[Mapping[str, str]]) -> list[RowTaken]:
        handed.extend(rows)
        return [RowTaken(became="added") for _ in rows]

    *_, report = run(kind, path, hand)
    assert (report.added, [str(one) for one in report.refused]) == (
        2,
        [f"line 4: {told}: is not UTF-8; save the file as UTF-8"],
    )
    assert [list(row.values())[-1] for row in handed] == ["a\nb", "c\nb"]


def test_a_garbled_row_of_a_register_stops_nobody(store: Store, tmp_path: Path) -> None:
    report = take_patrons(store, tmp_path, b"card,home_branch,name\n1,KAL-S,Bo \xc5s\n2,KAL-S,Bo \xc3\x85s\n")
    assert [str(one) for one in report.refused] == ["line 2: name: is not UTF-8; save the file as UTF-8"]
    assert column(store, "patrons", "family_name") == ["Ås"]


def test_all_that_is_wrong_with_a_row_is_one_refusal(store: Store, tmp_path: Path) -> None:
    report = take_patrons(store, tmp_path, "card,home_branch,birth_date,expires\n2,KAL-S,x,y\n")
    (told,) = report.refused
    assert "birth_date: expected a day" in str(told) and "expires: expected a day" in str(told)


def test_an_unknown_library_is_one_line(store: Store, tmp_path: Path) -> None:
    with pytest.raises(OrderRefused, match="there is no library XXX"):
        take_patrons(store, tmp_path, PATRONS, "XXX")


def test_an_unknown_owner_is_the_owners_column(store: Store, tmp_path: Path) -> None:
    report = take_items(store, tmp_path, "barcode,title,home_branch,owner\n9,T,KAL-S,XXX\n")
    assert str(report.refused[0]) == "line 2: owner: there is no library XXX"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no columns"),
        (b"card;home_branch;birthdate\n", "unknown column birthdate; birth_date?"),
        (b"card,card,home_branch\n", "column card stands twice"),
        (b"card\n", "no column home_branch"),
        (b"card,home_branch,n\xe5me\n2,KAL-S,\n", "line 1: is not UTF-8"),
        ("card,home_branch\n".encode("utf-16"), "line 1: is not UTF-8"),
        (b'card,home_branch\n2,"KAL', "line 2: is no CSV"),
    ],
)
def test_a_file_that_cannot_be_used_changes_nothing(store: Store, tmp_path: Path, content: bytes, told: str) -> None:
    before = everything(store)
    with pytest.raises(FileError, match=re.escape(told)):
        take_patrons(store, tmp_path, content)
    assert everything(store) == before


def test_a_missing_file_is_one_line(store: Store, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read"):
        list(import_file(desk(store), "patrons", tmp_path / "none.csv", "KAL"))


def test_many_rows_go_in_pieces(store: Store, tmp_path: Path) -> None:
    rows = "".join(f"{number},Bok {number},KAL-S\n" for number in range(1200))
    path = file(tmp_path, "barcode,title,home_branch\n" + rows)
    steps = [report.added for report in import_file(desk(store), "items", path, "KAL")]
    assert steps == [0, 500, 1000, 1200, 1200]


def test_what_is_printed(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = file(tmp_path, ITEMS + "304;;;;;;;KAL-S;\n")
    follow(import_file(desk(store), "items", path, "KAL"), path, Console(width=200))
    said = capsys.readouterr().out
    assert "line 5: title: must not be empty" in said
    assert "4 rows: 3 added, 0 changed, 0 as they were, 1 refused" in said


@pytest.mark.parametrize(
    ("name", "parts"),
    [("Berg, Anna", ("Berg", "Anna")), ("Anna Maria Berg", ("Berg", "Anna Maria")), ("Madonna", ("Madonna", ""))],
)
def test_names(name: str, parts: tuple[str, str]) -> None:
    assert parts_of(name) == parts


@pytest.mark.parametrize("name", ["card", "national", "user_name"])
@pytest.mark.parametrize("number", ["11077941012", "110779 41012", "51077941012"])
def test_an_identity_number_is_nobodys_card_in_norway(store: Store, tmp_path: Path, name: str, number: str) -> None:
    cells = {"card": "2", "national": "", "user_name": "", name: number}  # ASK-05, S-036
    row = ",".join([*cells.values(), "ASK-H"])
    report = take_patrons(store, tmp_path, f"{','.join(cells)},home_branch\n{row}\n", "ASK")
    assert [str(one) for one in report.refused] == [
        f"line 2: {name}: is like an identity number, which is kept in the column identity only"
    ]
    assert column(store, "identifiers", "shown") == []


@pytest.mark.parametrize("name", ["card", "national", "user_name"])
@pytest.mark.parametrize("number", ["19850412-0000", "8504120000", "850472-0007"])
def test_an_identity_number_is_nobodys_card_in_sweden(store: Store, tmp_path: Path, name: str, number: str) -> None:
    cells = {"card": "2", "national": "", "user_name": "", name: number}  # C-30
    row = ",".join([*cells.values(), "KAL-S"])
    report = take_patrons(store, tmp_path, f"{','.join(cells)},home_branch\n{row}\n")
    assert [str(one) for one in report.refused] == [
        f"line 2: {name}: is like an identity number, which is kept in the column identity only"
    ]
    assert column(store, "identifiers", "shown") == []


@pytest.mark.parametrize("card", ["20001001", "8504120001", "851312000009", "K850412-0000"])
def test_a_swedish_card_is_taken(store: Store, tmp_path: Path, card: str) -> None:
    assert take_patrons(store, tmp_path, f"card,home_branch\n{card},KAL-S\n").added == 1


def test_a_norwegian_library_may_have_cards_of_ten_digits(store: Store, tmp_path: Path) -> None:
    assert take_patrons(store, tmp_path, "card,home_branch\n8504120000,ASK-H\n", "ASK").added == 1


def test_a_swedish_library_may_have_cards_of_eleven_digits(store: Store, tmp_path: Path) -> None:
    assert take_patrons(store, tmp_path, "card,home_branch\n11077941012,KAL-S\n").added == 1


@pytest.mark.parametrize("card", ["-", " - "])
def test_a_card_that_is_a_hyphen_is_refused(store: Store, tmp_path: Path, card: str) -> None:
    report = take_patrons(store, tmp_path, f"card,home_branch\n{card},KAL-S\n")
    assert [str(one) for one in report.refused] == ["line 2: card: has neither digits nor letters"]


def test_nobody_is_born_tomorrow(store: Store, tmp_path: Path) -> None:
    rows = "card,home_branch,birth_date\n2,KAL-S,2026-02-13\n3,KAL-S,2026-02-12\n"
    report = take_patrons(store, tmp_path, rows)
    assert [str(one) for one in report.refused] == ["line 2: birth_date: has not come yet"]
    assert column(store, "patrons", "birth_date") == ["2026-02-12"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_guide_names_every_column_and_no_other(kind: str) -> None:
    part = GUIDE.read_text("utf-8").split(f"\n## {kind.capitalize()}\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(KINDS[kind][0].model_fields)
