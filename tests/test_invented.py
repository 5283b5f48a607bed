"""Two libraries that nobody has thought of need a file each and no code: their rules over the wire.

The harbour library moves into Kalmar's branches, the mountain library into Asker's; patrons, books and machines stay.
A conversation's `rule` header names the answers of the policy's tables that it shows.
"""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.clock import FixedClock
from backend.model import LibraryId
from backend.policy.checking import check_files
from backend.policy.loader import load_files
from backend.policy.shelf import PolicyShelf
from conformance.replay import replay
from conformance.transcript import Transcript, load_all
from conformance.verdict import Result
from server.libraries import Front, Libraries
from tests.backend.policy.samples import FOLDER
from tests.daemon import Daemon

HERE = Path(__file__).parent
FILES = HERE / "backend" / "policy"
CONVERSATIONS = load_all([HERE / "invented"])

# Every answer whose exact meaning the rules lay down, and where a conversation shows it.
ANSWERS = {
    "loan": "days until hours count waiting_days max_items group min_age",
    "renewal": "automatic from while_waiting not_before_days until_due staff_only max",
    "hold": "on_shelf_holds pickup_count min_age allowed",
    "overdue": "per rounding count_closed grace_days grace_is_free cap cap_to_price suspend_days unset",
    "notice": "mode per bill",
    "replacement": "price minimum processing_fee cancel_on_return",
    "fee": "amount ask_first",
    "exempt": "kinds",
    "block": "debt_from lifts_below overdue_items_from stops",
    "return": "to accepted_at",
    "conventions": "due_time due_on_closed rounding renewal_from count_closed running_fines_count",
}


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped files, two of them replaced."""
    folder = tmp_path_factory.mktemp("rules") / "policies"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    harbour = moved("harbour", {"HAR-1": "KAL-S", "HAR-SHIP": "KAL-BUS", "HAR": "KAL"}, "KAL-B", "KAL-S")
    mountain = moved("mountain", {"MTN-1": "ASK-H", "MTN": "ASK"}, "ASK-B", "ASK-H")
    (folder / "kalmar.toml").write_text(harbour, "utf-8")
    (folder / "asker.toml").write_text(mountain, "utf-8")
    assert check_files([folder]).mistakes == ()
    return folder


def moved(name: str, names: dict[str, str], second: str, like: str) -> str:
    """An invented library's file, its branches named otherwise, and one branch more."""
    text = (FILES / f"{name}.toml").read_text("utf-8")
    for old, new in names.items():
        text = text.replace(f'"{old}"', f'"{new}"')
    return f'{text}\n[[branch]]\nid = "{second}"\nlike = "{like}"\n'


@pytest.fixture(scope="module")
def town(rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with Daemon(tmp_path_factory.mktemp("invented"), policies=rules) as daemon:
        yield daemon


@pytest.mark.slow
@pytest.mark.parametrize("told", CONVERSATIONS, ids=[one.path.stem for one in CONVERSATIONS])
def test_it_is_as_the_file_says(town: Daemon, told: Transcript) -> None:
    verdict = replay(told, town.target())
    faults = [f"line {line.line}: {fault}" for line in verdict.lines for fault in line.faults]
    assert verdict.result is Result.PASSED, [verdict.trouble, *faults]


def test_a_pin_lasts_as_long_as_the_library_says() -> None:
    """Half a minute at the harbour; that it ends then is shown with the clock of a line's session."""
    shelf = PolicyShelf(load_files([FILES / "harbour.toml", FILES / "mountain.toml"]))
    libraries = Libraries(shelf, FixedClock(datetime(2026, 2, 12, tzinfo=UTC)), Front())
    assert [libraries.of(LibraryId(name)).pin_lasts for name in ("HAR", "MTN")] == [30, 120]


def test_every_answer_is_shown() -> None:
    shown = {answer for one in CONVERSATIONS for answer in re.split(r",\s*", one.header["rule"])}
    wanted = {f"{table}.{key}" for table, keys in ANSWERS.items() for key in keys.split()}
    assert shown == wanted
