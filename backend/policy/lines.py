"""Where in a TOML text a table or key stands. The parser keeps no positions, so the headings are read again here."""

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass

Path = tuple[str | int, ...]

_HEADING = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.\- ]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """Where something stands in a library's files. `number` counts the rows of its table, `line` the file's, from 1.

    `words` are the lines below the heading, as they are written.
    """

    table: str
    number: int
    file: str
    line: int
    words: str


class LineIndex:
    """Knows the line of `("loan", 2, "days")`; of a path that it cannot find, the line of what encloses it."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        self._seen: Counter[Path] = Counter()
        self._text = text.splitlines()
        self._headings: list[int] = []  # their line numbers, ascending
        here: Path = ()
        for number, line in enumerate(self._text, start=1):
            if heading := _HEADING.fullmatch(line):
                here = self._enter(tuple(heading[2].replace(" ", "").split(".")), is_row=heading[1] == "[[")
                self._lines.setdefault(here, number)
                self._headings.append(number)
            elif key := _KEY.match(line):
                self._lines.setdefault((*here, key[1]), number)

    def line(self, path: Path) -> int:
        """Counted from 1; line 1 when nothing of the path is written."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._lines:
                return self._lines[path[:length]]
        return 1

    def passage(self, path: Path) -> str:
        """What stands below the heading of a table or row, up to the next heading and without blank lines at its end.

        Comments that stand alone at the end belong to what comes next.
        """
        begins = self.line(path)
        after = bisect_right(self._headings, begins)
        ends = self._headings[after] - 1 if after < len(self._headings) else len(self._text)
        lines = self._text[begins:ends]
        while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
            lines.pop()
        return "\n".join(lines)

    def _enter(self, names: tuple[str, ...], is_row: bool) -> Path:
        """The path of a heading, with the number of the row in every array of tables that it stands in."""
        path: Path = ()
        for name in names[:-1]:
            path = (*path, name)
            if self._seen[path]:
                path = (*path, self._seen[path] - 1)
        path = (*path, names[-1])
        if not is_row:
            return path
        self._seen[path] += 1
        return (*path, self._seen[path] - 1)
