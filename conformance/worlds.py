"""Worlds: the patrons, items and loans a conversation starts from, as TOML (`worlds/README.md`).

A world is text to us.  We compose it from a file and the rows of a transcript's header, and whoever runs the ACS makes
it true.
"""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

from conformance.draft import GIVEN_TABLES, Mistake, Opening, TranscriptError

FOLDER = Path(__file__).with_name("worlds")
FIXTURES = "fixtures"  # the town every world starts from, freshly reset
AS_IT_IS = "none"  # the conversation takes the world as it finds it


def compose(transcript: Opening) -> str | None:
    """The world of a transcript as TOML, header rows last; None if it takes the world as it is.

    Raises TranscriptError when the world file is missing or wrong.
    """
    if transcript.world == AS_IT_IS:
        return None
    world = read(transcript.world, transcript.path)
    for table, rows in transcript.given.items():
        world[table] = [*world.get(table, []), *rows]
    return write(world)


def read(name: str, wanted_by: Path) -> dict[str, Any]:
    """A world by name: its tables as lists of rows, and `extends`."""
    if name == FIXTURES:
        return {"extends": FIXTURES}
    path = FOLDER / f"{name}.toml"
    try:
        world = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TranscriptError([Mistake(wanted_by, 1, f"no world `{name}`: there is no {path.name}")]) from None
    except tomllib.TOMLDecodeError as trouble:
        raise TranscriptError([Mistake(path, 1, str(trouble))]) from trouble
    if mistakes := [Mistake(path, 1, reason) for reason in refuse_world(world)]:
        raise TranscriptError(mistakes)
    return world


def refuse_world(world: dict[str, Any]) -> list[str]:
    """What is wrong with a world's shape, in words."""
    wrong = [f"unknown table `{name}`" for name in world if name not in (*GIVEN_TABLES, "extends")]
    if world.get("extends") != FIXTURES:
        wrong.append(f'a world says `extends = "{FIXTURES}"`')
    return wrong


def write(world: dict[str, Any]) -> str:
    """A world as TOML text, one `[[table]]` a row."""
    lines = [f"extends = {_value(world['extends'])}"]
    for table in GIVEN_TABLES:
        for row in world.get(table, []):
            lines += ["", f"[[{table}]]", *(f"{key} = {_value(value)}" for key, value in row.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    """One TOML value: text, truth, whole number, date, instant, or a list of those."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
