"""Where in a TOML text a table or key stands. The parser keeps no positions, so the headings are read again here."""

import re
from collections import Counter

Path = tuple[str | int, ...]

_HEADING = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.\- ]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")


class LineIndex:
    """Knows the line of `("loan", 2, "days")`; of a path that it cannot find, the line of what encloses it."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        self._seen: Counter[Path] = Counter()
        here: Path = ()
        for number, line in enumerate(text.splitlines(), start=1):
            if heading := _HEADING.fullmatch(line):
                here = self._enter(tuple(heading[2].replace(" ", "").split(".")), is_row=heading[1] == "[[")
                self._lines.setdefault(here, number)
            elif key := _KEY.match(line):
                self._lines.setdefault((*here, key[1]), number)

    def line(self, path: Path) -> int:
        """Counted from 1; line 1 when nothing of the path is written."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._lines:
                return self._lines[path[:length]]
        return 1

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
