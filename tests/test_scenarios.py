"""Every scenario of the lending rules by its number, over the wire, with a clock that is set and jobs that are run.

A scenario is a conversation: here in `scenarios/`, or among the transcripts that name it as their source. What neither
has stands in `scenarios/elsewhere.toml`, each with the reason and, where there is one, the test that shows it.
"""

import re
import sqlite3
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import conformance
from conformance.replay import replay
from conformance.transcript import Transcript, load_all, parse
from conformance.verdict import Result
from tests.daemon import Daemon

HERE = Path(__file__).parent / "scenarios"
TRANSCRIPTS = Path(conformance.__file__).parent / "transcripts"
NUMBER = re.compile(r"\bS-[0-9]{3}\b")
ALL = {f"S-{number:03}" for number in range(1, 139)}
CONVERSATIONS = load_all([HERE])


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with Daemon(tmp_path_factory.mktemp("town")) as daemon:
        yield daemon


@pytest.mark.slow
@pytest.mark.parametrize("scenario", CONVERSATIONS, ids=[one.path.stem for one in CONVERSATIONS])
def test_it_comes_about_as_told(town: Daemon, scenario: Transcript) -> None:
    refuse_other_than_told(town, scenario)


def refuse_other_than_told(town: Daemon, scenario: Transcript) -> None:
    verdict = replay(scenario, town.target())
    told = [f"line {line.line}: {fault}" for line in verdict.lines for fault in line.faults]
    assert verdict.result is Result.PASSED, [verdict.trouble, *told]


def test_every_scenario_is_here_or_has_its_reason() -> None:
    here = {number for one in CONVERSATIONS for number in NUMBER.findall(one.header["source"])}
    there = {number for path in TRANSCRIPTS.rglob("*.txt") for number in named_by(path)}
    elsewhere = tomllib.loads((HERE / "elsewhere.toml").read_text(encoding="utf-8"))
    assert {number for number, told in elsewhere.items() if not told["reason"]} == set()
    assert set(elsewhere) & (here | there) == set()
    assert ALL - here - there - set(elsewhere) == set()


def named_by(path: Path) -> set[str]:
    """The scenarios that a transcript, of whichever protocol, has as its source."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {number for line in lines if line.startswith("source") for number in NUMBER.findall(line)}


def test_a_test_that_is_named_is_there() -> None:
    elsewhere = tomllib.loads((HERE / "elsewhere.toml").read_text(encoding="utf-8"))
    for told in elsewhere.values():
        if "test" in told:
            file, _, name = told["test"].partition("::")
            assert f"def {name}(" in (HERE.parent.parent / file).read_text(encoding="utf-8")


# ---- told here, because a conversation on file cannot know a number that is made on the way ----------------------


INVOICED = """\
title  = An invoice, part of which is returned, is paid under the same number
source = S-095, ASK-24, C-24
level  = must
world  = fixtures
clock  = 2026-04-20T12:00:00+02:00
given.loan = { item = "AB1", patron = "A1", lent = 2026-02-09, due = 2026-03-09 }
given.loan = { item = "AC1", patron = "A1", lent = 2026-02-09, due = 2026-03-09 }
given.loan = { item = "AD1", patron = "A1", lent = 2026-03-02, due = 2026-03-09 }
terminal = T-ASK-H

JOB 2026-03-16
JOB 2026-03-30
JOB 2026-04-20
SC   23012{now}AOASK|AA{patron.A1.card}|AC|AD{patron.A1.pin}|
ACS? 24~|BV1050.00|
"""
PAID = """\
title  = The rest is paid
source = S-095
level  = must
world  = none
clock  = 2026-04-24T12:00:00+02:00
terminal = T-ASK-H

SC   09N{now}{now}APASK-H|AOASK|ABAC1|AC|
ACS? 101~Y~|ABAC1|CV99|
SC   37{now}0100NOKBV1050.00|AOASK|AA{patron.A1.card}|AC|CG{kid}|
ACS? 38N~|
SC   37{now}0100NOKBV700.00|AOASK|AA{patron.A1.card}|AC|CG{kid}|
ACS? 38Y~|
SC   23012{now}AOASK|AA{patron.A1.card}|AC|AD{patron.A1.pin}|
ACS? 24~|BV0.00|
"""


@pytest.mark.slow
def test_part_of_an_invoice_is_returned_and_the_rest_paid_under_its_number(town: Daemon) -> None:
    refuse_other_than_told(town, parse(INVOICED, Path("S-095")))
    with sqlite3.connect(f"file:{town.data / 'skranke.db'}?mode=ro", uri=True) as records:
        [(kid, amount)] = records.execute("select kid, amount from invoices").fetchall()
    assert amount == 105_000
    target = replace(town.target(), secrets=town.secrets | {"kid": kid})
    verdict = replay(parse(PAID, Path("S-095")), target)
    assert verdict.result is Result.PASSED, [line.faults for line in verdict.lines]
