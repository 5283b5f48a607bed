"""Whose clock counts when a machine uploads what it did while it was alone (C-19)."""

from datetime import datetime
from typing import Final

from backend.commands import CheckIn
from backend.facts import Facts

OLDEST: Final = 7  # calendar days of the library's that an upload may lie back; before that its clock is not believed


def believed_at(facts: Facts, said: datetime) -> datetime | None:
    """When it happened; None for a clock that cannot be right: in the future, or more than a week of days ago."""
    time = facts.policy.time
    age = time.today(facts.now) - time.today(said)
    return said if said <= facts.now and age.days <= OLDEST else None


def uploaded(facts: Facts, command: CheckIn) -> datetime | None:
    """The date of a return that a machine took while it was alone; None for one that is made now."""
    if command.happened is None or not facts.asked_by.offline:
        return None
    return command.returned or command.happened.at
