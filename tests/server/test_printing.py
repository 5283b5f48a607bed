"""CSV that leaves the house: what a spreadsheet makes of it."""

import csv
from io import StringIO

import pytest

from server.commands.printing import as_csv


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+47 22 33 44 55", "'+47 22 33 44 55"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1+1", "'\t=1+1"),
        ("\r=1+1", "'\n=1+1"),  # a lone CR would end the row
        ("\n=1+1", "'\n=1+1"),
        ("-12.50", "-12.50"),  # an amount stays one
        (-3, "-3"),
        (None, ""),
        ("Sult = hunger", "Sult = hunger"),
        ("", ""),
    ],
)
def test_no_cell_is_computed(cell: object, written: str) -> None:
    heads, row = csv.reader(StringIO(as_csv(["title"], [[cell]]), newline=""))
    assert (heads, "".join(row)) == (["title"], written)


def test_quotes_and_line_ends_survive() -> None:
    said = ['"Sult"', "a,b;c", "one\ntwo"]
    assert list(csv.reader(StringIO(as_csv(["a", "b", "c"], [said]), newline="")))[1] == said
