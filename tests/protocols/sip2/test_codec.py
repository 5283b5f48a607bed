"""What machines send instead of the text's form is understood and named; what cannot be understood says so."""

from datetime import date, time

import pytest

from protocols.sip2 import messages as m
from protocols.sip2.codec import decode
from protocols.sip2.codes import Summary
from protocols.sip2.errors import (
    FixedPartTooShort,
    HowToReply,
    MissingRequired,
    RefusedByStrictness,
    Sip2Error,
    UnknownCommand,
    WrongDirection,
)
from protocols.sip2.quirks import Quirk
from protocols.sip2.stamp import Stamp

AT = Stamp(date(2026, 11, 21), time(10, 15, 42))
DATE = "20261121    101542"


def read(text: str) -> tuple[m.Message, list[tuple[str, str]]]:
    decoded = decode(text)
    return decoded.message, [(str(repair.quirk), repair.where) for repair in decoded.repairs]


CHECKOUT = dict(
    sc_renewal_policy=True,
    no_block=False,
    transaction_date=AT,
    institution_id="SKB",
    patron_identifier="N1",
    item_identifier="30",
    terminal_password="",
)
CHECKIN = dict(
    no_block=False, institution_id="SKB", current_location="Hall", item_identifier="30", terminal_password=""
)
STATUS = dict(language="012", transaction_date=AT, institution_id="SKB", patron_identifier="N1", terminal_password="")
INFORMATION = dict(language="012", transaction_date=AT, institution_id="SKB", patron_identifier="N1")
RENEW_ALL = dict(institution_id="SKB", patron_identifier="N1")
ITEM = dict(transaction_date=AT, institution_id="SKB", item_identifier="30")

