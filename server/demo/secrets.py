"""The town's PINs, passwords and everything else a visitor needs, in `demo.json`: made at the first start, then kept.

The file is for its owner's eyes only. Its names are those that transcripts use: `patron.K1.pin` and so on.
"""

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from server.config import ConfigError
from server.demo.partners import Neighbour, neighbours, told_of
from server.demo.town import Town
from server.pins import hash_secret

FILE: Final = "demo.json"
ONLY_OWNER: Final = 0o600
LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
PASSWORD_LENGTH: Final = 10
TAKEN: Final = frozenset({"0000", "1234"})  # PINs that examples use as wrong ones
HASHERS: Final = 2  # threads; a hash takes 12 ms and 19 MiB


class DemoFileError(ConfigError):
    """`demo.json` is there and cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """`pins` by patron's name (fixtures), `others_pin` is everybody else's; `passwords` by terminal.

    `made_now`: nobody has had them before.
    """

    pins: Mapping[str, str] = field(repr=False)
    others_pin: str = field(repr=False)
    passwords: Mapping[str, str] = field(repr=False)
    salt: str = field(repr=False)
    partners: Mapping[str, str] = field(default_factory=dict, repr=False)  # secrets of partners that have one
    made_now: bool = False

    def neighbours(self) -> Mapping[str, Neighbour]:
        """The partners of the town, with their secrets."""
        return neighbours(self.partners.get("secretive", ""), self.partners.get("basic", ""))

    def partner_hashes(self) -> dict[str, str]:
        """By partner, as accounts keep them."""
        return self.hashes(self.partners.items())

    def pin_of(self, patron: str) -> str:
        """A patron's by name, else the one that everybody else has."""
        return self.pins.get(patron, self.others_pin)

    def hashes(self, wanted: Iterable[tuple[str, str]]) -> dict[str, str]:
        """argon2id of (name, secret) pairs by name; the same secrets give the same hashes. About 6 ms each."""
        pairs = list(wanted)
        with ThreadPoolExecutor(HASHERS) as pool:
            hashed = pool.map(lambda pair: hash_secret(pair[1], self._salt_of(pair[0])), pairs)
            return dict(zip((name for name, _ in pairs), hashed, strict=True))

    def _salt_of(self, name: str) -> bytes:
        return sha256(f"{self.salt} {name}".encode()).digest()[:16]

    def pin_hashes(self, town: Town) -> dict[str, str]:
        """By patron's name. Everybody but the fixtures shares one PIN and one hash: a start is quick."""
        named = self.hashes(self.pins.items())
        others = self.hashes([("everybody else", self.others_pin)])["everybody else"]
        return {name: named.get(name, others) for name in town.patrons}

    def password_hashes(self) -> dict[str, str]:
        """By terminal, as accounts keep them."""
        return self.hashes(self.passwords.items())


def keep_secrets(data: Path, town: Town) -> Secrets:
    """Those of the data directory; new terminals and fixtures get theirs. Raises DemoFileError."""
    kept = read_demo_file(data)
    terminals = kept.get("terminal", {})
    patrons = kept.get("patron", {})
    partner_secrets = kept.get("partner_secret", {})
    named = [name for name in town.patrons if name in town.fixtures]
    return Secrets(
        pins={name: patrons.get(name, {}).get("pin") or new_pin() for name in named},
        others_pin=kept.get("others_pin") or new_pin(),
        passwords={
            terminal.login: terminals.get(terminal.login, {}).get("password") or new_password()
            for terminal in town.terminals
        },
        partners={name: partner_secrets.get(name) or new_password() for name in ("secretive", "basic")},
        salt=kept.get("salt") or secrets.token_hex(16),
        made_now=not kept,
    )


def read_demo_file(data: Path) -> dict[str, Any]:
    """What an earlier start wrote, nothing before the first. Raises DemoFileError."""
    path = data / FILE
    try:
        kept = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as wrong:
        raise DemoFileError((f"{path}: cannot be read ({wrong}); move it away for new PINs and passwords",)) from wrong
    if not isinstance(kept, dict):
        raise DemoFileError((f"{path}: is no JSON object; move it away for new PINs and passwords",))
    return kept


def new_pin() -> str:
    """Four digits."""
    pin = f"{secrets.randbelow(10_000):04}"
    return new_pin() if pin in TAKEN else pin


def new_password() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(PASSWORD_LENGTH))


def write_demo_file(data: Path, town: Town, kept: Secrets, addresses: Mapping[str, str]) -> Path:
    """All of it, readable by its owner; `addresses` by service, such as `sip2`."""
    path = data / FILE
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    content = json.dumps(described(town, kept, addresses), ensure_ascii=False, indent=1)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, ONLY_OWNER), "w", encoding="utf-8") as file:
        file.write(content + "\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    return path


def described(town: Town, kept: Secrets, addresses: Mapping[str, str]) -> dict[str, Any]:
    """What the file holds: a table for each kind of thing, named in the singular, by the name that transcripts use."""
    return {
        "address": dict(addresses),
        "library": libraries_of(town),
        "terminal": terminals_of(town, kept),
        "patron": patrons_of(town, kept),
        "item": {
            barcode: {"barcode": barcode, "title": item.name, "material": item.material, "branch": item.home}
            for barcode, item in town.items.items()
        },
        "partner": told_of(kept.neighbours()),
        "partner_secret": dict(kept.partners),
        "others_pin": kept.others_pin,
        "salt": kept.salt,
    }


def libraries_of(town: Town) -> dict[str, Any]:
    return {
        library: {
            "institution": library,
            "name": policy.library.name,
            "currency": policy.currency,
            "branches": {branch.id: branch.name for branch in policy.branches.values()},
        }
        for library, policy in town.policies.items()
    }


def terminals_of(town: Town, kept: Secrets) -> dict[str, Any]:
    return {
        terminal.login: {
            "login": terminal.login,
            "password": kept.passwords[terminal.login],
            "library": town.library_of(terminal.branch),
            "branch": terminal.branch,
            "profile": terminal.profile,
        }
        for terminal in town.terminals
    }


def patrons_of(town: Town, kept: Secrets) -> dict[str, Any]:
    return {
        name: {
            "card": patron.readable_card,
            "pin": kept.pin_of(name),
            "library": patron.library,
            "branch": patron.home,
            "name": f"{patron.given_name} {patron.family_name}".strip(),
            "identifiers": {kind.value: number for kind, number in patron.numbers},
        }
        for name, patron in town.patrons.items()
    }
