"""11, 29 and 65: what is asked, and the exact frame for each outcome."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from backend.commands import CheckOut, Happened, PinProof, Renew, RenewAll, UndoCheckIn
from backend.model import BranchId, ChargeId, FeeKind, LoanId
from backend.outcomes import (
    About,
    CheckedOut,
    CheckInUndone,
    LoanLine,
    Outcome,
    Reason,
    Refusal,
    Renewed,
    RenewedAll,
)
from protocols.sip2.codec import encode
from protocols.sip2.dialects import Dialect
from protocols.sip2.table import Message
from tests.server.desk.town import BOOK, DUE, EVERYTHING, NOON, PLAIN, STOCKHOLM, answered, asked, no, sek, turn

AT = "20260212    120000"
BLANK = " " * 18
WHO = "AOKAL|AA20001001|AB30127731|"
CHECKOUT = f"11NN{AT}{BLANK}AOKAL|AA20001001|AB30127731|AC|"
RENEW = f"29NN{AT}{BLANK}AOKAL|AA20001001|AB30127731|"
RENEW_ALL = f"65{AT}AOKAL|AA20001001|"
AH = "AH20260302    235959|"
RECEIPT = "AGSult|AGÅter senast 2026-03-02|"

LENT = CheckedOut(at=NOON, about=BOOK, loan=LoanId(7), due=DUE)
RENEWED = Renewed(at=NOON, about=BOOK, loan=LoanId(7), due=DUE, renewals=1)
TAPE = replace(BOOK, magnetic=True, media_type="005")
NOBODY = About(title="Sult", barcode="30127731", magnetic=False)
NOTHING = About(patron_known=True)


def plain(**changed: Any) -> CheckOut:
    usual: dict[str, Any] = {"patron": "20001001", "item": "30127731", "at": NOON.astimezone(STOCKHOLM)}
    return CheckOut(**(usual | changed))


@pytest.mark.parametrize(
    ("frame", "command", "why"),
    [
        (CHECKOUT, plain(), "an ordinary loan"),
        (CHECKOUT.replace("11N", "11Y"), plain(renew_if_mine=True), "the machine may renew"),
        (CHECKOUT + "BOY|", plain(fee_accepted=True), "the fee is accepted"),
        (CHECKOUT + "CH|", plain(), "empty properties are none"),
        (CHECKOUT + "CHvikt=310g|", plain(properties="vikt=310g"), "properties are kept"),
        (CHECKOUT.replace("11NN", "11NY"), plain(), "no block is not believed of an account that may not be off line"),
        (
            CHECKOUT.replace(AT, "20260210   Z233000", 1),
            plain(at=datetime(2026, 2, 10, 23, 30, tzinfo=UTC)),
            "a stamp in UTC is an instant: already the 11th in Stockholm",
        ),
        (CHECKOUT.replace(AT, BLANK, 1), plain(at=None), "no usable time"),
        (CHECKOUT + "BIY|", UndoCheckIn(patron="20001001", item="30127731", at=NOON), "undo of a return"),
    ],
)
def test_what_a_checkout_asks(frame: str, command: object, why: str) -> None:
    assert asked(frame) == command, why


@pytest.mark.parametrize(
    ("at", "due", "happened"),
    [
        ("20260210   Z233000", BLANK, Happened(at=datetime(2026, 2, 10, 23, 30, tzinfo=UTC))),
        (
            "20260210    113000",
            "20260310    235959",
            Happened(
                at=datetime(2026, 2, 10, 11, 30, tzinfo=STOCKHOLM),
                due=datetime(2026, 3, 10, 23, 59, 59, tzinfo=STOCKHOLM),
            ),
        ),
        (BLANK, "0" * 18, Happened(at=NOON)),
    ],
)
def test_a_loan_made_off_line(at: str, due: str, happened: Happened) -> None:
    command = asked(f"11NY{at}{due}AO|AA20001001|AB30127731|AC|", turn(offline=True))
    assert isinstance(command, CheckOut)
    assert command.happened == happened
    assert command.at is None or command.at == happened.at


def test_a_stamp_in_utc_falls_on_the_next_day_in_stockholm() -> None:
    command = asked(f"11NY20260210   Z233000{BLANK}AO|AA1|AB2|AC|", turn(offline=True))
    assert isinstance(command, CheckOut) and command.happened
    assert turn().library.time.today(command.happened.at) == date(2026, 2, 11)


def test_numbers_are_looked_up_as_the_library_wrote_them() -> None:
    manner = {
        "items": {"strip_prefix": "SE-KAL:", "strip_zeros": True},
        "patrons": {"add_prefix": "K", "length": 9, "upper": True},
        "fees": {"always_accepted": True},
    }
    command = asked(f"11NN{AT}{BLANK}AO|AA k123 |ABSE-KAL:000777|AC|", turn(manner, pin=PinProof.RIGHT))
    assert command == plain(patron="KK123", item="777", pin=PinProof.RIGHT, fee_accepted=True)


def test_numbers_are_padded_and_kept() -> None:
    manner = turn({"patrons": {"length": 8}, "items": {"strip_zeros": True}}).manner
    assert manner.patrons.normal("123") == "00000123"
    assert manner.patrons.normal("A1") == "A1"
    assert manner.items.normal("0000") == "0"


BLOCKED = Refusal(reason=Reason.DEBT_LIMIT, amount=sek("80.00"), limit=sek("75.00"))
YOUNG = Refusal(reason=Reason.AGE_LIMIT, age=15)
FEE = Refusal(reason=Reason.FEE_ACK, amount=sek("20.00"), fee=FeeKind.ILL)
MAX = Refusal(reason=Reason.MAX_RENEWALS, count=3)
LENT_TEXT = f"{WHO}AJSult|{AH}CK001|{RECEIPT}"


@pytest.mark.parametrize(
    ("outcome", "sent", "why"),
    [
        (LENT, f"121NNY{AT}{LENT_TEXT}", "a good loan"),
        (replace(LENT, renewed=True), f"121YNY{AT}{LENT_TEXT}", "the patron had it: renewed"),
        (RENEWED, f"121YNY{AT}{LENT_TEXT}", "whichever way circulation says so"),
        (replace(LENT, about=TAPE), f"121NYY{AT}{WHO}AJSult|{AH}CK005|{RECEIPT}", "a tape is magnetic"),
        (
            replace(LENT, fee=sek("20.00"), fee_kind=FeeKind.ILL, charge=ChargeId(12)),
            f"121NNY{AT}{WHO}AJSult|{AH}BT02|BHSEK|BV20.00|CK001|BK12|{RECEIPT}",
            "a loan that costs something",
        ),
        (
            replace(LENT, notes=(Refusal(reason=Reason.COURSE_ADVICE),)),
            f"121NNY{AT}{WHO}AJSult|{AH}CK001|AFKurslitteratur: fråga först ditt universitetsbibliotek|{RECEIPT}",
            "a note beside the loan",
        ),
        (
            CheckInUndone(at=NOON, about=BOOK, loan=LoanId(7), due=DUE),
            f"121NNY{AT}{LENT_TEXT}",
            "the loan goes on",
        ),
        (
            no(BLOCKED, YOUNG),
            f"120NUN{AT}{WHO}AJSult|AH|AFSpärrad: du är skyldig 80.00 kr (gräns 75.00 kr)|AFÅldersgräns 15 år|",
            "two reasons, debt first",
        ),
        (
            no(FEE),
            f"120NUN{AT}{WHO}AJSult|AH|BT02|BHSEK|BV20.00|AFAvgift 20.00 kr. Godkänn för att låna|",
            "the machine can ask for the fee",
        ),
        (no(Refusal(reason=Reason.ON_LOAN_OTHER)), f"120NUN{AT}{WHO}AJSult|AH|AFRedan utlånad|", "out to another"),
        (
            no(Refusal(reason=Reason.ALREADY_YOURS)),
            f"120YNN{AT}{WHO}AJSult|AH|AFDu har redan lånat den|",
            "one's own, and the machine may not renew",
        ),
        (
            replace(no(BLOCKED), due=DUE),
            f"120YNN{AT}{WHO}AJSult|AH|AFSpärrad: du är skyldig 80.00 kr (gräns 75.00 kr)|",
            "one's own, and something else stands against renewing it",
        ),
        (no(MAX), f"120YNN{AT}{WHO}AJSult|AH|AFRedan omlånad 3 gånger|", "one's own, not renewable"),
        (
            no(Refusal(reason=Reason.UNKNOWN_ITEM), about=NOTHING),
            f"120NUN{AT}{WHO}AJ|AH|AFOkänt exemplar|",
            "an unknown item has no title",
        ),
        (
            no(Refusal(reason=Reason.UNKNOWN_PATRON), about=NOBODY),
            f"120NUN{AT}{WHO}AJSult|AH|AFKortet är okänt|",
            "an unknown patron, a known item",
        ),
        (no(Refusal(reason=Reason.PIN_REQUIRED)), f"120NUN{AT}{WHO}AJSult|AH|AFAnge din pinkod|", "no PIN"),
    ],
)
def test_the_answer_to_a_checkout(outcome: Outcome, sent: str, why: str) -> None:
    assert answered(CHECKOUT, outcome) == sent, why


@pytest.mark.parametrize(
    ("outcome", "valid"),
    [
        (LENT, "BLY|"),
        (no(BLOCKED), "BLY|"),
        (no(Refusal(reason=Reason.UNKNOWN_ITEM), about=NOTHING), "BLY|"),
        (no(Refusal(reason=Reason.UNKNOWN_PATRON), about=NOBODY), "BLN|"),
    ],
)
def test_valid_patron_in_a_checkout_where_the_dialect_has_it(outcome: Outcome, valid: str) -> None:
    assert valid in answered(CHECKOUT, outcome, dialect=Dialect(encoding="utf-8", extensions=frozenset({"BL"})))


@pytest.mark.parametrize(
    ("forms", "due"),
    [
        ({}, "20260302    235959"),
        ({"due_date": "iso"}, "2026-03-02 23:59:59"),
        ({"due_date": "%d.%m.%Y"}, "02.03.2026"),
    ],
)
def test_the_form_of_a_due_date(forms: dict[str, str], due: str) -> None:
    assert f"AH{due}|" in answered(CHECKOUT, LENT, turn({"forms": forms}))


def test_receipts_and_confirmations_are_the_accounts_choice() -> None:
    sent = answered(CHECKOUT, LENT, turn({"screen": {"receipts": False, "confirm_loans": True}}))
    assert sent == f"121NNY{AT}{WHO}AJSult|{AH}CK001|AFÅter senast 2026-03-02|"
    narrow = replace(turn(), print_width=12)
    assert answered(CHECKOUT, LENT, narrow).endswith("AGSult|AGÅter senast|AG2026-03-02|")


@pytest.mark.parametrize(
    ("frame", "outcome", "manner", "sent"),
    [
        (RENEW, RENEWED, {}, f"301YNN{AT}{LENT_TEXT}"),
        (RENEW, RENEWED, {"desensitize_renewals": True}, f"301YNY{AT}{LENT_TEXT}"),
        (RENEW, no(MAX), {}, f"300NUN{AT}{WHO}AJSult|AH|AFRedan omlånad 3 gånger|"),
        (
            RENEW,
            no(Refusal(reason=Reason.LENDER_DECIDES)),
            {},
            f"300NUN{AT}{WHO}AJSult|AH|AFLångivande bibliotek tillfrågas|",
        ),
        (
            RENEW.replace("AB30127731", "AJSult"),
            RENEWED,
            {"screen": {"receipts": False}},
            f"301YNN{AT}{WHO}AJSult|{AH}CK001|",
        ),
        (
            RENEW.replace("AB30127731", "AJPan"),
            no(Refusal(reason=Reason.NOT_ON_LOAN), about=NOTHING),
            {},
            f"300NUN{AT}AOKAL|AA20001001|AB|AJPan|AH|AFInte utlånad|",
        ),
    ],
)
def test_the_answer_to_a_renewal(frame: str, outcome: Outcome, manner: dict[str, object], sent: str) -> None:
    assert answered(frame, outcome, turn(manner)) == sent


@pytest.mark.parametrize(
    ("frame", "command"),
    [
        (RENEW, Renew(patron="20001001", item="30127731", at=NOON)),
        (RENEW.replace("29N", "29Y"), Renew(patron="20001001", item="30127731", at=NOON, third_party=True)),
        (RENEW.replace("AB30127731", "AB|AJSult"), Renew(patron="20001001", title="Sult", at=NOON)),
        (RENEW + "BOY|", Renew(patron="20001001", item="30127731", at=NOON, fee_accepted=True)),
        (RENEW_ALL, RenewAll(patron="20001001", at=NOON)),
        (RENEW_ALL + "BOY|", RenewAll(patron="20001001", at=NOON, fee_accepted=True)),
    ],
)
def test_what_a_renewal_asks(frame: str, command: object) -> None:
    assert asked(frame) == command


def test_a_renewal_of_nothing_is_refused_at_once() -> None:
    answer = asked(RENEW.replace("AB30127731|", "AB|AJ|"))
    assert isinstance(answer, Message)
    assert encode(answer, PLAIN) == f"300NUN{AT}AOKAL|AA20001001|AB|AJ|AH|AFExemplarets nummer saknas|"


def test_sip2_net_marks_every_renewal_as_done() -> None:
    """`29YY` with now for a due date: not believed unless the account may be off line."""
    command = asked(f"29YY{AT}{AT}AO|AA1|AB2|")
    assert isinstance(command, Renew) and command.happened is None


def line(barcode: str, *refusals: Refusal) -> LoanLine:
    return LoanLine(barcode=barcode, title=f"Bok {barcode}", due=DUE, refusals=refusals)


MIXED = RenewedAll(at=NOON, renewed=(line("KB3"),), unrenewed=(line("KX1", MAX), line("KFF1")))


@pytest.mark.parametrize(
    ("outcome", "forms", "sent"),
    [
        (MIXED, {}, f"66100010002{AT}AOKAL|BMKB3|BNKX1|BNKFF1|AGBok KB3|AGÅter senast 2026-03-02|"),
        (
            MIXED,
            {"unrenewed_reasons": True, "loan_lists": "title"},
            f"6610001"
            f"0002{AT}AOKAL|BMBok KB3|BNBok KX1 Redan omlånad 3 gånger|BNBok KFF1|"
            "AGBok KB3|AGÅter senast 2026-03-02|",
        ),
        (RenewedAll(at=NOON), {}, f"66100000000{AT}AOKAL|"),
        (RenewedAll(at=NOON, unrenewed=(line("KX1"),)), {}, f"66000000001{AT}AOKAL|BNKX1|"),
        (no(Refusal(reason=Reason.PIN_WRONG)), {}, f"66000000000{AT}AOKAL|AFFel pinkod|"),
    ],
)
def test_the_answer_to_renew_all(outcome: Outcome, forms: dict[str, object], sent: str) -> None:
    assert answered(RENEW_ALL, outcome, turn({"forms": forms})) == sent


@pytest.mark.parametrize(
    ("language", "begins"), [("sv", "Spärrad"), ("nn", "Sperra"), ("en", "Blocked"), (None, "Spärrad")]
)
def test_the_patrons_own_language(language: str | None, begins: str) -> None:
    sent = answered(CHECKOUT, no(BLOCKED, about=replace(BOOK, language=language)))
    text = sent.partition("|AF")[2]
    assert text.startswith(begins) and "80.00" in text and "75.00" in text


def test_extensions_of_nobody_do_not_go_out() -> None:
    """A checkout says no more than 2.00 has, whatever the dialect."""
    assert answered(CHECKOUT, LENT, dialect=replace(EVERYTHING, extensions=frozenset({"CV"}))) == (
        f"121NNY{AT}{LENT_TEXT}"
    )


def test_another_branch_has_the_same_clock() -> None:
    assert answered(CHECKOUT, LENT, turn(branch=BranchId("KAL-B"))) == f"121NNY{AT}{LENT_TEXT}"
