"""Days as people write them on a command line."""

from datetime import date

import typer


def a_day(text: str | None) -> date | None:
    """Raises BadParameter."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as why:
        raise typer.BadParameter(f"a day is written 2026-05-17, not {text}") from why
