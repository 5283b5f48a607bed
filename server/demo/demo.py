"""The demonstration as the daemon sees it: prepared, settled once, reset as often as somebody asks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import exists, select

from backend.clock import Clock
from backend.policy.shelf import PolicyShelf
from backend.store.intake import take_all
from backend.store.intake_patrons import take_patron
from backend.store.session import Session
from backend.store.store import Store
from backend.store.work import Work
from backend.tables import patrons
from server.demo.making import make, settle
from server.demo.partners import settings
from server.demo.secrets import Secrets, keep_secrets, write_demo_file
from server.demo.town import Town, load_town
from server.demo.worlds import World, read_world

# What the town's machines may do beyond their profile. Nobody is slowed down: testers send as fast as they can.
UNHURRIED: Final = {"messages_per_minute": 0, "blocked_cards_per_hour": 0}
OVER_PROFILE: Final[Mapping[str, Mapping[str, Any]]] = {
    "self-check": {
        "rights": {"free_return_ok": True, "offline": True},
        "wire": {"extensions": ["CV", "CT"]},
    },
}


@dataclass(frozen=True, kw_only=True)
class Demo:
    """A town, its secrets and its directory."""

    data: Path
    town: Town
    secrets: Secrets
    policies: PolicyShelf

    @cached_property
    def pin_hashes(self) -> Mapping[str, str]:
        """By patron's name. Half a second when first asked for: never on the reactor."""
        return self.secrets.pin_hashes(self.town)

    def accounts(self) -> list[dict[str, Any]]:
        """A table of settings for each terminal, as `AccountSettings` reads them. Hashes passwords: takes a moment."""
        hashes = self.secrets.password_hashes()
        return [
            {
                "name": terminal.login,
                "library": self.town.library_of(terminal.branch),
                "branch": terminal.branch,
                "profile": terminal.profile,
                "password_hash": hashes[terminal.login],
                "limits": dict(UNHURRIED),
                **OVER_PROFILE.get(terminal.profile, {}),
            }
            for terminal in self.town.terminals
        ]

    def agencies(self) -> list[dict[str, Any]]:
        """A table of settings for each partner system."""
        return settings(self.secrets.neighbours(), self.secrets.partner_hashes())

    def populate(self, store: Store, clock: Clock) -> bool:
        """Everybody moves in, unless they live there already: then nothing that happened is touched.

        True at the first start. New PINs, made because `demo.json` was gone, are given to those who live there.
        Waits for the store: not for the reactor's thread.
        """
        now = clock.now()
        if store.call(is_inhabited, write=False):
            if self.secrets.made_now:
                self.give_pins(store, now)
            return False
        store.call(partial(settle, town=self.town, pins=self.pin_hashes, now=now), write=True)
        return True

    def give_pins(self, store: Store, now: datetime) -> None:
        """Every patron of the town gets the PIN of `demo.json`."""
        people = (patron.intake(self.pin_hashes[name]) for name, patron in self.town.patrons.items())
        only_pins = (
            replace(one, numbers=one.numbers[:1], guardian=None, values={"pin_hash": one.values["pin_hash"]})
            for one in people
        )
        list(take_all(store, only_pins, take_patron, now))

    def read_world(self, text: str) -> World:
        """Raises WorldError with every mistake."""
        return read_world(text, self.town)

    def making(self, world: World, now: datetime) -> Work[None]:
        """What the store has to do to make the world."""
        pins = {name: self.pin_hashes.get(name, self.others_hash) for name in world.town.patrons}
        return partial(make, world=world, pins=pins, policies=self.policies, now=now)

    @property
    def others_hash(self) -> str:
        return next(digest for name, digest in self.pin_hashes.items() if name not in self.town.fixtures)

    def write_file(self, addresses: Mapping[str, str]) -> Path:
        """`demo.json`, with where the daemon listens, such as `{"sip2": "127.0.0.1:6001"}`.

        After `populate`: a start that is killed in between finds no file, makes new PINs and gives them to everybody.
        """
        return write_demo_file(self.data, self.town, self.secrets, addresses)


def prepare(data: Path, policies: PolicyShelf, now: datetime, seed: int = 1) -> Demo:
    """The town of this data directory, which must be there. Raises DemoFileError."""
    town = load_town(policies, now, seed)
    return Demo(data=data, town=town, secrets=keep_secrets(data, town), policies=policies)


def is_inhabited(session: Session) -> bool:
    return bool(session.query(select(exists(select(patrons.c.id))))[0][0])
