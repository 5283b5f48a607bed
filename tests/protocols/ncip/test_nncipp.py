"""The Norwegian profile: numbers, roles, echoes; and agency ids however they are written."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from protocols.ncip.agencies import agency_key, as_sent, institution_and_library, same_agency
from protocols.ncip.codec import decode, encode, fingerprint
from protocols.ncip.envelope import Initiation, InitiationHeader
from protocols.ncip.extension import Ext, Leaf
from protocols.ncip.identifiers import FromAgencyId, ItemId, RequestId, ToAgencyId, UserId
from protocols.ncip.kinds import Coded
from protocols.ncip.lending import CancelRequestItem, RenewItem
from protocols.ncip.messages import answer_header
from protocols.ncip.moments import Moment
from protocols.ncip.nncipp import Notice, echo, is_register_number, item_numbers, sent_by_borrower
from protocols.ncip.notifications import ItemReceived, ItemReceivedResponse, ItemRequested
from protocols.ncip.profiles import ALMA, NNCIPP, PLAIN


def header(sender: str, receiver: str = "NO-1119260") -> InitiationHeader:
    return InitiationHeader(
        from_agency_id=FromAgencyId(agency_id=Coded(sender)), to_agency_id=ToAgencyId(agency_id=Coded(receiver))
    )


ORDER = RequestId(agency_id=Coded("NO-0602510"), request_identifier_value="17")
ITEM = ItemId(item_identifier_type=Coded("Barcode"), item_identifier_value="301")
USER = UserId(user_identifier_value="N001234567")


@pytest.mark.parametrize(
    ("kind", "value", "numbers"),
    [
        ("Barcode", "301", {"Barcode": "301"}),
        ("Barcode:RFID", "301:E004", {"Barcode": "301", "RFID": "E004"}),
        ("Barcode;RFID", "301;E004", {"Barcode": "301", "RFID": "E004"}),
        ("Barcode", "30:1", {"Barcode": "30:1"}),
        ("Barcode:RFID", "301", {"Barcode": "301"}),
        (None, "301", {"Barcode": "301"}),
    ],
)
def test_one_item_id_may_hold_two_numbers(kind: str | None, value: str, numbers: dict[str, str]) -> None:
    item = ItemId(item_identifier_type=Coded(kind) if kind else None, item_identifier_value=value)
    assert item_numbers(item) == numbers


@pytest.mark.parametrize(
    ("sender", "notice", "expected"),
    [
        ("NO-0602510", None, True),
        ("0602510", None, True),
        ("NO-1119260", None, False),
        ("NO-0602510", Notice.RECEIVED_BY_LENDER, False),
        ("NO-1119260", Notice.RECEIVED_BY_BORROWER, True),
        ("", None, False),
    ],
)
def test_who_sends_is_told_by_the_notice_else_by_the_order(sender: str, notice: str | None, expected: bool) -> None:
    ext = Ext(content=(Leaf("NoticeContent", notice),)) if notice else None
    assert (
        sent_by_borrower(ItemReceived(initiation_header=header(sender), request_id=ORDER, item_id=ITEM, ext=ext))
        is expected
    )


def test_an_order_without_agency_is_nobodys() -> None:
    empty = RequestId(agency_id=Coded(""), request_identifier_value="")
    assert not sent_by_borrower(ItemReceived(initiation_header=header(""), request_id=empty, item_id=ITEM))


@pytest.mark.parametrize(
    ("message", "echoed"),
    [
        (ItemReceived(request_id=ORDER, item_id=ITEM), (ORDER,)),
        (
            ItemRequested(
                user_id=USER, item_id=ITEM, request_type=Coded("Physical"), request_scope_type=Coded("Title")
            ),
            (USER, ITEM),
        ),
        (CancelRequestItem(request_id=ORDER, request_type=Coded("Physical"), user_id=USER), (ORDER, USER)),
        (RenewItem(item_id=ITEM, user_id=USER), None),
        (ItemReceived(item_id=ITEM), None),
    ],
)
def test_an_acknowledgement_echoes_the_ids(message: Initiation, echoed: tuple[object, ...] | None) -> None:
    found = echo(message)
    assert (found.content if found else None) == echoed


def test_an_acknowledgement_with_its_echo_is_valid() -> None:
    message = ItemReceived(initiation_header=header("NO-0602510"), request_id=ORDER, item_id=ITEM)
    sent = encode(ItemReceivedResponse(response_header=answer_header(message), ext=echo(message)), NNCIPP)
    assert decode(sent, strict=True).verdict.valid
    assert b"Problem" not in sent


@pytest.mark.parametrize("one", ["NO-0602510", "0602510", " no-0602510 ", "ISIL:NO-0602510"])
def test_a_library_is_known_however_its_number_is_written(one: str) -> None:
    assert same_agency(one, "NO-0602510")
    assert agency_key(one) == "0602510"


@pytest.mark.parametrize(("one", "other"), [("", ""), (" ", "ISIL:"), ("NO-060251", "060251"), ("47X||A", "47X||B")])
def test_what_is_empty_or_different_is_not_the_same(one: str, other: str) -> None:
    assert not same_agency(one, other)


def test_agencies_are_written_as_the_profile_wants() -> None:
    assert as_sent("0602510", NNCIPP) == "NO-0602510"
    assert as_sent("NO-0602510", NNCIPP) == "NO-0602510"
    assert as_sent("0602510", PLAIN) == "0602510"
    assert institution_and_library("47BIBSYS_NB||MAIN", ALMA) == ("47BIBSYS_NB", "MAIN")
    assert institution_and_library("47BIBSYS_NB||MAIN", PLAIN) == ("47BIBSYS_NB||MAIN", "")


@pytest.mark.parametrize(
    ("user", "expected"), [("N001234567", True), ("N1", False), ("n001234567", False), ("", False)]
)
def test_a_number_of_the_register_is_known(user: str, expected: bool) -> None:
    assert is_register_number(user) is expected


def test_a_repeated_message_has_the_same_fingerprint_in_any_spelling() -> None:
    message = ItemReceived(
        initiation_header=header("A"),
        request_id=ORDER,
        item_id=ITEM,
        date_received=Moment(datetime(2026, 3, 2, tzinfo=UTC)),
    )
    again = decode(encode(message, NNCIPP).replace(b"ns1", b"z").replace(b"><", b">\n<")).message
    assert fingerprint(again) == fingerprint(message)
    assert fingerprint(replace(message, initiation_header=header("B"))) == fingerprint(message)
    assert fingerprint(replace(message, item_id=ItemId(item_identifier_value="302"))) != fingerprint(message)


def test_a_printed_message_shows_nothing_personal() -> None:
    printed = repr(RenewItem(item_id=ITEM, user_id=USER, ext=Ext(content=(Leaf("ItemNote", "ring N001234567"),))))
    assert "N001234567" not in printed
    assert "301" in printed
