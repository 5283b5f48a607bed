"""Figures: kept one JSON line each, shown as a table."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

FILE: Final = Path(__file__).with_name("results.jsonl")
NUMERIC: Final = ("value", "ratio")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; `ratio` is it divided by what `reference` gave in the same run."""

    name: str
    value: float
    unit: str
    reference: str | None = None
    ratio: float | None = None

    def against(self, reference: "Figure") -> "Figure":
        """The same figure beside another of the same run."""
        ratio = round(self.value / reference.value, 3) if reference.value else None
        return Figure(self.name, self.value, self.unit, reference.name, ratio)


def append(figures: Iterable[Figure], commit: str, machine: str, file: Path = FILE) -> None:
    """Keep them, one line each, after what is there."""
    with file.open("a", encoding="utf-8") as lines:
        for figure in figures:
            lines.write(json.dumps(asdict(figure) | {"commit": commit, "machine": machine}) + "\n")


def show(figures: Iterable[Figure], console: Console) -> None:
    """As a table, in the order in which they were measured."""
    table = Table(box=None)
    for heading in ("figure", "value", "unit", "ratio", "of"):
        table.add_column(heading, justify="right" if heading in NUMERIC else "left", no_wrap=True)
    for figure in figures:
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        table.add_row(figure.name, shown(figure.value), figure.unit, ratio, figure.reference or "")
    console.print(table, crop=False, soft_wrap=True)


def shown(value: float) -> str:
    """Four digits of it, or all digits before the point."""
    return f"{value:,.4g}" if value < 1000 else f"{value:,.0f}"
