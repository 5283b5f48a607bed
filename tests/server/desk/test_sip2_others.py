"""15, 17, 19, 37 and 99: holds, items, money and the machine itself."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from backend.commands import CancelHold, ChangeHold, HoldScope, LookUpItem, PayFee, PinProof, PlaceHold, StoreProperties
from backend.lookup_outcomes import ItemFound
from backend.model import FeeKind, HoldId, ItemState, LibraryId
from backend.money import Money
from backend.outcomes import About, Done, FeePaid, HoldCancelled, HoldPlaced, Outcome, Reason, Refusal
from backend.staff_commands import WaiveFee
from protocols.sip2.codec import encode
from protocols.sip2.table import Message
from server.desk import sip2
from server.desk.sip2_fees import FEE_TYPES
from server.desk.sip2_machine import acs_status
from tests.server.desk.town import (
    BOOK,
    BRANCH,
    DUE,
    EVERYTHING,
    MAIN,
    NOON,
    PLAIN,
    SULT,
    answered,
    asked,
    no,
    read,
    sek,
    turn,
)

AT = "20260212    120000"


# ---- 15 ------------------------------------------------------------------------

HOLD = f"15+{AT}BW20260521    000000|BSBerga|BY2|AOKAL|AA20001001|AJ81549300|AC|"
PLACED = HoldPlaced(at=NOON, about=BOOK, hold=HoldId(3), position=3, pickup=BRANCH, expires=date(2026, 5, 21))


@pytest.mark.parametrize(
    ("frame", "command"),
    [
        (
            HOLD,
            PlaceHold(
                patron="20001001",
                title="81549300",
                scope=HoldScope.ANY_COPY,
                pickup="Berga",
                expires=date(2026, 5, 21),
                at=NOON,
            ),
        ),
        (f"15+{AT}AO|AA1|AB2|", PlaceHold(patron="1", item="2", at=NOON)),
        (f"15+{AT}AO|AA1|AB2|BY3|", PlaceHold(patron="1", item="2", scope=HoldScope.THIS_COPY, at=NOON)),
        (f"15+{AT}AO|AA1|AB2|BY4|", PlaceHold(patron="1", item="2", scope=HoldScope.ANY_COPY_AT_BRANCH, at=NOON)),
        (f"15+{AT}AO|AA1|AB2|BY7|BOY|", PlaceHold(patron="1", item="2", fee_accepted=True, at=NOON)),
        (
            f"15+{AT}BW20260521   Z233000|AO|AA1|AB2|",
            PlaceHold(patron="1", item="2", expires=date(2026, 5, 22), at=NOON),
        ),
        (f"15-{AT}AO|AA1|AB2|", CancelHold(patron="1", item="2", at=NOON)),
        (f"15*{AT}BSBerga|AO|AA1|AJ3|", ChangeHold(patron="1", title="3", pickup="Berga", at=NOON)),
    ],
)
def test_what_a_hold_asks(frame: str, command: object) -> None:
    assert asked(frame) == command


@pytest.mark.parametrize(
    ("frame", "outcome", "sent"),
    [
        (HOLD, PLACED, f"161N{AT}BW20260521    235959|BR3|BSBerga|AOKAL|AA20001001|AJ81549300|"),
        (
            f"15+{AT}AO|AA1|AB2|",
            replace(PLACED, expires=None, available=True, position=1),
            f"161Y{AT}BR1|BSBerga|AOKAL|AA1|AB2|AJSult|",
        ),
        (f"15-{AT}AO|AA1|AB2|", HoldCancelled(at=NOON, hold=HoldId(3)), f"161N{AT}AOKAL|AA1|AB2|"),
        (
            HOLD,
            no(Refusal(reason=Reason.ON_SHELF, branch=MAIN)),
            f"160N{AT}AOKAL|AA20001001|AJ81549300|AFFinns inne på Stadsbiblioteket|",
        ),
        (
            f"15-{AT}AO|AA1|AB2|",
            no(Refusal(reason=Reason.NO_SUCH_HOLD)),
            f"160N{AT}AOKAL|AA1|AB2|AFDet finns ingen sådan reservation|",
        ),
    ],
)
def test_the_answer_to_a_hold(frame: str, outcome: Outcome, sent: str) -> None:
    assert answered(frame, outcome) == sent


@pytest.mark.parametrize(
    ("frame", "sent"),
    [
        (f"15+{AT}AO|AA1|AB|AJ|", f"160N{AT}AOKAL|AA1|AFExemplarets nummer saknas|"),
        (f"15?{AT}AO|AA1|AB2|", f"160N{AT}AOKAL|AA1|AB2|AFMeddelandet kunde inte läsas|"),
    ],
)
def test_a_hold_that_says_too_little(frame: str, sent: str) -> None:
    answer = asked(frame)
    assert isinstance(answer, Message)
    assert encode(answer, PLAIN) == sent


# ---- 17 and 19 --------------------------------------------------------------------

ITEM = f"17{AT}AOKAL|AB30127731|AC|"
FOUND = ItemFound(at=NOON, about=BOOK, item=SULT, state=ItemState.SHELF)
END = f"{AT}CF0|AB30127731|AJSult|BGKAL|CK001|AQStadsbiblioteket|APStadsbiblioteket|"


@pytest.mark.parametrize(
    ("outcome", "sent", "why"),
    [
        (FOUND, f"18030101{END}", "on the shelf"),
        (
            replace(FOUND, on_loan=True, due=DUE, queue=2),
            f"18040101{END.replace('CF0|', 'CF2|AH20260302    235959|')}",
            "on loan, two are waiting",
        ),
        (
            replace(FOUND, on_loan=True, due=DUE, recalled_on=date(2026, 2, 1)),
            f"18070101{END.replace('CF0|', 'CF0|AH20260302    235959|CJ20260201    235959|')}",
            "recalled",
        ),
        (
            replace(FOUND, state=ItemState.HOLD_SHELF, pickup_by=date(2026, 2, 19)),
            f"18080101{END.replace('CF0|', 'CF0|CM20260219    235959|')}",
            "on the hold shelf until the 19th",
        ),
        (
            replace(FOUND, fee=sek("20.00"), fee_kind=FeeKind.ILL),
            f"18030102{END.replace('BGKAL|', 'BGKAL|BHSEK|BV20.00|')}",
            "a loan of it costs something",
        ),
        (
            replace(FOUND, item=replace(SULT, security_marker="02", properties="vikt=310g")),
            f"18030201{END}CHvikt=310g|",
            "marker and properties are given back",
        ),
        (
            replace(FOUND, item=replace(SULT, security_marker="99", media_type="999")),
            f"18030001{END.replace('CK001', 'CK000')}",
            "a code on record that no list has is sent as other",
        ),
        (
            replace(FOUND, item=replace(SULT, library=LibraryId("BAR"))),
            f"18030101{END.replace('BGKAL', 'BGBAR')}",
            "another library's",
        ),
        (
            no(Refusal(reason=Reason.UNKNOWN_ITEM), about=About()),
            f"18010101{AT}AB30127731|AJ|AFOkänt exemplar|",
            "unknown",
        ),
    ],
)
def test_the_answer_to_item_information(outcome: Outcome, sent: str, why: str) -> None:
    assert answered(ITEM, outcome) == sent, why


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        *(
            ({"state": state}, code)
            for state, code in zip(ItemState, ("03", "08", "10", "13", "12", "01", "01", "02", "06"), strict=True)
        ),
        ({"on_loan": True}, "04"),
        ({"on_loan": True, "billed": True}, "12"),
        ({"on_loan": True, "claimed_returned": True}, "11"),
        ({"on_loan": True, "recalled_on": date(2026, 2, 1)}, "07"),
    ],
)
def test_the_state_of_an_item(changed: dict[str, Any], status: str) -> None:
    assert answered(ITEM, replace(FOUND, **changed))[2:4] == status


def test_an_item_on_its_way_for_a_sorter() -> None:
    item = replace(SULT, call_number="Hce", collection="Vuxen")
    outcome = replace(FOUND, item=item, state=ItemState.TRANSIT, destination=BRANCH, hold_patron_card="20001003")
    told = turn({"privacy": {"hold_patron_id": True}})
    assert answered(ITEM, outcome, told, EVERYTHING).endswith("|CSHce|CTKAL-B|CRVuxen|CY20001003|")
    assert "CY" not in answered(ITEM, outcome, dialect=EVERYTHING)


def test_properties_are_kept_with_the_item() -> None:
    frame = f"19{AT}AOKAL|AB30127731|AC|CHvikt=310g|"
    assert asked(frame) == StoreProperties(item="30127731", properties="vikt=310g", at=NOON)
    assert answered(frame, Done(at=NOON, about=BOOK)) == f"201{AT}AB30127731|AJSult|CHvikt=310g|"
    unknown = no(Refusal(reason=Reason.UNKNOWN_ITEM), about=About())
    assert answered(frame, unknown) == f"200{AT}AB30127731|AFOkänt exemplar|"


def test_an_empty_field_clears_the_properties() -> None:
    frame = f"19{AT}AOKAL|AB30127731|AC|CH|"
    assert asked(frame) == StoreProperties(item="30127731", properties="", at=NOON)
    assert answered(frame, Done(at=NOON, about=BOOK)) == f"201{AT}AB30127731|AJSult|"


def test_looking_at_an_item_asks_for_nothing_else() -> None:
    assert asked(ITEM, turn({"items": {"strip_prefix": "301"}})) == LookUpItem(item="27731")


# ---- 37 --------------------------------------------------------------------------

PAID = f"37{AT}0402SEKBV40.00|AOKAL|AA20001001|AC|CGF-1007|BKTERM7-000123|"
PAY = PayFee(patron="20001001", amount=sek("40.00"), fee="F-1007", method="02", transaction="TERM7-000123", at=NOON)


@pytest.mark.parametrize(
    ("frame", "manner", "command", "why"),
    [
        (PAID, {}, PAY, "a machine's constant fee type does not choose the fees"),
        (PAID, {"fees": {"by_type": True}}, replace(PAY, kind=FeeKind.OVERDUE), "unless the account says so"),
        (PAID.replace("0402", "0202"), {"fees": {"by_type": True}}, PAY, "02 stands for several kinds"),
        (PAID.replace("40.00", "40,5"), {}, replace(PAY, amount=sek("40.50")), "a comma, one decimal"),
        (PAID.replace("SEK", "NOK"), {}, replace(PAY, amount=Money(4000, "NOK")), "circulation refuses the currency"),
        (PAID.replace("CGF-1007|BKTERM7-000123|", ""), {}, replace(PAY, fee=None, transaction=None), "neither"),
        (PAID.replace("CGF-1007", "CG"), {}, replace(PAY, fee=None), "an empty fee is none"),
        (
            PAID.replace("0402", "0406"),
            {"fees": {"write_off_type": "06"}},
            WaiveFee(patron="20001001", fee="F-1007", amount=sek("40.00"), at=PAY.at),
            "let go",
        ),
    ],
)
def test_what_a_payment_asks(frame: str, manner: dict[str, Any], command: object, why: str) -> None:
    assert asked(frame, turn(manner)) == command, why


def test_a_write_off_names_its_fee() -> None:
    answer = asked(PAID.replace("CGF-1007|", ""), turn({"fees": {"write_off_type": "02"}}))
    assert isinstance(answer, Message)
    assert encode(answer, PLAIN) == f"38N{AT}AOKAL|AA20001001|BKTERM7-000123|AFOkänd avgift|"


@pytest.mark.parametrize(
    ("outcome", "sent"),
    [
        (
            FeePaid(at=NOON, payment=1, amount=sek("40.00"), owed=sek("0.00")),
            f"38Y{AT}AOKAL|AA20001001|BKTERM7-000123|",
        ),
        (Done(at=NOON), f"38Y{AT}AOKAL|AA20001001|BKTERM7-000123|"),
        (
            no(Refusal(reason=Reason.AMOUNT_TOO_HIGH)),
            f"38N{AT}AOKAL|AA20001001|BKTERM7-000123|AFBeloppet överstiger skulden|",
        ),
    ],
)
def test_the_answer_to_a_payment(outcome: Outcome, sent: str) -> None:
    assert answered(PAID, outcome) == sent


def test_gossip_hears_what_was_taken() -> None:
    paid = FeePaid(at=NOON, payment=1, amount=sek("40.00"), owed=sek("0.00"))
    assert answered(PAID, paid, dialect=EVERYTHING).endswith("|CGF-1007|FG40.00|")


def test_every_kind_of_fee_has_a_type() -> None:
    assert set(FEE_TYPES) == set(FeeKind)


# ---- 99 --------------------------------------------------------------------------

STATUS = "9900802.00"
BX = "YYYYYYYYYYYYNYYY"


def status(frame: str = STATUS, **at: Any) -> str:
    answer = asked(frame, replace(turn(at.pop("manner", None), **at)))
    assert isinstance(answer, Message)
    return encode(answer, PLAIN)


@pytest.mark.parametrize(
    ("at", "sent", "why"),
    [
        (
            {},
            f"98YYYYYN100003{AT}2.00AOKAL|AMKalmar stadsbibliotek|BX{BX}|ANStadsbiblioteket|",
            "a self-check",
        ),
        (
            {"offline": True, "may_enable_patrons": True, "manner": {"timeout": 998, "retries": 5}},
            f"98YYYYYY998005{AT}2.00AOKAL|AMKalmar stadsbibliotek|BX{'Y' * 16}|ANStadsbiblioteket|",
            "a test system that may be off line",
        ),
        (
            {"may_block_cards": False, "manner": {"serves": ["09", "17"], "institution": "SE-KLM"}},
            f"98YYNNNN100003{AT}2.00AOSE-KLM|AMKalmar stadsbibliotek|BXNNYNYYYNNNYNNNNN|ANStadsbiblioteket|",
            "a sorter",
        ),
        (
            {"manner": {"library_name": "Biblioteket", "terminal_location": "Entré"}},
            f"98YYYYYN100003{AT}2.00AOKAL|AMBiblioteket|BX{BX}|ANEntré|",
            "names of its own",
        ),
        (
            {"now": datetime(2026, 7, 1, 22, 30, tzinfo=UTC)},
            f"98YYYYYN10000320260702    0030002.00AOKAL|AMKalmar stadsbibliotek|BX{BX}|ANStadsbiblioteket|",
            "the library's wall clock",
        ),
    ],
)
def test_the_status(at: dict[str, Any], sent: str, why: str) -> None:
    assert status(**at) == sent, why


@pytest.mark.parametrize(("version", "told"), [("2.00", "2.00"), ("2.0E", "2.00"), ("1.00", "1.00"), ("3.00", "2.00")])
def test_versions(version: str, told: str) -> None:
    sent = status(f"990080{version}")
    assert sent[:3] == "98Y" and sent[32:36] == told


def test_a_version_below_the_first() -> None:
    sent = status("9900800.90")
    assert sent.startswith("98NNNNNN000") and "AFProtokollversionen är för gammal|" in sent


def test_circulation_is_away() -> None:
    sent = encode(sip2.unavailable(read(STATUS), turn(offline=True)), PLAIN)
    assert sent.startswith("98NNNNNY000003")
    assert "AFBibliotekssystemet är inte tillgängligt just nu|" in sent
    assert encode(acs_status(turn(), online=False), PLAIN).startswith("98N")


def test_pins_do_not_matter_to_items() -> None:
    assert asked(ITEM, turn(pin=PinProof.WRONG)) == asked(ITEM)
