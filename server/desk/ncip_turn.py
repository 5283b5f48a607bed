"""One NCIP message's turn at the desk: which partner asks which library, by which profile, when.  Values only."""

from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, date, datetime
from typing import Final

from backend.commands import PinProof
from backend.lookup_outcomes import ItemFound, PatronFound
from backend.model import AskedBy, BranchId, LibraryId
from backend.outcomes import Outcome
from backend.partner_outcomes import RequestFound
from backend.value import value
from protocols.ncip.kinds import Coded
from protocols.ncip.moments import Moment
from protocols.ncip.profiles import PLAIN, Profile
from server.desk.ncip_manner import NcipManner
from server.desk.turn import Library
from server.desk.wording import Wording, choose_language

DEFAULTS: Final = NcipManner()


@value(frozen=True, slots=True, kw_only=True)
class NcipTurn:
    """Everything beside the message that a translation may depend on.

    `agency` is the library's id as the partner knows it, `partner` the partner's own.  `persons`: it may be told about
    people.  `pin` is what is known of the user's PIN.
    """

    profile: Profile = PLAIN
    manner: NcipManner = DEFAULTS
    asked_by: AskedBy
    library: Library
    agency: str
    partner: str
    own_ids: tuple[str, ...] = ()  # every id the library is known by
    own_agencies: Mapping[LibraryId, tuple[str, ...]] = field(default_factory=dict)  # and every library of ours
    found_at: LibraryId | None = None  # to whom an order was sent that is this library's, where it is to be collected
    aliases: tuple[str, ...] = ()  # other ids of either side
    own_branches: tuple[BranchId, ...] = ()  # where a request can be collected
    postal_address: str = ""
    persons: bool = True
    now: datetime
    pin: PinProof = PinProof.ABSENT
    found: RequestFound | None = None  # the request that the message names by its number

    def words(self, patrons: str | None = None) -> Wording:
        """Words for the patron whose own language is `patrons`."""
        return Wording(choose_language(patrons, None, None, self.library.languages, {}), self.library.branches)

    @property
    def agency_id(self) -> Coded:
        """AgencyId of what is ours."""
        return Coded(self.agency)

    def last_day(self, day: date) -> Moment:
        """A last day: its end, with the offset of that day; C-03."""
        return Moment(self.library.time.end_of(day))

    def due(self, instant: datetime) -> Moment:
        """A due date as the library's wall clock has it."""
        return Moment(self.library.time.local(instant))

    def event(self, instant: datetime) -> Moment:
        """Something that happened."""
        return Moment(instant.astimezone(UTC))

    def when(self, moment: Moment | None) -> datetime | None:
        """The instant that the partner wrote; a date alone is its start."""
        return None if moment is None else moment.at(self.library.time.zone)

    def until(self, moment: Moment | None) -> datetime | None:
        """The end of what the partner wrote: of the day, where its profile writes days as instants."""
        if moment is None:
            return None
        if self.profile.due_dates_are_days:
            return moment.last_day(self.library.time.zone)
        return moment.at(self.library.time.zone, last=True)

    def day(self, moment: Moment | None) -> date | None:
        """The library's date of a last day that the partner wrote."""
        instant = self.until(moment)
        return None if instant is None else self.library.time.today(instant)


@value(frozen=True, slots=True, kw_only=True)
class Heard:
    """What circulation answered, in the order asked, and what was looked up because the message wants to be told."""

    outcomes: tuple[Outcome, ...]
    item: ItemFound | None = None
    patron: PatronFound | None = None

    @property
    def outcome(self) -> Outcome:
        """Of the first command."""
        return self.outcomes[0]
