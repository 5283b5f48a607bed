"""What the parts of the store need of a session, which imports them all."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from backend.store.errors import PromiseBroken
from backend.store.statement import Row, Scalar, Statement


class Reads(Protocol):
    """Looks at the records."""

    def rows(self, statement: Statement, parameters: Mapping[str, Scalar]) -> Sequence[Row]:
        """Executes and reads."""
        ...


class Writes(Protocol):
    """Changes them."""

    def change(self, statement: Statement, parameters: Mapping[str, Scalar]) -> int:
        """Executes; the number of rows concerned."""
        ...


def must(session: Writes, statement: Statement, parameters: Mapping[str, Scalar], change: object) -> None:
    """Change exactly one row for `change`. Raises PromiseBroken when there is none such, or more."""
    concerned = session.change(statement, parameters)
    if concerned != 1:
        raise PromiseBroken(f"{type(change).__name__} concerned {concerned} rows and not one")
