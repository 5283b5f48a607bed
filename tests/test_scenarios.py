"""Every scenario of the lending rules by its number, over the wire, with a clock that is set and jobs that are run.

A scenario is a conversation in `scenarios/`, or several, or a test of `test_scenarios_told.py` that bears its number
where a file cannot tell it. What has neither stands in `scenarios/elsewhere.toml`, each with the reason and, where
there is one, the test that shows it.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.draft import find
from tests.conversation import Conversation, read, refuse_other_than_told
from tests.daemon import Daemon

HERE = Path(__file__).parent / "scenarios"
ALL = {f"S-{number:03}" for number in range(1, 139)}
TOLD = re.compile(r"^def test_s([0-9]{3})_", re.MULTILINE)
CONVERSATIONS = [read(path) for path in find([HERE])]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with Daemon(tmp_path_factory.mktemp("town")) as daemon:
        yield daemon


@pytest.mark.slow
@pytest.mark.parametrize("scenario", CONVERSATIONS, ids=[one.path.stem for one in CONVERSATIONS])
def test_it_comes_about_as_told(town: Daemon, scenario: Conversation) -> None:
    refuse_other_than_told(town, scenario)


def test_every_scenario_is_here_or_has_its_reason() -> None:
    here = {number for one in CONVERSATIONS for number in one.scenarios} | told_in_words()
    elsewhere = tomllib.loads((HERE / "elsewhere.toml").read_text(encoding="utf-8"))
    assert {number for number, told in elsewhere.items() if not told["reason"]} == set()
    assert set(elsewhere) & here == set()
    assert ALL - here - set(elsewhere) == set()


def told_in_words() -> set[str]:
    """Those that have a test of their own."""
    return {f"S-{number}" for number in TOLD.findall((HERE.parent / "test_scenarios_told.py").read_text("utf-8"))}


def test_a_test_that_is_named_is_there() -> None:
    elsewhere = tomllib.loads((HERE / "elsewhere.toml").read_text(encoding="utf-8"))
    for told in elsewhere.values():
        if "test" in told:
            file, _, name = told["test"].partition("::")
            assert f"def {name}(" in (HERE.parent.parent / file).read_text(encoding="utf-8")
