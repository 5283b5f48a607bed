"""The installation's secret key: one file in the data directory, made at first need, readable by its owner only."""

import hashlib
import os
import secrets
from pathlib import Path

KEY_FILE = "secret.key"
KEY_BYTES = 32


def installation_key(data: Path) -> bytes:
    """The key in `data`, made if there is none. Raises OSError when the directory cannot be used.

    Whoever loses it loses the identity numbers, which are kept as hashes under it: back it up with the database.
    """
    path = data / KEY_FILE
    try:
        return bytes.fromhex(path.read_text("ascii").strip())
    except FileNotFoundError:
        return made(path)


def made(path: Path) -> bytes:
    """Written beside its name and linked into place: two processes that start together agree on one key."""
    draft = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(secrets.token_hex(KEY_BYTES) + "\n")
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its key is the key
    finally:
        draft.unlink()
    return bytes.fromhex(path.read_text("ascii").strip())


def derived(key: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose, so that no two uses share one."""
    return hashlib.blake2b(purpose.encode(), key=key, digest_size=KEY_BYTES).digest()
