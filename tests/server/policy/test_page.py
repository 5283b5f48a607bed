"""docs/policy.md says what is so: its examples stand in the shipped files or are run, its keys are the model's."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.policy.checking import check_files
from backend.policy.draft import SECTIONS, TABLES
from backend.policy.places import BusStop, DatedHours, WrittenBranch
from backend.policy.reference import BEGIN, page_with_keys, written_as
from backend.policy.rows import BlockWhen
from backend.policy.sections import RulesFrom
from tests.backend.policy.samples import FOLDER
from tests.server.office.installation import Installation, run
from tests.server.policy.conftest import Lending, lend, take

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[3] / "docs" / "policy.md"
TEXT = PAGE.read_text("utf-8")
EXAMPLE = re.compile(r"<!-- (\S+\.toml) -->\n```toml\n(.*?)```", re.DOTALL)
WHOLE = re.compile(r"<!-- a whole file -->\n```toml\n(.*?)```", re.DOTALL)
CONSOLE = re.compile(r"```console\n\$ (skranke .*?)\n(.*?)```", re.DOTALL)
TABLES_OF_KEYS = (*SECTIONS.values(), *TABLES.values(), BlockWhen, RulesFrom, WrittenBranch, DatedHours, BusStop)


def test_every_example_is_from_the_file_that_it_names() -> None:
    found = EXAMPLE.findall(TEXT)
    assert {file for file, _ in found} == {"asker.toml", "kalmar.toml", "lysekil.toml", "nynorsk.toml"}
    assert [text for file, text in found if text not in (FOLDER / file).read_text("utf-8")] == []


def test_the_whole_file_is_sound(tmp_path: Path) -> None:
    (tmp_path / "vik.toml").write_text(WHOLE.findall(TEXT)[0], "utf-8")
    found = check_files([tmp_path / "vik.toml"])
    assert (found.mistakes, found.warnings, found.libraries) == ((), (), ("VIK",))


def test_the_keys_are_the_models() -> None:
    assert page_with_keys(TEXT) == TEXT, "run: python -m backend.policy.reference docs/policy.md"


def test_every_key_is_explained_besides_being_listed() -> None:
    explained = TEXT[: TEXT.index(BEGIN)]
    names = {field.alias or name for cls in TABLES_OF_KEYS for name, field in cls.model_fields.items()}
    assert {name for name in names if not re.search(rf"\b{name}\b", explained)} == set()


def test_a_page_without_its_marks_is_left_alone() -> None:
    with pytest.raises(ValueError, match="has no"):
        page_with_keys("nothing")


def test_what_nobody_can_spell_is_not_listed() -> None:
    with pytest.raises(TypeError, match="nobody says"):
        written_as(complex)


# ---- what is typed and what comes out --------------------------------------------------------


@pytest.fixture
def kalmar(installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """In the policies' folder, with a loan on record that came back ten days late, and a changed file."""
    lending = Lending(installation)
    lending.do(lend("KB1"))
    lending.on("2026-03-22")
    lending.do(take("KB1"))
    shipped = tmp_path / "policies"
    shipped.mkdir()
    for path in FOLDER.glob("*.toml"):
        (shipped / path.name).write_text(path.read_text("utf-8"), "utf-8")
    text = (FOLDER / "kalmar.toml").read_text("utf-8").replace('amount = "2.00"', 'amount = "1.00"')
    (shipped / "one-krona.toml").write_text(text, "utf-8")
    monkeypatch.chdir(shipped)
    monkeypatch.setenv("SKRANKE_CONFIG", str(installation.config_file))
    return installation


@pytest.mark.parametrize(("typed", "expected"), CONSOLE.findall(TEXT))
def test_a_command_prints_what_the_page_says(kalmar: Installation, typed: str, expected: str) -> None:
    said = run(*shlex.split(typed)[1:])
    assert (said.code, said.err) == (0, "")
    assert re.fullmatch("\n".join(patterns(expected)), said.out.rstrip("\n")), said.out


def patterns(expected: str) -> Iterator[str]:
    """One for each line: `…` alone is any lines, within a line any text."""
    for line in expected.rstrip("\n").splitlines():
        yield r"(?:.*\n)*.*" if line == "…" else ".*".join(re.escape(part) for part in line.split("…"))
