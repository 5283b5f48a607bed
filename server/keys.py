"""The installation's secret key: one file in the data directory, readable by its owner only.

Whoever loses it loses the identity numbers, which are kept as hashes under it: back it up with the database.
"""

import hashlib
import os
import secrets
from pathlib import Path

KEY_FILE = "secret.key"
KEY_BYTES = 32


def read_key(path: Path) -> bytes:
    """Raises OSError, and ValueError when that is no key."""
    return bytes.fromhex(path.read_text("ascii").strip())


def made(path: Path) -> bytes:
    """A new one, written beside its name and linked into place: two processes that start together agree on one key."""
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
    return read_key(path)


def derived(key: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose, so that no two uses share one."""
    return hashlib.blake2b(purpose.encode(), key=key, digest_size=KEY_BYTES).digest()
