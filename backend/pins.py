"""What is known of a patron's PIN when a command is queued (C-18)."""

from enum import StrEnum


class PinProof(StrEnum):
    """The PIN itself never comes this far."""

    ABSENT = "absent"
    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"  # too many wrong attempts today
