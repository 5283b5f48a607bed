"""A library, its people and books, and a machine in it: made by hand, for tables of frames."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from backend.clock import LibraryTime
from backend.commands import Command, PinProof
from backend.lookup_outcomes import FeeView, HoldView, LoanView, PatronFound
from backend.model import (
    AccountId,
    AskedBy,
    BranchId,
    FeeKind,
    HoldId,
    Item,
    ItemId,
    LibraryId,
    LoanId,
    Patron,
    PatronId,
    TitleId,
)
from backend.money import Money
from backend.outcomes import About, Outcome, Reason, Refusal, Refused, Standing
from protocols.sip2.codec import decode, encode
from protocols.sip2.dialects import FEE_ITEMS, PATRON_DETAILS, SORTING, Dialect
from protocols.sip2.table import Message
from server.desk import sip2
from server.desk.manner import Manner
from server.desk.turn import Library, Turn

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NOON = datetime(2026, 2, 12, 12, 0, tzinfo=STOCKHOLM)
DUE = datetime(2026, 3, 2, 23, 59, 59, tzinfo=STOCKHOLM)
MAIN, BRANCH = BranchId("KAL-S"), BranchId("KAL-B")

KALMAR = Library(
    id=LibraryId("KAL"),
    institution="KAL",
    name="Kalmar stadsbibliotek",
    time=LibraryTime(STOCKHOLM),
    currency="SEK",
    languages=("sv", "en"),
    branches={MAIN: "Stadsbiblioteket", BRANCH: "Berga", BranchId("ASK-H"): "Asker"},
    others={LibraryId("BAR"): "Bærum bibliotek"},
)
KIOSK = AskedBy(account=AccountId("kasse1"), library=LibraryId("KAL"), branch=MAIN)
EVERYTHING = Dialect(
    encoding="utf-8",
    extensions=SORTING | PATRON_DETAILS | FEE_ITEMS | {"BL", "AQ"},
)
PLAIN = Dialect(encoding="utf-8")

BOOK = About(
    patron_known=True,
    title="Sult",
    barcode="30127731",
    material="book",
    media_type="001",
    magnetic=False,
    properties="",
)
KARIN = Patron(
    id=PatronId(1),
    library=LibraryId("KAL"),
    card="20001001",
    family_name="Lind",
    given_name="Karin",
    birth_date=date(1985, 4, 12),
    home_branch=MAIN,
    language="sv",
    expires=date(2027, 1, 31),
    address="Storgatan 1, 392 32 Kalmar",
    email="karin@example.se",
    phone="070-000",
)
SULT = Item(
    id=ItemId(1),
    library=LibraryId("KAL"),
    barcode="30127731",
    title_id=TitleId(1),
    title="Sult",
    media_type="001",
    home_branch=MAIN,
    present_branch=MAIN,
)
LOANS = tuple(
    LoanView(
        loan=LoanId(number),
        barcode=f"3000{number}",
        title=f"Bok {number}",
        author="",
        lent=NOON,
        due=DUE,
        renewals=0,
        overdue=number == 2,
        recalled=number == 3,
    )
    for number in (1, 2, 3)
)
HOLDS = (
    HoldView(hold=HoldId(1), title="Pan", barcode="40001", ready=True, pickup=MAIN, pickup_by=date(2026, 2, 19)),
    HoldView(hold=HoldId(2), title="Victoria", barcode=None, ready=False, pickup=MAIN, position=2),
)


def sek(text: str) -> Money:
    return Money.parse(text, "SEK")


FEES = (
    FeeView(
        id="F-1",
        kind=FeeKind.OVERDUE,
        owed=sek("20.00"),
        title="Sult/Hunger",
        barcode="30127731",
        raised=date(2026, 2, 1),
    ),
    FeeView(id="F-2", kind=FeeKind.CARD, owed=sek("10.00"), raised=date(2026, 2, 2)),
)
FOUND = PatronFound(at=NOON, patron=KARIN, standing=Standing(), owed=Money(0, "SEK"))
FULL = replace(
    FOUND,
    about=About(patron_known=True, language="sv"),
    owed=sek("30.00"),
    limit=sek("75.00"),
    loans=LOANS,
    holds=HOLDS,
    fees=FEES,
    items_limit=20,
    holds_limit=10,
    pin_asked=True,
)


def turn(
    manner: Mapping[str, Any] | None = None,
    *,
    pin: PinProof = PinProof.ABSENT,
    now: datetime = NOON,
    library: Library = KALMAR,
    **asker: Any,
) -> Turn:
    """A turn at Kalmar's first kiosk, with that much of its manner and rights changed."""
    return Turn(
        manner=Manner.model_validate(manner or {}),
        asked_by=replace(KIOSK, **asker),
        library=library,
        now=now.astimezone(UTC),
        pin=pin,
    )


def read(frame: str) -> Message:
    return decode(frame).message


def asked(frame: str, at: Turn | None = None) -> Command | Message:
    """What a frame asks of circulation."""
    return sip2.ask(read(frame), at or turn())


def answered(frame: str, outcome: Outcome, at: Turn | None = None, dialect: Dialect = PLAIN) -> str:
    """The frame that answers it."""
    return encode(sip2.answer(read(frame), outcome, at or turn()), dialect)


def no(*refusals: Refusal, about: About = BOOK) -> Refused:
    return Refused(at=NOON, about=about, refusals=refusals)


AT = "20260212    120000"
OK = " " * 14
DENIED = "YYYY" + " " * 10
STATUS = f"23012{AT}AOKAL|AA20001001|AC|AD2468|"
STRANGER = Refused(at=NOON, refusals=(Refusal(reason=Reason.UNKNOWN_PATRON),))


def info(summary: str = " " * 10, fields: str = "", language: str = "006") -> str:
    """A 63 for Karin."""
    return f"63{language}{AT}{summary}AOKAL|AA20001001|AC|{fields}"


def one(position: int) -> str:
    """A summary with one Y."""
    return " " * position + "Y" + " " * (9 - position)