QUIRKS = [
    pytest.param(
        f"11YN{DATE}AOSKB|AAN1|AB30|AC|",
        m.Checkout(**CHECKOUT),
        [(Quirk.MISSING_DATE, "nb_due_date")],
        id="node-sip2 leaves the no-block due date out",
    ),
    pytest.param(
        f"11YN{DATE}{' ' * 18}AOSKB|AAN1|AB30|AC|",
        m.Checkout(**CHECKOUT),
        [],
        id="a blank no-block due date is proper",
    ),
    pytest.param(
        f"11YN{DATE}{'0' * 18}AOSKB|AAN1|AB30|AC|",
        m.Checkout(**CHECKOUT),
        [],
        id="so is one of zeros",
    ),
    pytest.param(
        f"11YN{DATE}{DATE}AOSKB|AAN1|AB30|AC|",
        m.Checkout(**CHECKOUT, nb_due_date=AT),
        [],
        id="jsip2 sends the present time as no-block due date",
    ),
    pytest.param(
        "65AOSKB|AAN1|",
        m.RenewAll(**RENEW_ALL),
        [(Quirk.MISSING_DATE, "transaction_date")],
        id="php-sip2 renews all without a date",
    ),
    pytest.param(
        f"17001{DATE}AOSKB|AB30|",
        m.ItemInformation(**ITEM),
        [(Quirk.LANGUAGE_BEFORE_DATE, "transaction_date")],
        id="Koha's emulator puts a language before the date of 17",
    ),
    pytest.param(
        f"09N{DATE}{' ' * 18}APHall|AOSKB|AB30|AC|",
        m.Checkin(**CHECKIN, transaction_date=AT),
        [(Quirk.ODD_DATE, "return_date")],
        id="node-sip2 sends a blank return date",
    ),
    pytest.param(
        "09N20269921    101542tomorrowAOSKB|APHall|AB30|AC|",
        m.Checkin(**CHECKIN),
        [(Quirk.ODD_DATE, "transaction_date"), (Quirk.ODD_DATE, "return_date")],
        id="unreadable dates are no dates, and the fields behind them are found",
    ),
    pytest.param(
        f"17{DATE[:14]}AOSKB|AB30|",
        m.ItemInformation(**{**ITEM, "transaction_date": None}),
        [(Quirk.ODD_DATE, "transaction_date")],
        id="a date cut short ends where the first field begins",
    ),
    pytest.param(
        "17202611210000101542AOSKB|AB30|",
        m.ItemInformation(**{**ITEM, "transaction_date": Stamp(date(2026, 11, 21), time(10, 15, 42), "0000")}),
        [(Quirk.ODD_DATE, "transaction_date")],
        id="Palace's GenericILS zone 0000",
    ),
    pytest.param(
        "1720261121Z   101542AOSKB|AB30|",
        m.ItemInformation(**{**ITEM, "transaction_date": Stamp(date(2026, 11, 21), time(10, 15, 42), "Z   ")}),
        [(Quirk.ODD_DATE, "transaction_date")],
        id="Z on the left",
    ),
    pytest.param(
        "9900802.00|",
        m.ScStatus(status_code="0", max_print_width=80, protocol_version="2.00"),
        [(Quirk.STRAY_DELIMITER, "")],
        id="sip2-ruby and jsip2 end the fixed part with a delimiter",
    ),
    pytest.param(
        f"15+{DATE}|AOSKB|AAN1|AB30|",
        m.Hold(hold_mode="+", transaction_date=AT, institution_id="SKB", patron_identifier="N1", item_identifier="30"),
        [(Quirk.STRAY_DELIMITER, "")],
        id="SIP2.NET puts a delimiter behind the date",
    ),
    pytest.param(
        "9300|CNkiosk|COpw|CPHall",
        m.Login(uid_algorithm="0", pwd_algorithm="0", login_user_id="kiosk", login_password="pw", location_code="Hall"),
        [(Quirk.MISSING_LAST_DELIMITER, "CP"), (Quirk.STRAY_DELIMITER, "")],
        id="a login typed by hand",
    ),
    pytest.param(
        "990 802.00",
        m.ScStatus(status_code="0", max_print_width=80, protocol_version="2.00"),
        [(Quirk.ODD_PRINT_WIDTH, "max_print_width")],
        id="php-sip2 pads the print width with blanks",
    ),
    pytest.param(
        "990abc2.00",
        m.ScStatus(status_code="0", max_print_width=0, protocol_version="2.00"),
        [(Quirk.ODD_PRINT_WIDTH, "max_print_width")],
        id="a print width that is no number is unknown",
    ),
    pytest.param(
        "9900802.0E",
        m.ScStatus(status_code="0", max_print_width=80, protocol_version="2.00"),
        [(Quirk.ODD_VERSION, "protocol_version")],
        id="SIP2.NET's version",
    ),
    pytest.param(
        "9900801.0|",
        m.ScStatus(status_code="0", max_print_width=80, protocol_version="1.00"),
        [(Quirk.ODD_VERSION, "protocol_version"), (Quirk.STRAY_DELIMITER, "")],
        id="a version cut short",
    ),
    pytest.param(
        f"11YN{DATE}{' ' * 18}AO|AOSKB|AAN1|AA|AB30|AB31|AC|",
        m.Checkout(**CHECKOUT),
        [(Quirk.DUPLICATE_FIELD, "AO"), (Quirk.DUPLICATE_FIELD, "AA"), (Quirk.DUPLICATE_FIELD, "AB")],
        id="of a field that came twice the first that is not empty counts",
    ),
    pytest.param(
        f"23012{DATE}AAN1|",
        m.PatronStatusRequest(**{**STATUS, "institution_id": ""}),
        [(Quirk.MISSING_FIELD, "AO"), (Quirk.MISSING_FIELD, "AC")],
        id="Evergreen's tests leave AC and AD out",
    ),
    pytest.param(
        f"11YN{DATE}{' ' * 18}AB30|AC|AAN1|AOSKB|",
        m.Checkout(**CHECKOUT),
        [],
        id="fields come in any order",
    ),
    pytest.param(
        f"63012{DATE}  Y       AOSKB|AAN1|BP00001|BQ 5|",
        m.PatronInformation(**INFORMATION, summary=Summary.CHARGED_ITEMS, start_item=1, end_item=5),
        [(Quirk.ODD_NUMBER, "BP"), (Quirk.ODD_NUMBER, "BQ")],
        id="node-sip2 pads the start item with zeros",
    ),
    pytest.param(
        f"63012{DATE}          AOSKB|AAN1|BP|BQ|",
        m.PatronInformation(**INFORMATION, summary=Summary.NOTHING),
        [],
        id="SIP2.NET sends start and end item empty: as if absent",
    ),
    pytest.param(
        f"63012{DATE}          AOSKB|AAN1|BPone|",
        m.PatronInformation(**INFORMATION, summary=Summary.NOTHING),
        [(Quirk.ODD_NUMBER, "BP")],
        id="a start item that is no number is none",
    ),
    pytest.param(
        f"63012{DATE} Y Y      AOSKB|AAN1|",
        m.PatronInformation(**INFORMATION, summary=Summary.OVERDUE_ITEMS),
        [(Quirk.ODD_SUMMARY, "summary")],
        id="of several Y in the summary the first counts",
    ),
    pytest.param(
        f"63012{DATE}  Y AOSKB|AAN1|",
        m.PatronInformation(**INFORMATION, summary=Summary.CHARGED_ITEMS),
        [(Quirk.ODD_SUMMARY, "summary")],
        id="a summary that is too short",
    ),
    pytest.param(
        f"63012{DATE}  Y          AOSKB|AAN1|",
        m.PatronInformation(**INFORMATION, summary=Summary.CHARGED_ITEMS),
        [(Quirk.ODD_SUMMARY, "summary")],
        id="a summary that is too long",
    ),
    pytest.param(
        f"11yN{DATE}{' ' * 18}AOSKB|AAN1|AB30|AC|BO1|BI|",
        m.Checkout(**{**CHECKOUT, "sc_renewal_policy": False}),
        [(Quirk.ODD_FLAG, "sc_renewal_policy"), (Quirk.ODD_FLAG, "BO")],
        id="a flag that is neither Y nor N counts as N or absent",
    ),
    pytest.param(
        f"37{DATE}0402NOKBV40,5|AOSKB|AAN1|",
        m.FeePaid(
            transaction_date=AT,
            fee_type="04",
            payment_type="02",
            currency_type="NOK",
            fee_amount=4050,
            institution_id="SKB",
            patron_identifier="N1",
        ),
        [(Quirk.ODD_AMOUNT, "BV")],
        id="a Nordic decimal comma",
    ),
    pytest.param(
        f"37{DATE}0402nokBV40|AOSKB|AAN1|",
        m.FeePaid(
            transaction_date=AT,
            fee_type="04",
            payment_type="02",
            currency_type="nok",
            fee_amount=4000,
            institution_id="SKB",
            patron_identifier="N1",
        ),
        [(Quirk.ODD_CODE, "currency_type"), (Quirk.ODD_AMOUNT, "BV")],
        id="no decimals, and a code in small letters is kept",
    ),
    pytest.param(
        f"37{DATE}0402NOKBV1.000|AOSKB|AAN1|",
        m.FeePaid(
            transaction_date=AT,
            fee_type="04",
            payment_type="02",
            currency_type="NOK",
            fee_amount=0,
            institution_id="SKB",
            patron_identifier="N1",
        ),
        [(Quirk.ODD_AMOUNT, "BV")],
        id="an amount nobody can be sure of is nothing, which no payment may be",
    ),
    pytest.param(
        f"17{DATE}AOSKB|AB3\x000\n|x|??y|",
        m.ItemInformation(**ITEM),
        [(Quirk.STRAY_TEXT, ""), (Quirk.ODD_TEXT, "AB")],
        id="control characters and stray pieces fall out; ?? is an id nobody knows",
    ),
    pytest.param(
        f"17{DATE}AOSKB|AB30|AC{'x' * 300}|",
        m.ItemInformation(**ITEM, terminal_password="x" * 300),
        [(Quirk.ODD_TEXT, "AC")],
        id="a long value is taken as it is",
    ),
]


