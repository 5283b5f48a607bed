"""How figures and lists leave a command: a table on a terminal, CSV for a spreadsheet, JSON for a program."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final

import typer
from pydantic_core import to_json
from rich.console import Console
from rich.table import Table

FORMULA: Final = ("=", "+", "-", "@", "\t", "\n")
NUMBER: Final = re.compile(r"-[0-9]+(\.[0-9]+)?")

AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="As CSV, UTF-8 with commas.")]


def as_json(value: Any) -> str:
    """Dataclasses, dates and policy rows included."""
    return to_json(value, indent=2, fallback=str).decode()


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """One line of names, then the rows; nothing known is an empty cell, and no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().rstrip("\n")


def _cell(value: object) -> str:
    """In words; a line end is always LF, for the writer puts no quotes around a lone CR."""
    return "" if value is None else harmless(str(value).replace("\r\n", "\n").replace("\r", "\n"))


def harmless(words: str) -> str:
    """A spreadsheet computes what begins like a formula; names and titles come from anywhere.  A number stays one."""
    if words.startswith(FORMULA) and not NUMBER.fullmatch(words):
        return f"'{words}"
    return words


def show_table(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Numbers to the right, words to the left, as wide as the terminal."""
    listed = list(rows)
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for place, head in enumerate(heads):
        numbers = bool(listed) and all(isinstance(row[place], int) for row in listed)
        table.add_column(head, justify="right" if numbers else "left", overflow="fold")
    for row in listed:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    Console(soft_wrap=False).print(table)
