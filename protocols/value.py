"""Frozen values that are cheap to make: to the type checker `@value(frozen=True)` is `@dataclass(frozen=True)`.

A frozen dataclass stores each of its fields through `object.__setattr__`, to get past its own lock, which costs four
times as much (CPython 3.11); a message is made of ten and more. The type checker alone keeps the promise that nobody
changes one. Circulation has the same (`backend/value.py`), and knows nothing of us.
"""

from typing import TYPE_CHECKING

__all__ = ["value"]

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:
    from dataclasses import dataclass

    def value(*, frozen, **options):
        """`frozen` is always True: it is there for whoever reads, and for the type checker."""
        if not frozen:
            raise TypeError("a value is frozen; use a dataclass for what changes")
        return dataclass(unsafe_hash=options.get("eq", True), **options)
