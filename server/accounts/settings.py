"""One terminal account, checked as it is read: every setting with its default, and what is derived from it.

The same value serves every connection of the account. It holds a password hash, never a password, and its repr holds
neither.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field, model_validator

from backend.commands import RepeatKey
from backend.model import AccountId, AskedBy, BranchId, Channel, LibraryId
from backend.plain_words import spelled
from protocols.sip2.dialects import Dialect
from server.accounts.profiles import PROFILES, Profile, over
from server.accounts.sources import Sources
from server.accounts.wire import Wire
from server.desk.manner import Manner, Settings

LONGEST_WINDOW: Final = 86_400  # seconds in which a repeat is still recognised

Name = Annotated[str, spelled(r"[^\s@|]{1,60}", "must be one word of 60 characters at most, without @ and |")]
Hash = Annotated[str, spelled(r"\$argon2id\$.*", "must be an argon2id hash, which begins with $argon2id$")]
Place = Annotated[str, Field(min_length=1, max_length=60)]


class Terminal(Settings):
    """One of several machines that share a login, told apart by the location code (CP) of their 93."""

    branch: Place | None = None
    """Where it stands; None: at the account's branch."""
    location: str = ""
    """AN; empty: the account's, else the branch's name."""


class Rights(Settings):
    """What the account may do beyond asking; see backend.model.AskedBy."""

    offline: bool = False
    """May upload what it did off line (no block = Y), and 98 says so. Otherwise the flag is read as N."""
    may_backdate: bool = False
    """Its return dates are believed: drops and sorters."""
    free_return_ok: bool = False
    """The return of an item that was not on loan is answered with ok."""
    may_block_cards: bool = True
    """01."""
    may_enable_patrons: bool = False
    """25: test systems only."""
    renews_for_others: bool = False
    """Renewals for somebody else's card, when the machine asks for third party."""
    may_overpay: bool = False
    """Takes more than is owed, as a credit."""


class Repeats(Settings):
    """How a message that was sent twice is recognised."""

    by_meaning: bool | None = None
    """Also by what it says, not by its bytes alone; None: when the message had error detection."""
    window: Annotated[int, Field(ge=1, le=LONGEST_WINDOW)] = 900
    """Seconds."""

    def key(self, frame: bytes | None) -> RepeatKey:
        """How a repeat of a message is recognised; `frame` is the digest of its bytes, None without error detection."""
        by_meaning = frame is not None if self.by_meaning is None else self.by_meaning
        return RepeatKey(frame=frame, by_meaning=by_meaning, window=self.window)


class Limits(Settings):
    """How much of our patience a machine has."""

    messages_per_minute: Annotated[int, Field(ge=0)] = 0
    """More are answered late, but within half of the time-out that 98 tells. 0: no limit."""
    blocked_cards_per_hour: Annotated[int, Field(ge=0)] = 10
    """01 beyond that is refused: a kiosk's bug must not lock out a town. 0: no limit."""
    connections: Annotated[int, Field(ge=0)] = 0
    """At the same time. 0: no limit."""
    failed_logins: Annotated[int, Field(ge=3)] = 3
    """In a row on one connection, which is then closed; three, so that the third may be the good one."""
    bad_frames: Annotated[int, Field(ge=1)] = 20
    """In a row, then the connection is closed."""
    longest_frame: Annotated[int, Field(ge=512, le=65_536)] = 8_192
    """Bytes."""
    idle: Annotated[int, Field(ge=0)] = 0
    """Seconds of silence after which a logged-in connection is closed. 0: never."""


class Recording(Settings):
    """Transcripts of real traffic."""

    on: bool = False
    mask_persons: bool = True
    """Secrets are always masked; this masks names, numbers and addresses too."""


class AccountSettings(Settings):
    """An account of `[[account]]`. `profile` fills in whatever is not written."""

    name: Name
    """In logs, journal and commands; the login user id (CN) unless `login` says otherwise."""
    library: Place
    branch: Place
    profile: Profile = "self-check"
    login: str | None = None
    password_hash: Hash | None = Field(default=None, repr=False)
    """argon2id; None: no login by password."""
    channel: Channel = Field(default=Channel.SELFCHECK, strict=False)
    """What policy rows match on."""
    sources: Sources = Sources()
    terminals: dict[Annotated[str, Field(min_length=1)], Terminal] = Field(default_factory=dict)
    """By location code."""
    wire: Wire = Wire()
    rights: Rights = Rights()
    repeats: Repeats = Repeats()
    limits: Limits = Limits()
    recording: Recording = Recording()
    answers: Manner = Field(default=Manner(), alias="manner")
    """How it likes its answers; written as `manner`."""

    @model_validator(mode="before")
    @classmethod
    def _start_from_profile(cls, written: object) -> object:
        if not isinstance(written, Mapping):
            return written
        bundle: Mapping[str, Any] = PROFILES.get(written.get("profile", "self-check"), {})
        return over(bundle, written)

    @property
    def user_id(self) -> str:
        """CN."""
        return self.login or self.name

    def dialect(self) -> Dialect:
        """How the machine's bytes look."""
        return self.wire.dialect()

    def asked_by(self, location_code: str | None = None) -> AskedBy:
        """Who asks, from the terminal of that location code; an unknown code is the account itself."""
        terminal = self.terminals.get(location_code or "")
        branch = terminal.branch if terminal else None
        return AskedBy(
            account=AccountId(f"{self.name}@{location_code}" if terminal else self.name),
            library=LibraryId(self.library),
            branch=BranchId(branch or self.branch),
            channel=self.channel,
            pin_always=self.answers.pin.rule == "always",
            **self.rights.model_dump(),
        )

    def manner(self, location_code: str | None = None) -> Manner:
        """How the machine of that location code likes its answers."""
        terminal = self.terminals.get(location_code or "")
        if terminal is None or not terminal.location:
            return self.answers
        return self.answers.model_copy(update={"terminal_location": terminal.location})
