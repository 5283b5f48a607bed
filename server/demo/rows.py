"""What the demonstration town is written in: terminals, patrons and copies as rows of its file and of its worlds."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from backend.model import IdentifierKind, LibraryId
from backend.money import Money
from backend.store.intake import ItemIntake, Number, PatronIntake
from backend.store.titles import TitleIntake
from server.accounts.profiles import Profile
from server.media import media_type

Name = Annotated[str, StringConstraints(pattern=r"^\S+$", max_length=40)]
Amount = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}\.[0-9]{2}$")]
Words = Annotated[tuple[str, ...], BeforeValidator(lambda given: tuple(given) if isinstance(given, list) else given)]


class Written(BaseModel):
    """A row of TOML: every key known, every type exact."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class TownTerminal(Written):
    """A machine and where it stands."""

    login: Name
    branch: Name
    profile: Profile


class TownPatron(Written):
    """Somebody invented. `id` is the name by which examples and transcripts call the patron."""

    id: Name
    library: Name
    home: Name
    card: str = ""
    national: str = ""
    identity: str = ""
    family_name: str = ""
    given_name: str = ""
    born: date | None = None
    category: str = "adult"
    language: str = ""
    expires: date | None = None
    guardian: str = ""  # another patron's id
    guardian_consent: bool = False
    rules_accepted: bool = True
    unstaffed_agreement: bool = False
    address: str = ""
    email: str = ""
    phone: str = ""
    wants_notices: bool = False

    @property
    def readable_card(self) -> str:
        """The number that the patron shows."""
        return self.card or self.national

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The name they are called by serves as their user name, unless it is their card's number."""
        numbers = {
            IdentifierKind.USER_NAME: "" if self.card == self.id else self.id,
            IdentifierKind.CARD: self.card,
            IdentifierKind.NATIONAL: self.national,
            IdentifierKind.IDENTITY: self.identity,
        }
        return tuple((kind, number) for kind, number in numbers.items() if number)

    def intake(self, pin_hash: str | None) -> PatronIntake:
        """As an import would bring the person; `pin_hash` None for somebody without a PIN."""
        return PatronIntake(
            library=LibraryId(self.library),
            numbers=self.numbers,
            guardian=self.guardian or None,
            values={
                "family_name": self.family_name,
                "given_name": self.given_name,
                "birth_date": iso(self.born),
                "category": self.category,
                "language": self.language or None,
                "home_branch": self.home,
                "expires": iso(self.expires),
                "rules_accepted": self.rules_accepted,
                "guardian_consent": self.guardian_consent,
                "unstaffed_agreement": self.unstaffed_agreement,
                "pin_hash": pin_hash,
                "address": self.address,
                "email": self.email,
                "phone": self.phone,
                "wants_notices": self.wants_notices,
            },
        )


class TownItem(Written):
    """A copy. `title` is the name by which its title is called; `name` stands on the cover."""

    barcode: Name
    home: Name
    title: Name
    name: str
    author: str = ""
    year: int | None = None
    material: str = "book"
    audience: str = "adult"
    loan_type: str = "normal"
    language: str = ""
    flags: Words = ()
    price: Amount | None = None
    call_number: str = ""
    collection: str = ""
    lender_due: date | None = None

    def intake(self, library: LibraryId, currency: str) -> ItemIntake:
        """`currency` is the library's."""
        return ItemIntake(
            library=library,
            barcode=self.barcode,
            title=TitleIntake(title=self.name, author=self.author, year=self.year, record=self.title),
            values={
                "home_branch": self.home,
                "material": self.material,
                "audience": self.audience,
                "loan_type": self.loan_type,
                "language": self.language or None,
                "flags": " ".join(sorted(self.flags)),
                "price": Money.parse(self.price, currency).minor if self.price else None,
                "currency": currency if self.price else None,
                "media_type": media_type(self.material),
                "security_marker": "01",  # the town's gates read the tags of RFID, not strips
                "call_number": self.call_number,
                "collection": self.collection,
                "lender_due": iso(self.lender_due),
            },
        )


class TownShelf(TownItem):
    """Several copies of one kind, as the file writes them."""

    barcode: Name = Field(default="-", exclude=True)
    barcodes: Annotated[tuple[Name, ...], BeforeValidator(lambda given: tuple(given))]

    def copies(self) -> list[TownItem]:
        """One item for each barcode, alike in all else."""
        return [TownItem(**{**self.model_dump(exclude={"barcodes"}), "barcode": barcode}) for barcode in self.barcodes]


def iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
