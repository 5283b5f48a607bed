"""The sample of a configuration, and of policies to begin from."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel

from server.accounts.settings import AccountSettings, Terminal
from server.config import Config, Listener, Log, Tls, Web, config_from, load_config
from tests.server.office.installation import run


@contextmanager
def sample(folder: Path) -> Iterator[Path]:
    path = folder / "skranke.toml"
    path.write_text(run("sample-config").out, "utf-8")
    yield path


def test_the_sample_works_as_it_is(tmp_path: Path) -> None:
    with sample(tmp_path) as path:
        config = load_config(path)
        said = run("check", "-c", str(path))
    assert said.code == 0
    assert (config.database, config.data, len(config.account)) == ("sqlite", tmp_path / "data", 0)
    assert all(address.startswith("127.0.0.1:") for address in config.addresses())


def test_every_setting_stands_in_the_sample(tmp_path: Path) -> None:
    """With its sign taken away, every line is a setting that is known; and no setting is missing."""
    with sample(tmp_path) as path:
        lines = path.read_text("utf-8").splitlines()
    whole = "\n".join(line[1:] if line.startswith("#") and not line.startswith("# ") else line for line in lines)
    for name in ("skranke.pem", "skranke.key", "machines-ca.pem", "partners-ca.pem"):
        (tmp_path / "tls").mkdir(exist_ok=True)
        (tmp_path / "tls" / name).write_text("", "ascii")
    written = tomllib.loads(whole)
    config_from(written, path)
    listeners, account = written["sip2"], written["account"][0]
    assert keys_of(Config) - {"data"} <= written.keys()
    assert keys_of(Listener) <= listeners[0].keys() | listeners[1].keys()
    assert keys_of(Tls) == listeners[1]["tls"].keys()
    assert keys_of(Web) == written["page"].keys()
    assert keys_of(Log) == written["log"].keys()
    assert keys_of(AccountSettings) == account.keys()
    assert keys_of(Terminal) == account["terminals"]["INNGANG"].keys()
    for name, group in groups_of(AccountSettings):
        table = account[name]
        assert keys_of(group) == table.keys(), name
        for inner, within in groups_of(group):
            assert keys_of(within) == table[inner].keys(), f"{name}.{inner}"


def keys_of(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def groups_of(model: type[BaseModel]) -> list[tuple[str, type[BaseModel]]]:
    """Tables within a table."""
    return [
        (field.alias or name, field.annotation)
        for name, field in model.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    ]


def test_policies_to_begin_from_are_copied_and_never_over_a_librarys_own(tmp_path: Path) -> None:
    own = tmp_path / "policies" / "kalmar.toml"
    own.parent.mkdir()
    own.write_text("# ours\n", "utf-8")
    assert run("sample-config", "--policies", str(own.parent)).code == 0
    assert own.read_text("utf-8") == "# ours\n"
    assert (own.parent / "asker.toml").exists()
