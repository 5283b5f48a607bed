"""Catalogues as they come: MARC 21, NORMARC, ISO 2709, MARCXML, every charset under every label, broken records."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymarc import Field, Record, record_to_xml
from typer.testing import CliRunner

from backend.store.store import Store
from backend.tables import items, titles
from server.commands.imports import app
from server.imports.catalogue import Reading, import_catalogue
from server.imports.marc_charset import encoding_of
from server.imports.marc_fields import title_row
from server.imports.marc_file import Numbered, from_iso, records_of
from server.imports.reading import Broken, FileError
from server.imports.running import Report
from server.keys import KEY_FILE, made
from tests.databases import everything, fresh_store, rows_of, template
from tests.server.imports.marc import BOOK_LEADER, field, iso, record, sult
from tests.server.imports.test_imports import desk, take_items

pytestmark = pytest.mark.slow


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = fresh_store(tmp_path)
    yield store
    store.close()


def take(store: Store, tmp_path: Path, content: bytes, encoding: str | None = None) -> Report:
    path = tmp_path / "catalogue.mrc"
    path.write_bytes(content)
    *_, report = import_catalogue(desk(store), path, "KAL", Reading(encoding=encoding))
    return report


def kept(store: Store, table: object = titles) -> list[Mapping[str, object]]:
    known = items if table is items else titles
    return [dict(zip(known.columns.keys(), row, strict=True)) for row in rows_of(store, known)]


# ---- what is read -----------------------------------------------------------------------


def test_titles_and_copies_from_iso_2709_twice_the_same(store: Store, tmp_path: Path) -> None:
    other = record(field("001", "b2"), field("245", "aPan", "n1", "pLøytnant Glahns papirer"), leader=BOOK_LEADER)
    content = iso(sult()) + b"\r\n" + iso(other)
    report = take(store, tmp_path, content)
    assert (report.added, report.refused) == (3, [])
    first, second = kept(store)
    assert (first["record"], first["title"], first["author"], first["isbn"]) == (
        "b1",
        "Sult",
        "Hamsun, Knut",
        "9788205277489",
    )
    assert second["title"] == "Pan. 1. Løytnant Glahns papirer"
    (copy,) = kept(store, items)
    assert (copy["barcode"], copy["home_branch"], copy["call_number"], copy["title_id"]) == (
        "KB1",
        "KAL-S",
        "Ham",
        first["id"],
    )
    before = everything(store)
    assert take(store, tmp_path, content).same == 3
    assert everything(store) == before


def test_items_from_csv_find_the_catalogues_title_by_its_number(store: Store, tmp_path: Path) -> None:
    take_items(store, tmp_path, "barcode,title,home_branch,record\n301,Hunger,KAL-S,b1\n")
    take(store, tmp_path, iso(sult()))
    assert [row["title"] for row in kept(store)] == ["Sult"]
    assert {row["title_id"] for row in kept(store, items)} == {kept(store)[0]["id"]}


SERIAL = BOOK_LEADER[:7] + "s" + BOOK_LEADER[8:]


def magazine(number: str, title: str, issn: str, leader: str = SERIAL) -> bytes:
    return iso(record(field("001", number), field("022", f"a{issn}"), field("245", f"a{title}"), leader=leader))


@pytest.mark.parametrize(
    ("leader", "issn", "key"),
    [
        (SERIAL, "0028-0836 (trykt)", "issn:00280836"),
        (SERIAL, "2434561x", "issn:2434561X"),
        (SERIAL, "0028-0837", "work:|nature|"),  # the check digit does not fit
        (BOOK_LEADER, "0028-0836", "work:|nature|"),  # of the series that the book is a part of
    ],
)
def test_a_serial_is_known_by_its_issn(store: Store, tmp_path: Path, leader: str, issn: str, key: str) -> None:
    take(store, tmp_path, magazine("b1", "Nature", issn, leader))
    assert [row["match_key"] for row in kept(store)] == [key]


def test_copies_of_a_serial_find_it_by_its_issn_however_it_is_spelt(store: Store, tmp_path: Path) -> None:
    take_items(store, tmp_path, "barcode,title,home_branch,issn\n301,Nature 1/2026,KAL-S,0028-0836\n")
    take(store, tmp_path, magazine("b1", "Nature (London)", "0028-0836"))
    take_items(store, tmp_path, "barcode,title,home_branch,issn\n302,Nature 2/2026,KAL-S,00280836\n")
    assert [row["title"] for row in kept(store)] == ["Nature (London)"]
    assert {row["title_id"] for row in kept(store, items)} == {kept(store)[0]["id"]}


def test_another_issn_is_another_serial(store: Store, tmp_path: Path) -> None:
    header = "barcode,title,home_branch,issn\n"
    take_items(store, tmp_path, f"{header}301,Nature,KAL-S,0028-0836\n")
    take_items(store, tmp_path, f"{header}301,Nature,KAL-S,2434-561X\n")
    assert sorted(str(row["match_key"]) for row in kept(store)) == ["issn:00280836", "issn:2434561X"]


@pytest.mark.parametrize("encoding", ["utf-8", "marc-8", "latin-1"])
@pytest.mark.parametrize("label", ["a", " "])
@pytest.mark.parametrize(
    "title",
    [
        "Kjærlighet på Øya",
        "Så lenge vi får håpe",
        "Ærlig talt, Åse",
        "Märta och öns hemligheter",
        "Fröken Öst över ån",
        "Über alle Höhen, señor",
        "Plain words",
    ],
)
def test_every_charset_under_every_label(encoding: str, label: str, title: str) -> None:
    data = iso(record(field("001", "b1"), field("245", "a" + title)), encoding, label)
    if (encoding, label) == ("marc-8", "a") and "ñ" in title:
        return  # nobody writes MARC-8 and calls it UTF-8
    assert title_row(from_iso(data, None))["title"] == title


def test_an_escape_sequence_is_marc_8() -> None:
    assert encoding_of(b"\x1b(N\xe5 \xf8") == "marc-8"


def test_a_known_encoding_is_believed(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, iso(record(field("001", "b1"), field("245", "aBåten")), "cp865", " "), encoding="cp865")
    assert kept(store)[0]["title"] == "Båten"


MARCXML = '<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="http://www.loc.gov/MARC21/slim">{}</collection>'
PREFIXED = '<marc:collection xmlns:marc="info:lc/xmlns/marcxchange-v1">{}</marc:collection>'


def xml_of(one: Record, prefix: str = "") -> str:
    plain = record_to_xml(one).decode()
    return (
        plain
        if not prefix
        else plain.replace("</", f"</{prefix}").replace("<", f"<{prefix}").replace(f"<{prefix}/", "</")
    )


def test_marcxml_with_and_without_a_prefix(store: Store, tmp_path: Path) -> None:
    assert take(store, tmp_path, MARCXML.format(xml_of(sult())).encode()).added == 2
    assert take(store, tmp_path, PREFIXED.format(xml_of(sult(), "marc:")).encode()).same == 2


def test_marcxml_in_other_letters(store: Store, tmp_path: Path) -> None:
    one = record(field("001", "b1"), field("245", "aKjærlighet på øya"))
    document = MARCXML.replace("UTF-8", "ISO-8859-1").format(xml_of(one))
    take(store, tmp_path, document.encode("latin-1"))
    assert kept(store)[0]["title"] == "Kjærlighet på øya"


# ---- what is broken ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "broken",
    [
        b"00100nam a2200049   4500 this is no directory\x1e\x1d",
        b"xxxxx\x1d",
        iso(record(field("001", "b7"), field("245", "aTitle")))[:-30] + b"\x1d",
        b"\x1d",
    ],
    ids=["directory", "leader", "cut short", "nothing"],
)
def test_a_broken_record_is_told_and_stops_nobody(store: Store, tmp_path: Path, broken: bytes) -> None:
    report = take(store, tmp_path, iso(sult()) + broken + iso(record(field("001", "b2"), field("245", "aPan"))))
    (told,) = report.refused
    assert str(told).startswith("record 2: is no MARC record: ")
    assert [row["title"] for row in kept(store)] == ["Sult", "Pan"]


def plain(number: str) -> bytes:
    """A record with a copy, both named by its number."""
    fields = [field("001", number), field("245", f"aTitel {number}"), field("852", "bKAL-S", f"pK{number}")]
    return iso(record(*fields))


CUT_SHORT = [  # a file of records 101 to 103 of which some lost their ends: which are told, which are kept
    ("end", plain("101")[:-30] + plain("102") + plain("103"), [1], ["102", "103"]),
    ("most", plain("101")[:60] + plain("102") + plain("103"), [1], ["102", "103"]),
    ("leader", plain("101")[:24] + plain("102") + plain("103"), [1], ["102", "103"]),
    ("two of them", plain("101")[:-30] + plain("102")[:-20] + plain("103"), [1, 2], ["103"]),
    ("the last", plain("101") + plain("102") + plain("103")[:-30], [3], ["101", "102"]),
    ("terminator only", plain("101")[:-1] + plain("102") + plain("103"), [], ["101", "102", "103"]),
    ("at a field's end", plain("101")[:-12] + plain("102") + plain("103"), [1], ["102", "103"]),
    ("with a line end", plain("101")[:-30] + b"\r\n" + plain("102") + plain("103"), [1], ["102", "103"]),
    ("no leader behind it", plain("101")[:-30] + plain("102")[4:] + plain("103"), [1], ["103"]),
]


@pytest.mark.parametrize(
    ("content", "told", "taken"), [row[1:] for row in CUT_SHORT], ids=[row[0] for row in CUT_SHORT]
)
def test_a_record_that_lost_its_end_takes_no_other_along(
    store: Store, tmp_path: Path, content: bytes, told: list[int], taken: list[str]
) -> None:
    report = take(store, tmp_path, content)
    assert [refused.line for refused in report.refused] == told
    assert sorted(str(row["title"]) for row in kept(store)) == [f"Titel {number}" for number in taken]
    assert sorted(str(row["barcode"]) for row in kept(store, items)) == [f"K{number}" for number in taken]


def copied(number: str, title: str, *barcodes: str) -> bytes:
    copies = [field("852", "bKAL-S", f"p{barcode}") for barcode in barcodes]
    return iso(record(field("001", number), field("245", f"a{title}"), *copies))


def test_a_barcode_in_two_records_stays_with_the_first_each_time(store: Store, tmp_path: Path) -> None:
    content = copied("601", "Sult", "Z1", "Z2") + copied("602", "Pan", "z-1", "Z3")
    report = take(store, tmp_path, content)
    assert [str(refused) for refused in report.refused] == ["record 2: barcode: stands in record 1 already"]
    before = everything(store)
    again = take(store, tmp_path, content)
    assert (again.added, again.changed, again.same, len(again.refused)) == (0, 0, 5, 1)
    assert everything(store) == before


def test_a_record_number_that_comes_again_means_the_same_title(store: Store, tmp_path: Path) -> None:
    content = copied("601", "Sult", "Z1") + copied("601", "Sult", "Z2") + copied("601", "Pan", "Z3")
    report = take(store, tmp_path, content)
    assert [str(refused) for refused in report.refused] == [
        "record 3: record: stands in record 1 already, and says something else there"
    ]
    assert [row["title"] for row in kept(store)] == ["Sult"]
    assert sorted(str(row["barcode"]) for row in kept(store, items)) == ["Z1", "Z2"]
    before = everything(store)
    assert take(store, tmp_path, content).changed == 0
    assert everything(store) == before


def test_a_copy_that_a_record_names_twice_is_one_copy(store: Store, tmp_path: Path) -> None:
    first, second = field("852", "bKAL-S", "pZ1", "hHam"), field("952", "aKAL-B", "pZ1", "cMagasin")
    content = iso(record(field("001", "b1"), field("245", "aSult"), first, second))
    assert take(store, tmp_path, content).added == 2
    (copy,) = kept(store, items)
    assert (copy["home_branch"], copy["call_number"], copy["collection"]) == ("KAL-B", "Ham", "Magasin")
    assert take(store, tmp_path, content).same == 2


@pytest.mark.parametrize("length", [b"00000", b"00010", b"99999"])
def test_a_whole_record_is_read_whatever_length_its_leader_says(store: Store, tmp_path: Path, length: bytes) -> None:
    assert take(store, tmp_path, length + plain("1")[5:] + plain("2")).refused == []


def test_what_looks_like_a_leader_inside_a_whole_record_is_text(store: Store, tmp_path: Path) -> None:
    one = record(field("001", "b1"), field("245", "aTitel"), field("500", f"a{BOOK_LEADER.replace('0000', '0007')}"))
    assert take(store, tmp_path, iso(one) + plain("2")).refused == []


@pytest.mark.parametrize(
    "broken",
    [
        "<record><leader>x</leader><datafield tag='245'><subfield code='a'>A & B</subfield></datafield></record>",
        "<record><leader>x</leader><datafield tag='245'><subfield code='a'>A</datafield>",
        "<record><datafield><subfield code='a'>A</subfield></datafield></record>",
        "<record><leader>x</leader><datafield tag='245'><subfield code='a'>&file;</subfield></datafield></record>",
    ],
    ids=["ampersand", "no end", "no tag", "entity"],
)
def test_a_broken_record_of_xml_too(store: Store, tmp_path: Path, broken: str) -> None:
    other = record(field("001", "b2"), field("245", "aPan"))
    report = take(store, tmp_path, MARCXML.format(xml_of(sult()) + broken + xml_of(other)).encode())
    assert [refused.line for refused in report.refused] == [2]
    assert [row["title"] for row in kept(store)] == ["Sult", "Pan"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ([field("001", "b1")], "record 1: title: must not be empty"),
        ([field("245", "aA"), field("852", "p9", "bXX")], "record 1: home_branch: KAL has no branch XX"),
        ([field("245", "aA"), field("852", "p9")], "record 1: home_branch: must not be empty"),
        ([field("245", "aA"), field("952", "p9", "aKAL-S", "vfree")], "record 1: price: expected an amount"),
    ],
)
def test_what_a_record_lacks_is_told_by_column(store: Store, tmp_path: Path, fields: list[Field], told: str) -> None:
    assert str(take(store, tmp_path, iso(record(*fields))).refused[0]).startswith(told)


def test_another_kind_of_file_is_refused_whole(store: Store, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="neither MARC 21"):
        take(store, tmp_path, b"barcode,title\n1,Sult\n")


@given(st.binary(max_size=400))
def test_any_bytes_give_records_or_reasons(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    path = tmp_path_factory.mktemp("noise") / "any.mrc"
    path.write_bytes(iso(sult()) + noise + b"\x1d" + iso(sult()))
    found = list(records_of(path))
    assert isinstance(found[0], Numbered) and isinstance(found[-1], Numbered)
    assert all(isinstance(one, Numbered | Broken) for one in found)


# ---- the command -----------------------------------------------------------------------------


def test_the_command_takes_other_fields_and_codes(tmp_path: Path) -> None:
    shutil.copy(template(), tmp_path / "skranke.db")
    made(tmp_path / KEY_FILE)
    one = record(field("001", "b1"), field("245", "aSult"), field("949", "i777", "mHOVED"), field("949", "i778"))
    (tmp_path / "all.mrc").write_bytes(iso(one) + b"broken\x1d")
    asked = ["titles", str(tmp_path / "all.mrc"), "--data", str(tmp_path), "--library", "KAL"]
    asked += ["--copies", "949:barcode=i,home_branch=m", "--branch", "hoved=KAL-S", "--branch", "=KAL-B"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 3
    assert "4 rows: 3 added, 0 changed, 0 as they were, 1 refused" in done.output
    assert "record 2: is no MARC record" in done.output


@pytest.mark.parametrize("option", [("--copies", "949:home_branch=m"), ("--encoding", "klingon"), ("--branch", "x")])
def test_options_that_mean_nothing(tmp_path: Path, option: tuple[str, str]) -> None:
    done = CliRunner().invoke(app, ["titles", str(tmp_path / "none.mrc"), "--data", str(tmp_path), *option])
    assert done.exit_code == 2
