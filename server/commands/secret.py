"""PINs and passwords are read from a prompt or from standard input: a command line is everybody's to read."""

import secrets
import sys
from typing import Final

import typer

READABLE: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that a person takes for something else
LENGTH: Final = 16  # characters: 79 bits
LONGEST: Final = 60  # characters


def read_secret(what: str) -> str:
    """Typed twice, or the first line of standard input. Raises BadParameter for one that no machine could send."""
    if sys.stdin.isatty():
        said: str = typer.prompt(what, hide_input=True, confirmation_prompt=True)
    else:
        said = sys.stdin.readline().rstrip("\r\n")
    if not said or len(said) > LONGEST or not said.isprintable() or "|" in said:
        raise typer.BadParameter(f"a {what} has 1 to {LONGEST} characters, and no | among them")
    return said


def made_up() -> str:
    """A password nobody has to think of."""
    return "".join(secrets.choice(READABLE) for _ in range(LENGTH))
