"""The shipped policies, and what the tests of this folder ask them with."""

from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from textwrap import dedent

from backend import policies
from backend.money import Money
from backend.policy.loader import PolicySet, load_files, load_policies
from backend.policy.mistakes import PolicyError, PolicyMistake
from backend.policy.model import Policy
from backend.policy.network import Network, load_network
from backend.policy.places import Branch

FOLDER = Path(policies.__path__[0])
THURSDAY = date(2026, 2, 12)


@cache
def shipped() -> PolicySet:
    return load_policies(FOLDER)


@cache
def norgeslan() -> Network:
    return load_network(FOLDER / "norgeslan.toml")


def policy_of(library_id: str) -> Policy:
    return shipped().in_force(library_id, THURSDAY)


def branch_of(branch_id: str) -> Branch:
    return policy_of(branch_id[:3]).branch(branch_id)


def day(text: str) -> date:
    return date.fromisoformat(text)


def at(policy: Policy, text: str, moment: str = "12:00") -> datetime:
    return policy.time.at(day(text), time.fromisoformat(moment))


def kroner(text: str, currency: str = "SEK") -> Money:
    return Money.parse(text, currency)


def written(folder: Path, text: str, name: str = "policy.toml") -> Path:
    path = folder / name
    path.write_text(dedent(text), encoding="utf-8")
    return path


def mistakes_of(*paths: Path) -> list[PolicyMistake]:
    """What the loader says about these files, in order; nothing when it takes them."""
    try:
        load_files(paths)
    except PolicyError as error:
        return list(error.mistakes)
    return []
