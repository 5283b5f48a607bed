"""Who asked, what, with which outcome: the audit, and the memory that answers a repeat.

Commands and outcomes become JSON by their class names. What identifies a patron to others is left out of commands
(the row has the patron's number), and secrets are left out of both; what is left is enough to give the same answer
again, and to say why it was given.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from backend import lookup_outcomes, order_outcomes, outcomes, partner_outcomes
from backend.commands import Command, JobStep, RepeatKey
from backend.model import AskedBy, Hold, ItemId, Loan, PatronId
from backend.outcomes import Outcome, Refused
from backend.value import value


class Unreadable(ValueError):
    """A row that is damaged, or of a later version of the program; says its class, and nothing of what is in it."""


PATRONS_NUMBERS = frozenset({"patron", "new_card", "other"})  # fields of commands that hold a number as presented
COMMANDS: Mapping[str, type[Command]] = {cls.__name__: cls for cls in get_args(Command)}
STEPS: Mapping[str, type[JobStep]] = {cls.__name__: cls for cls in get_args(JobStep)}
OUTCOMES: Mapping[str, type[Outcome]] = {
    cls.__name__: cls
    for module in (outcomes, lookup_outcomes, partner_outcomes, order_outcomes)
    for cls in vars(module).values()
    if isinstance(cls, type) and issubclass(cls, Outcome) and cls is not Outcome
}


@value(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row to be written."""

    at: datetime
    asked_by: AskedBy
    command: Command | JobStep
    outcome: Outcome
    key: RepeatKey
    policy: str | None = None  # hash of the policy in force
    patron: PatronId | None = None
    item: ItemId | None = None
    transaction: str | None = None

    @property
    def granted(self) -> bool:
        """Whether it was done, with or without notes."""
        return not isinstance(self.outcome, Refused)

    @property
    def reason(self) -> str | None:
        """Of a refusal, the gravest."""
        return (
            self.outcome.refusals[0].reason.value
            if isinstance(self.outcome, Refused) and self.outcome.refusals
            else None
        )

    @property
    def policy_row(self) -> str | None:
        """The row of the policy that decided, as far as the outcome names it."""
        given = self.outcome.refusals if isinstance(self.outcome, Refused) else self.outcome.notes
        return next((refusal.row for refusal in given if refusal.row), None)


@value(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One row as it is read again."""

    id: int
    at: datetime
    account: str
    library: str
    branch: str
    channel: str
    command: str  # class name
    asked: str  # JSON
    answer: str  # class name
    outcome: str  # JSON
    granted: bool
    reason: str | None
    policy_row: str | None
    policy: str | None
    patron: int | None
    item: int | None

    def answered(self) -> Outcome:
        """Raises Unreadable."""
        return read_outcome(self.answer, self.outcome)

    def asked_fields(self) -> Mapping[str, Any]:
        """What was asked, as it was written; nothing of a row that cannot be read."""
        try:
            told: Mapping[str, Any] = adapter(dict).validate_json(self.asked)
        except ValidationError:
            return {}
        return told


def write_command(command: Command | JobStep) -> str:
    """JSON without the patron's numbers and without secrets."""
    return writer(type(command))(command).decode()


def read_command(name: str, written: str) -> Command | JobStep:
    """The command as it was journalled, its patron's numbers empty. Raises Unreadable."""
    cls: type[Command] | type[JobStep] | None = COMMANDS.get(name) or STEPS.get(name)
    if cls is None:
        raise Unreadable(f"there is no {name}")
    left_out = PATRONS_NUMBERS | set(secrets(cls))
    missing = {field.name: unsaid(field) for field in fields(cls) if field.name in left_out}
    try:
        command: Command | JobStep = adapter(cls).validate_python(missing | adapter(dict).validate_json(written))
    except ValidationError:
        raise Unreadable(f"not a {name}") from None  # the verdict quotes what it judges, and that may name a person
    return command


def unsaid(field: Field[Any]) -> Any:
    """What stands for a value that was left out: its default where that is no text, else nothing."""
    return "" if field.default is MISSING or isinstance(field.default, str) else field.default


def write_outcome(outcome: Outcome) -> str:
    """JSON without secrets."""
    return writer(type(outcome))(outcome).decode()


def read_outcome(name: str, written: str) -> Outcome:
    """The outcome as it was answered. Raises Unreadable."""
    if name not in OUTCOMES:
        raise Unreadable(f"there is no {name}")
    try:
        outcome: Outcome = adapter(OUTCOMES[name]).validate_json(written)
    except ValidationError:
        raise Unreadable(f"not a {name}") from None  # see above
    return outcome


def forgotten(outcome: Outcome) -> Outcome:
    """The same without what names a person: fields marked `personal`, and whole loans and holds."""
    plain: dict[str, Any] = {
        one.name: one.default
        for one in fields(outcome)
        if one.metadata.get("personal") or isinstance(getattr(outcome, one.name), Hold | Loan)
    }
    return replace(outcome, **plain)


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}
_SECRETS: dict[Any, dict[str, Any]] = {}
_WRITERS: dict[Any, Callable[[Any], bytes]] = {}


def adapter(cls: type[Any]) -> TypeAdapter[Any]:
    """Made when first needed, then kept."""
    found = _ADAPTERS.get(cls)
    if found is None:
        found = _ADAPTERS[cls] = TypeAdapter(cls)
    return found


def writer(cls: type[Any]) -> Callable[[Any], bytes]:
    """To JSON, without defaults, secrets and, of a command, the patron's numbers. Made once, as adapters are."""
    found = _WRITERS.get(cls)
    if found is None:
        numbers = {} if issubclass(cls, Outcome) else dict.fromkeys(PATRONS_NUMBERS, True)
        left_out = secrets(cls) | numbers
        to_json = adapter(cls).serializer.to_json
        found = _WRITERS[cls] = partial(to_json, exclude=left_out or None, exclude_defaults=True)
    return found


def secrets(cls: type[Any]) -> dict[str, Any]:
    """Where in a dataclass the fields marked `secret` are, as pydantic wants to have it."""
    if cls not in _SECRETS:
        _SECRETS[cls] = find_secrets(cls)
    return _SECRETS[cls]


def find_secrets(cls: type[Any]) -> dict[str, Any]:
    """Here and in the dataclasses within."""
    found: dict[str, Any] = {}
    hints = get_type_hints(cls)
    for field in fields(cls):
        parts: list[Any] = [hints[field.name], *get_args(hints[field.name])]
        within = [secrets(part) for part in parts if isinstance(part, type) and is_dataclass(part)]
        if field.metadata.get("secret"):
            found[field.name] = True
        elif any(within):
            found[field.name] = next(part for part in within if part)
    return found