@pytest.mark.parametrize(("text", "message", "repairs"), QUIRKS)
def test_a_quirk_is_understood_and_named(text: str, message: m.Message, repairs: list[tuple[Quirk, str]]) -> None:
    assert read(text) == (message, [(str(quirk), where) for quirk, where in repairs])


@pytest.mark.parametrize(("text", "repairs"), [(row.values[0], row.values[2]) for row in QUIRKS if row.values[2]])
def test_a_strict_account_refuses_every_quirk_in_words(text: str, repairs: list[tuple[Quirk, str]]) -> None:
    with pytest.raises(RefusedByStrictness) as refused:
        decode(text, strict=True)
    assert [(repair.quirk, repair.where) for repair in refused.value.repairs] == repairs
    assert all(where in str(refused.value) for _, where in repairs)
    assert refused.value.reply is HowToReply.FAIL_FORM


def test_unknown_ids_are_kept_beside_the_message() -> None:
    decoded = decode(f"17{DATE}AOSKB|U4a|AB30|U4b|ADpin|")
    assert decoded.extras == {"U4": ("a", "b"), "AD": ("pin",)}
    assert decoded.repairs == ()
    assert "pin" not in repr(decoded)


@pytest.mark.parametrize(
    ("text", "error", "reply"),
    [
        ("7120261121", UnknownCommand, HowToReply.SILENCE),
        ("", UnknownCommand, HowToReply.SILENCE),
        ("941", WrongDirection, HowToReply.SILENCE),
        ("11Y", FixedPartTooShort, HowToReply.FAIL_FORM),
        ("09", FixedPartTooShort, HowToReply.FAIL_FORM),
        ("9900", FixedPartTooShort, HowToReply.FAIL_FORM),
        (f"09N{DATE}{DATE}APHall|AOSKB|AC|", MissingRequired, HowToReply.FAIL_FORM),
        (f"23012{DATE}AOSKB|AA|AC|AD|", MissingRequired, HowToReply.FAIL_FORM),
        (f"37{DATE}0402NOKAOSKB|AAN1|", MissingRequired, HowToReply.FAIL_FORM),
        ("9300COpw|", MissingRequired, HowToReply.FAIL_FORM),
    ],
)
def test_what_cannot_be_understood_says_how_to_answer(text: str, error: type[Sip2Error], reply: HowToReply) -> None:
    with pytest.raises(error) as raised:
        decode(text)
    assert raised.value.reply is reply


