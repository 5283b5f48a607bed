"""A policy file as TOML, with its lines: opened, and not yet understood."""

import re
import tomllib
from pathlib import Path

from backend.policy.draft import Source
from backend.policy.lines import LineIndex
from backend.policy.mistakes import PolicyError, PolicyMistake

_TOML_PLACE = re.compile(r"at line (\d+)")


def read_source(path: Path) -> Source:
    """Raises PolicyError when the file cannot be opened or is not TOML."""
    try:
        text = path.read_text(encoding="utf-8")
        return Source(path.name, tomllib.loads(text), LineIndex(text))
    except OSError as unopened:
        raise PolicyError([PolicyMistake(path.name, 1, "file", f"cannot be read: {unopened.strerror}")]) from unopened
    except UnicodeDecodeError as garbled:
        raise PolicyError([PolicyMistake(path.name, 1, "file", "is not written in UTF-8")]) from garbled
    except tomllib.TOMLDecodeError as broken:
        place = _TOML_PLACE.search(str(broken))
        line = int(place[1]) if place else text.count("\n") + 1
        raise PolicyError([PolicyMistake(path.name, line, "file", f"is not TOML: {broken}")]) from broken
