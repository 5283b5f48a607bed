"""Commands that prepare an installation: tables, the key, and which installation is meant."""

from pathlib import Path

import pytest

from tests.server.office.installation import Installation, run


def test_tables_are_made_once(tmp_path: Path) -> None:
    made = Installation(tmp_path)
    made.configure()
    assert made.skranke("database", "upgrade").out == "tables made\n"
    assert made.skranke("database", "upgrade").out == "the tables are of this version already\n"
    assert run("terminals", "list", "--data", str(tmp_path / "data")).out.startswith("there are no terminals yet")


def key_of(made: Installation) -> str:
    return (made.folder / "data" / "secret.key").read_text("ascii")


def test_the_key_is_made_with_the_tables_and_never_after_them_unasked(tmp_path: Path) -> None:
    made = Installation(tmp_path)
    made.configure()
    assert made.skranke("database", "upgrade").code == 0
    first = key_of(made)
    there = made.skranke("database", "new-key")
    assert (there.code, there.out, key_of(made)) == (1, "", first)
    (tmp_path / "data" / "secret.key").unlink()
    for words in (("database", "upgrade"), ("terminals", "list")):
        said = made.skranke(*words)
        assert (said.code, said.out, len(said.err.splitlines())) == (1, "", 1)
        assert "secret.key is gone" in said.err and "skranke database new-key" in said.err
    assert made.skranke("database", "new-key").out.startswith("a new key was made")
    assert key_of(made) != first
    assert made.skranke("terminals", "list").code == 0


def test_a_command_wants_to_know_which_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SKRANKE_CONFIG", raising=False)
    said = run("terminals", "list")
    assert said.code == 2
    assert "say which installation" in said.err
