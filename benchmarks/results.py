"""Figures: kept one JSON line each, shown as a table."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

FILE: Final = Path(__file__).with_name("results.jsonl")


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
    table = Table("figure", "value", "unit", "ratio", "of", box=None)
    for figure in figures:
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        table.add_row(
            figure.name,
            f"{figure.value:,.4g}" if figure.value < 1000 else f"{figure.value:,.0f}",
            figure.unit,
            ratio,
            figure.reference or "",
        )
    console.print(table)