@pytest.mark.parametrize(
    ("text", "fixed", "fields"),
    [
        (f"11YN{DATE}{DATE}AOSKB|AAN1|AC|", {"no_block": False}, {"AA": "N1", "AO": "SKB", "AB": ""}),
        ("63012AOSKB|ADpin|", {"language": "012"}, {"AO": "SKB", "AD": "pin", "AA": ""}),
        ("370AOSKB|AAN1|BK7|", {}, {"AA": "N1", "BK": "7"}),
    ],
)
def test_a_refusal_carries_what_could_be_read(text: str, fixed: dict[str, object], fields: dict[str, str]) -> None:
    with pytest.raises((MissingRequired, FixedPartTooShort)) as raised:
        decode(text)
    partial = raised.value.partial
    assert {name: partial.fixed[name] for name in fixed} == fixed
    assert {code: partial.first(code) for code in fields} == fields


def test_a_pin_that_is_empty_differs_from_none() -> None:
    start = f"63012{DATE}          AOSKB|AAN1|"
    with_empty, without = decode(start + "AD|").message, decode(start).message
    assert isinstance(with_empty, m.PatronInformation)
    assert isinstance(without, m.PatronInformation)
    assert (with_empty.patron_password, without.patron_password) == ("", None)


def test_no_repr_tells_a_pin_or_a_name() -> None:
    request = decode(f"63012{DATE}          AOSKB|AAN10000427|AD2468|").message
    assert "2468" not in repr(request)
    assert "N10000427" not in repr(request)
    assert "SKB" in repr(request)
