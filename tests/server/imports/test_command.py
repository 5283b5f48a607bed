"""`skranke import` on a data directory without a daemon."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.commands.imports import app
from server.imports.reading import FileError
from server.keys import KEY_FILE, made
from tests.databases import template

ITEMS = "barcode,title,home_branch\n1,Sult,KAL-S\n2,,KAL-S\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    shutil.copy(template(), tmp_path / "skranke.db")
    made(tmp_path / KEY_FILE)
    (tmp_path / "items.csv").write_text(ITEMS)
    return tmp_path


def test_refused_rows_are_told_and_the_exit_status_says_so(data: Path) -> None:
    asked = ["items", str(data / "items.csv"), "--data", str(data), "--library", "KAL"]
    first, second = (CliRunner().invoke(app, asked) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (3, 3)
    assert "2 rows: 1 added, 0 changed, 0 as they were, 1 refused" in first.output
    assert "line 3: title: must not be empty" in first.output
    assert "2 rows: 0 added, 0 changed, 1 as they were, 1 refused" in second.output


def test_a_file_of_the_other_kind_is_refused_whole(data: Path) -> None:
    asked = ["patrons", str(data / "items.csv"), "--data", str(data), "--library", "KAL"]
    assert isinstance(CliRunner().invoke(app, asked).exception, FileError)
