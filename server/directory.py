"""The data directory: who works in it, and the secret key that belongs to its database."""

import fcntl
from io import TextIOWrapper
from pathlib import Path

from backend.store.errors import StoreUnavailable
from backend.store.schema import SchemaState, schema_state
from server.config import Config
from server.keys import KEY_FILE, made, read_key

LOCK_FILE = "daemon.lock"


class AlreadyRunning(StoreUnavailable):
    """Another daemon has this data directory."""


class KeyLost(StoreUnavailable):
    """There is a database, and no key to it."""


class KeyThere(StoreUnavailable):
    """A key is there, and is not to be replaced."""


def opened_key(config: Config) -> bytes:
    """The installation's key, made when there is no database yet either. Raises StoreUnavailable.

    A new key beside old tables would find nobody by an identity number any more, and nobody would know why.
    """
    path = config.data / KEY_FILE
    try:
        return read_key(path)
    except FileNotFoundError:
        if schema_state(config.database_url) is SchemaState.EMPTY:
            return new_key(config)
    except (OSError, ValueError) as why:
        raise StoreUnavailable(f"{path}: {why}") from why
    raise KeyLost(
        f"{path} is gone, and the database is there: put the file back from the back-up, or accept that patrons are"
        " not found by the identity numbers on record: `skranke database new-key`"
    )


def new_key(config: Config) -> bytes:
    """A key where there is none. Raises StoreUnavailable."""
    path = config.data / KEY_FILE
    if path.exists():
        raise KeyThere(f"{path} is there: a new key is made only in place of a lost one")
    try:
        return made(path)
    except OSError as why:
        raise StoreUnavailable(f"{path}: {why.strerror}") from why


def data_directory(data: Path) -> None:
    """Make it if it is not there, for its owner only. Raises StoreUnavailable."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as why:
        raise StoreUnavailable(f"{data}: {why.strerror}") from why


def locked(data: Path) -> TextIOWrapper:
    """An exclusive lock on the data directory for as long as the returned file is open. Raises StoreUnavailable."""
    data_directory(data)
    try:
        lock = (data / LOCK_FILE).open("a", encoding="ascii")
    except OSError as why:
        raise StoreUnavailable(f"{data}: {why.strerror}") from why
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as why:
        lock.close()
        raise AlreadyRunning(f"{data}: another skranke daemon is running here") from why
    return lock
