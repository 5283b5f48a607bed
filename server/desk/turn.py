"""One message's turn at the desk: who stands there, at which library, when. Values only; knows no message."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from backend.clock import LibraryTime
from backend.commands import PinProof
from backend.model import AskedBy, BranchId, LibraryId
from protocols.sip2.stamp import Stamp
from server.desk.manner import Manner
from server.desk.wording import Wording, choose_language

LAST_SECOND = time(23, 59, 59)  # a day as SIP2 writes it; policies C-03


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """What the desk must know of the library it stands in.

    `branches` names every branch of the network that an item may be sent to, `others` the libraries.
    """

    id: LibraryId
    institution: str  # AO
    name: str
    time: LibraryTime
    currency: str
    languages: tuple[str, ...] = ("en",)
    branches: Mapping[BranchId, str] = field(default_factory=dict)
    others: Mapping[LibraryId, str] = field(default_factory=dict)
    pin_lasts: float = 120.0  # seconds without a message that a proven PIN lives (C-18)

    def find_branch(self, text: str | None) -> BranchId | None:
        """The branch called `text`, by id or name in any case; None when there is no such branch."""
        wanted = (text or "").strip().casefold()
        for branch, name in self.branches.items():
            if wanted and wanted in (branch.casefold(), name.casefold()):
                return branch
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Everything beside the message that a translation may depend on.

    `now` is aware.  `pin` is what is known of the patron's PIN.  `print_width` is what the machine said in 99, in
    characters, 0 when unknown.  `online` is False while circulation cannot be reached.
    """

    manner: Manner
    asked_by: AskedBy
    library: Library
    now: datetime
    pin: PinProof = PinProof.ABSENT
    print_width: int = 0
    online: bool = True

    @property
    def institution(self) -> str:
        """AO."""
        return self.manner.institution or self.library.institution

    def words(self, patrons: str | None = None, code: str | None = None) -> Wording:
        """Words for the patron whose own language is `patrons`, in a message that named the language `code`."""
        screen = self.manner.screen
        language = choose_language(patrons, code, screen.language, self.library.languages, screen.language_codes)
        return Wording(language, self.library.branches)

    def stamp(self, instant: datetime | None = None) -> Stamp:
        """The instant, or now, on the library's wall clock."""
        return Stamp.of(self.library.time.local(instant or self.now))

    def instant(self, stamp: Stamp | None) -> datetime | None:
        """When that was: a stamp in local time is the library's."""
        return None if stamp is None else stamp.at(self.library.time.zone)

    def day(self, stamp: Stamp | None) -> date | None:
        """The library's date at that moment: 23:30 UTC is tomorrow in Stockholm."""
        instant = self.instant(stamp)
        return None if instant is None else self.library.time.today(instant)


def last_second(day: date | None) -> Stamp | None:
    """A day as an eighteen-character date: its last second."""
    return None if day is None else Stamp(day, LAST_SECOND)
