"""`skranke policy explain`: for people on record, for circumstances made up, in words and as JSON."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.backend.policy.samples import FOLDER
from tests.server.office.installation import Installation, Said, run

pytestmark = pytest.mark.slow

KALMAR = str(FOLDER / "kalmar.toml")
THE_DAY = ("--day", "2026-02-12", "--library", "KAL")


def made_up(*words: str) -> Said:
    return run("policy", "explain", "--policy", KALMAR, "--day", "2026-02-12", *words)


def on_record(installation: Installation, *words: str) -> dict[str, Any]:
    said = installation.skranke("policy", "explain", *THE_DAY, "--json", *words)
    assert (said.code, said.err) == (0, "")
    found: dict[str, Any] = json.loads(said.out)
    return found


def row_of(found: dict[str, Any], table: str) -> dict[str, Any]:
    return next(row for row in found["tables"] if row["table"] == table)


def test_without_a_database() -> None:
    said = made_up("--material", "film.feature", "--age", "14")
    assert (said.code, said.err) == (0, "")
    assert "age 14, material film.feature, branch KAL-S" in said.out.splitlines()[0]
    line = (
        (FOLDER / "kalmar.toml")
        .read_text("utf-8")
        .splitlines()
        .index('id = "KAL-14"                 # feature films: a week, from 15 years')
    )
    assert f"loan: row 1, KAL-14, kalmar.toml:{line}\n" in said.out
    assert (
        "    days = 7\n    min_age = 15\n  => lent now, due Thursday 2026-02-19 23:59; refused: from 15 years\n"
        in said.out
    )
    assert "overdue: row 2, KAL-24" in said.out
    assert "     not KAL-25: branch_kind\n" in said.out


def test_a_loan_on_the_bus_and_its_fine() -> None:
    on_the_bus = made_up("--branch", "KAL-BUS", "--due", "2026-02-02")
    assert "  => not set: nothing is charged, and staff are told\n" in on_the_bus.out
    in_town = made_up("--due", "2026-02-02")
    assert "  => 2.00 SEK a day; 10 days late now: 20.00 SEK\n" in in_town.out
    assert "stands now" in made_up("--debt", "75.00").out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--branch", "KAL-9"), "KAL has no branch KAL-9; there are KAL-S, KAL-B, KAL-BUS"),
        (("--debt", "75"), 'an amount has two decimals, such as "75.00", not "75"'),
    ],
)
def test_what_cannot_be_asked(words: tuple[str, ...], why: str) -> None:
    said = made_up(*words)
    assert (said.code, said.err) == (1, f"skranke: {why}\n")


def test_a_patron_and_an_item_on_record(installation: Installation) -> None:
    found = on_record(installation, "--patron", "2000 1001", "--item", "KB1")
    assert (found["library"], found["facts"]["age"], found["facts"]["material"]) == ("KAL", 40, "book")
    loan = row_of(found, "loan")
    assert (loan["row"], loan["file"], loan["number"]) == ("KAL-08", "kalmar.toml", 7)
    assert row_of(found, "replacement")["answer"] == "310.00 SEK"
    assert row_of(found, "block")["answer"].endswith("does not stand now")
    assert found["answered"] == ["On loan until 2026-03-12"]
    back = on_record(installation, "--item", "KB1", "--op", "return")
    assert back["answered"] == []


def test_what_a_machine_would_refuse(installation: Installation) -> None:
    assert installation.skranke("staff", "charge", "20001001", "80.00", "--library", "KAL").code == 0
    found = on_record(installation, "--patron", "20001001", "--item", "KB1")
    assert row_of(found, "block")["answer"] == "debt from 75.00 SEK: stops checkout, renewal; stands now"
    assert found["answered"] == ["Blocked: you owe 80.00 SEK (limit 75.00 SEK)"]


def test_records_with_something_changed(installation: Installation) -> None:
    found = on_record(installation, "--patron", "20001001", "--item", "KB1", "--material", "game", "--age", "14")
    assert row_of(found, "loan")["answer"].endswith("refused: from 15 years")
    assert found["answered"] == []
    new = installation.folder / "new.toml"
    new.write_text((FOLDER / "kalmar.toml").read_text("utf-8").replace("days = 28", "days = 21"), "utf-8")
    found = on_record(installation, "--item", "KB1", "--policy", str(new))
    assert row_of(found, "loan")["answer"] == "lent now, due Thursday 2026-03-05 23:59"


def test_nobody_and_nothing_on_record(installation: Installation) -> None:
    said = installation.skranke("policy", "explain", *THE_DAY, "--patron", "99")
    assert (said.code, said.err) == (1, "skranke: KAL has no patron with this number\n")
    said = installation.skranke("policy", "explain", *THE_DAY, "--item", "99")
    assert (said.code, said.err) == (1, "skranke: no library here has an item 99\n")


def test_the_database_is_not_touched(installation: Installation) -> None:
    path = installation.folder / "data" / "skranke.db"
    before = path.read_bytes(), os.stat(path).st_mtime_ns
    on_record(installation, "--patron", "20001001", "--item", "KB1")
    assert (path.read_bytes(), os.stat(path).st_mtime_ns) == before


def test_a_library_must_be_named_where_there_are_several(installation: Installation) -> None:
    said = installation.skranke("policy", "explain", "--item", "KB1")
    assert said.code == 2
    assert "name a library" in said.err


# ---- check ------------------------------------------------------------------------------


def test_sound_files() -> None:
    said = run("policy", "check", str(FOLDER))
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[0].startswith("worth a look: kalmar.toml:136: overdue.KAL-25.amount: is not set")
    assert said.out.splitlines()[-1].startswith("good: policies of ASK, ")


def test_every_mistake_with_its_file_and_line(tmp_path: Path) -> None:
    text = (
        (FOLDER / "kalmar.toml")
        .read_text("utf-8")
        .replace('debt_from = "75.00"', 'debt_from = "0.00"')
        .replace("days = 28", "weeks = 4")
        .replace('id = "KAL-16"\n', 'id = "KAL-16"\nwhen = { branch = ["KAL-9"] }\n')
    )
    bad = tmp_path / "bad.toml"
    bad.write_text(text, "utf-8")
    said = run("policy", "check", str(bad), str(tmp_path / "none.toml"))
    assert said.code == 1
    lines = text.splitlines()
    told = [line.removeprefix("skranke: ").split(":", 3) for line in said.err.splitlines()]
    assert [(file, key.strip()) for file, _, key, _ in told] == [
        ("bad.toml", "loan.KAL-08.weeks"),
        ("bad.toml", "hold"),
        ("bad.toml", "hold.KAL-16.when.branch"),
        ("bad.toml", "block.KAL-26.when"),
        ("none.toml", "file"),
    ]
    assert [lines[int(line) - 1].split(" =")[0] for file, line, _, _ in told if file == "bad.toml"] == [
        "weeks",
        "[[hold]]",
        "when",
        "when",
    ]
    assert said.out.startswith("worth a look: bad.toml:137:")
    assert json.loads(run("policy", "check", "--json", str(bad)).out)["mistakes"][0]["key"] == "loan.KAL-08.weeks"
