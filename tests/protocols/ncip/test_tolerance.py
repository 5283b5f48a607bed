"""What partners send out of order is read, each repair by name; the strict verdict names element and place."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from protocols.ncip.bibliography import BibliographicId
from protocols.ncip.codec import Decoded, Dialect, decode, encode
from protocols.ncip.envelope import Message, Problem
from protocols.ncip.extension import Foreign, Leaf
from protocols.ncip.identifiers import ItemId, RequestId, UserId
from protocols.ncip.kinds import Coded
from protocols.ncip.legacy import AuthenticateUser, AuthenticateUserResponse, LookupVersion, LookupVersionResponse
from protocols.ncip.lending import CancelRequestItem, CheckInItem, CheckInItemResponse, RequestItem
from protocols.ncip.lookups import LookupItemSet, LookupUser, LookupUserResponse
from protocols.ncip.messages import BareExtension, BareProblem, refusal
from protocols.ncip.moments import Moment, parse
from protocols.ncip.notifications import ItemReceived, ItemShipped
from protocols.ncip.problems import ProblemName, problem
from protocols.ncip.profiles import VERSION_1_0, VERSION_2_02, VERSIONS, Wire
from protocols.ncip.quirks import QuirkName
from protocols.ncip.transactions import LoanedItem

NS = "http://www.niso.org/2008/ncip"
VALID = "http://www.niso.org/schemas/ncip/v2_02/ncip_v2_02.xsd"
Q = QuirkName


def read(body: str, root: str = f'NCIPMessage xmlns="{NS}" xmlns:n="{NS}" n:version="{VALID}"') -> Decoded:
    return decode(f"<{root}>{body}</{root.split()[0]}>".encode())


USER = "<UserId><UserIdentifierValue>N1</UserIdentifierValue></UserId>"
ITEM = "<ItemId><ItemIdentifierValue>301</ItemIdentifierValue></ItemId>"
REQUEST = "<RequestId><RequestIdentifierValue>7</RequestIdentifierValue></RequestId>"
CHECK_IN = CheckInItem(item_id=ItemId(item_identifier_value="301"))

ROOTS = {  # the root as sent, and what is repaired
    f'NCIPMessage xmlns="{NS}" xmlns:n="{NS}" n:version="{VALID}"': set(),
    f'NCIPMessage xmlns="{NS}" version="{VALID}"': {Q.PLAIN_ATTRIBUTE},
    f'NCIPMessage xmlns="{NS}"': {Q.NO_VERSION},
    f'NCIPMessage xmlns="{NS}" version="5.6"': {Q.PLAIN_ATTRIBUTE, Q.UNKNOWN_VERSION},
    f'NCIPMessage version="{VALID}"': {Q.NO_NAMESPACE, Q.PLAIN_ATTRIBUTE},
    f'NCIPMessage xmlns="{VALID}" version="{VALID}"': {Q.OTHER_NAMESPACE, Q.PLAIN_ATTRIBUTE},
    f'ncipmessage xmlns="{NS}"': {Q.NO_VERSION, Q.LETTER_CASE},
}


@pytest.mark.parametrize(("root", "repairs"), ROOTS.items())
def test_the_root_may_be_spelt_in_many_ways(root: str, repairs: set[QuirkName]) -> None:
    decoded = read(f"<CheckInItem>{ITEM}</CheckInItem>", root)
    assert decoded.message == CHECK_IN
    assert {quirk.name for quirk in decoded.quirks} == repairs
    assert decoded.verdict.valid == (not repairs)


SLIPS = [
    ("<CheckInItem>stray" + ITEM + "</CheckInItem>", {Q.STRAY_TEXT}),
    ("<CheckInItem><ItemID><ItemIdentifierValue>301</ItemIdentifierValue></ItemID></CheckInItem>", {Q.LETTER_CASE}),
    ('<CheckInItem datatype="x">' + ITEM + "</CheckInItem>", {Q.OTHER_ATTRIBUTE}),
    ("<CheckInItem>" + ITEM + ITEM + "</CheckInItem>", {Q.REPEATED_ELEMENT}),
    ("<CheckInItem>" + ITEM + USER + REQUEST + "</CheckInItem>", {Q.STRAY_ELEMENT}),
    ("<CheckInItem/>", {Q.MISSING_ELEMENT}),
    (
        f"<ItemReceived>{REQUEST}{ITEM}<DateReceived>2026-03-02T10:00:00Z</DateReceived></ItemReceived>",
        {Q.ELEMENT_ORDER},
    ),
    (f"<ItemReceived>{ITEM}<DateReceived>2026-03-02</DateReceived></ItemReceived>", {Q.LOOSE_VALUE}),
    (f"<RenewItem>{USER}{ITEM}<DesiredDateDue/></RenewItem>", {Q.EMPTY_ELEMENT}),
    (
        "<CreateItem><BibliographicDescription><Author>null</Author></BibliographicDescription></CreateItem>",
        {Q.NULL_TEXT},
    ),
    (
        "<LookupItem><ItemId><AgencyId><Scheme>urn:x</Scheme><Value>A</Value></AgencyId>"
        "<ItemIdentifierValue>1</ItemIdentifierValue></ItemId></LookupItem>",
        {Q.SCHEME_AND_VALUE},
    ),
    (
        "<LookupUser><UniqueUserId><UserIdentifierValue>N1</UserIdentifierValue></UniqueUserId></LookupUser>",
        {Q.VERSION_1},
    ),
    (f'<CheckInItem>{ITEM}<Ext><m:Note xmlns:m="urn:m">x</m:Note></Ext></CheckInItem>', {Q.FOREIGN_ELEMENT}),
    (
        "<CreateItem><ItemUseRestrictionType/><BibliographicDescription/></CreateItem>",
        {Q.EMPTY_ELEMENT, Q.ELEMENT_ORDER},
    ),
]


MORE_SLIPS = [
    (f"<LookupItemSet>{ITEM}<MaximumItemsCount>0</MaximumItemsCount></LookupItemSet>", {Q.LOOSE_VALUE}),
    (
        f"<LookupItemSet>{ITEM}<MaximumItemsCount>many</MaximumItemsCount></LookupItemSet>",
        {Q.LOOSE_VALUE, Q.INVALID_VALUE},
    ),
]


@pytest.mark.parametrize(("body", "repairs"), SLIPS + MORE_SLIPS)
def test_each_slip_is_read_and_named(body: str, repairs: set[QuirkName]) -> None:
    decoded = read(body)
    assert {quirk.name for quirk in decoded.quirks} == repairs
    assert decoded.verdict.valid == (repairs <= {Q.EMPTY_ELEMENT, Q.NULL_TEXT} and "DesiredDateDue" not in body)


@pytest.mark.parametrize(
    ("body", "element"),
    [
        (
            f"<LookupUser>{USER}<LoanedItemsDesired> x</LoanedItemsDesired></LookupUser>",
            "LoanedItemsDesired",
        ),
        ("<LookupItemSet><BibliographicId/></LookupItemSet>", "BibliographicId"),
    ],
)
def test_nothing_that_is_invalid_goes_uncounted(body: str, element: str) -> None:
    decoded = read(body)
    assert not decoded.verdict.valid
    assert element in {quirk.element for quirk in decoded.quirks}


def test_user_and_secret_together_are_both_read() -> None:
    secret = "<AuthenticationInput><AuthenticationInputData>1234</AuthenticationInputData></AuthenticationInput>"
    message = read(f"<LookupUser>{secret}{USER}</LookupUser>").message
    assert isinstance(message, LookupUser)
    assert message.user_id == UserId(user_identifier_value="N1")
    assert message.authentication_input[0].authentication_input_data == "1234"
    assert message.authentication_input[0].authentication_data_format_type == Coded("")


def test_a_title_named_like_an_item_is_a_title() -> None:
    isbn = "<ItemIdentifierType>ISBN</ItemIdentifierType><ItemIdentifierValue>978</ItemIdentifierValue>"
    message = read(f"<RequestItem>{USER}<BibliographicId>{isbn}</BibliographicId></RequestItem>").message
    assert isinstance(message, RequestItem)
    title: BibliographicId = message.bibliographic_id[0]
    assert title.bibliographic_record_id is not None
    assert title.bibliographic_record_id.bibliographic_record_identifier == "978"
    assert title.bibliographic_record_id.bibliographic_record_identifier_code == Coded("ISBN")


def test_an_empty_request_type_is_accepted() -> None:
    decoded = read(f"<CancelRequestItem>{USER}{REQUEST}<RequestType/></CancelRequestItem>")
    assert isinstance(decoded.message, CancelRequestItem)
    assert decoded.message.request_type == Coded("")
    assert decoded.verdict.valid
    assert not decoded.quirks


def test_what_has_no_place_is_carried_in_ext() -> None:
    message = read(
        f'<CheckInItem>{ITEM}{USER}<m:Shelf xmlns:m="urn:m">A</m:Shelf><Title>B</Title></CheckInItem>'
    ).message
    assert isinstance(message, CheckInItem)
    assert message.ext is not None
    assert message.ext.find(UserId) == UserId(user_identifier_value="N1")
    assert message.ext.find(RequestId) is None
    assert message.ext.text("Title") == "B"
    assert [part.node.text for part in message.ext.content if isinstance(part, Foreign)] == ["A"]


def test_the_norwegian_ext_is_read() -> None:
    notice = "<NoticeContent>ShippedBy.Lender</NoticeContent>"
    message = read(f"<ItemShipped>{REQUEST}<Ext>{notice}</Ext></ItemShipped>").message
    assert isinstance(message, ItemShipped)
    assert message.ext is not None
    assert message.ext.content == (Leaf("NoticeContent", "ShippedBy.Lender"),)
    assert message.date_shipped is None


def test_a_service_inside_ext_is_served_and_answered_there() -> None:
    body = "<Ext><LookupItemSet><BibliographicId><BibliographicItemId><BibliographicItemIdentifier>1"
    body += "</BibliographicItemIdentifier></BibliographicItemId></BibliographicId></LookupItemSet></Ext>"
    decoded = read(body)
    assert isinstance(decoded.message, LookupItemSet)
    assert decoded.dialect.in_ext
    answer = encode(refusal(decoded.message, problem(ProblemName.UNKNOWN_ITEM)), reply_to=decoded.dialect)
    assert b"<ns1:Ext><ns1:LookupItemSetResponse>" in answer
    assert decode(answer).verdict.valid
    assert isinstance(read("<Ext/>").message, BareExtension)


@pytest.mark.parametrize("version", VERSIONS[:5])
def test_a_known_version_is_echoed(version: str) -> None:
    assert f'ns1:version="{version}"'.encode() in encode(CHECK_IN, reply_to=Dialect(version=version))


@pytest.mark.parametrize("version", ["", "5.6", "junk"])
def test_an_unknown_version_is_answered_with_the_usual_one(version: str) -> None:
    assert f'ns1:version="{VERSION_2_02}"'.encode() in encode(CHECK_IN, reply_to=Dialect(version=version))


VERSION_1 = f'NCIPMessage version="{VERSION_1_0}"'
AGENCY_1 = "<UniqueAgencyId><Scheme>urn:x</Scheme><Value>DK-1</Value></UniqueAgencyId>"


def test_version_1_is_read_in_the_words_of_version_2() -> None:
    visible = "<VisibleUserIdentifierType><Scheme/><Value>Barcode</Value></VisibleUserIdentifierType>"
    visible += "<VisibleUserIdentifier>0010295009</VisibleUserIdentifier>"
    decoded = read(f"<LookupUser><VisibleUserId>{AGENCY_1}{visible}</VisibleUserId></LookupUser>", VERSION_1)
    assert decoded.message == LookupUser(
        user_id=UserId(
            agency_id=Coded("DK-1", "urn:x"),
            user_identifier_type=Coded("Barcode"),
            user_identifier_value="0010295009",
        )
    )
    assert decoded.dialect == Dialect(Wire.VERSION_1, VERSION_1_0)
    assert not decoded.quirks
    assert not decoded.verdict.valid


def test_a_version_1_problem_and_transaction_survive_the_wire() -> None:
    dialect = Dialect(Wire.VERSION_1, VERSION_1_0)
    refused: Message = refusal(
        CHECK_IN, problem(ProblemName.UNKNOWN_ITEM, "CheckInItem", element="ItemId", value="301")
    )
    sent = encode(refused, reply_to=dialect)
    assert b"<ProcessingErrorElement><ElementName>ItemId</ElementName><ProcessingErrorValue>301" in sent
    assert b"DTD Version 1.0//EN" in sent
    assert decode(sent).message == refused
    user = UserId(agency_id=Coded("A"), user_identifier_value="1")
    loan = LoanedItem(item_id=ItemId(item_identifier_value="1"), date_due=Moment(datetime(2026, 3, 2, tzinfo=UTC)))
    loans = LookupUserResponse(user_id=user, loaned_item=(loan,))
    sent = encode(loans, reply_to=dialect)
    assert b"<UserTransaction><LoanedItem><UniqueItemId>" in sent
    assert decode(sent).message == loans


def test_a_nested_version_1_error_names_the_innermost_element() -> None:
    inner = "<ProcessingErrorElement><ElementName>VisibleUserIdentifier</ElementName>"
    inner += "<ProcessingErrorValue>99</ProcessingErrorValue></ProcessingErrorElement>"
    error = f"<ProcessingErrorElement><ElementName>VisibleUserId</ElementName>{inner}</ProcessingErrorElement>"
    kind = "<ProcessingErrorType><Scheme>urn:x</Scheme><Value>Duplicate User</Value></ProcessingErrorType>"
    message = read(f"<Problem><ProcessingError>{kind}{error}</ProcessingError></Problem>", VERSION_1).message
    assert message == BareProblem(
        problem=(
            Problem(
                problem_type=Coded("Duplicate User", "urn:x"),
                problem_element="VisibleUserIdentifier",
                problem_value="99",
            ),
        )
    )


def test_the_services_of_version_1_are_answered_in_the_form_of_the_question() -> None:
    koha = read("<LookupVersion/>")
    answer = encode(LookupVersionResponse(version_supported=VERSIONS), reply_to=koha.dialect)
    assert koha.message == LookupVersion()
    assert b"<ns1:LookupVersionResponse><ns1:VersionSupported>http" in answer
    both = f"<FromAgencyId>{AGENCY_1}</FromAgencyId><ToAgencyId>{AGENCY_1}</ToAgencyId>"
    oclc = read(f"<LookupVersion>{both}</LookupVersion>", 'NCIPVersionMessage version="http://x/v1_0/ncip_version.xsd"')
    answer = encode(LookupVersionResponse(version_supported=VERSIONS), reply_to=oclc.dialect)
    assert b"\n<NCIPVersionMessage version=" in answer
    secret = "<AuthenticationInput><AuthenticationInputData>1</AuthenticationInputData></AuthenticationInput>"
    question = read(f"<AuthenticateUser>{secret}</AuthenticateUser>", VERSION_1).message
    assert isinstance(question, AuthenticateUser)
    assert isinstance(refusal(question), AuthenticateUserResponse)


def test_a_refused_notification_is_an_acknowledgement_with_a_problem() -> None:
    question = read(f"<ItemReceived>{ITEM}</ItemReceived>").message
    assert isinstance(question, ItemReceived)
    answer = refusal(question, problem(ProblemName.UNKNOWN_ITEM, "ItemReceived"))
    assert answer.element == "ItemReceivedResponse"
    assert decode(encode(answer)).verdict.valid
    assert isinstance(refusal(CheckInItemResponse()), BareProblem)


VERDICTS = [
    ("<CheckInItem><UserId/></CheckInItem>", "/NCIPMessage/CheckInItem/UserId", "UserId"),
    (f"<CheckInItem>{ITEM}{ITEM}</CheckInItem>", "/NCIPMessage/CheckInItem/ItemId[2]", "ItemId"),
    ("<CheckInItem/>", "/NCIPMessage/CheckInItem", "CheckInItem"),
    (
        f"<LookupItemSet>{ITEM}<MaximumItemsCount>0</MaximumItemsCount></LookupItemSet>",
        "/NCIPMessage/LookupItemSet/MaximumItemsCount",
        "MaximumItemsCount",
    ),
    (
        f"<CheckOutItem>{USER}{ITEM}<ResourceDesired> </ResourceDesired></CheckOutItem>",
        "/NCIPMessage/CheckOutItem/ResourceDesired",
        "ResourceDesired",
    ),
]


@pytest.mark.parametrize(("body", "place", "element"), VERDICTS)
def test_the_verdict_names_element_and_place(body: str, place: str, element: str) -> None:
    fault = read(body).verdict.faults[0]
    assert (fault.place, fault.element) == (place, element)
    assert fault.line == 1


OSLO = timezone(timedelta(hours=1))
DATES = [  # as sent, as an event, as a last day
    ("2014-09-30T23:59:59Z", "2014-09-30T23:59:59+00:00", "2014-09-30T23:59:59+00:00"),
    ("2014-09-30T23:59:59+02:00", "2014-09-30T23:59:59+02:00", "2014-09-30T23:59:59+02:00"),
    ("2014-09-30T10:00:00", "2014-09-30T10:00:00+01:00", "2014-09-30T10:00:00+01:00"),
    ("2014-09-30", "2014-09-30T00:00:00+01:00", "2014-09-30T23:59:59+01:00"),
    ("2008-09-29T00:00+01:00", "2008-09-29T00:00:00+01:00", "2008-09-29T00:00:00+01:00"),
    ("2020-08-31T23:59:59.999+02:00", "2020-08-31T23:59:59.999000+02:00", "2020-08-31T23:59:59.999000+02:00"),
    ("2020-08-31T24:00:00Z", "2020-09-01T00:00:00+00:00", "2020-09-01T00:00:00+00:00"),
]


@pytest.mark.parametrize(("text", "event", "last"), DATES)
def test_dates_as_partners_write_them(text: str, event: str, last: str) -> None:
    assert parse(text).at(OSLO).isoformat() == event
    assert parse(text).at(OSLO, last=True).isoformat() == last


@pytest.mark.parametrize(
    "text", ["soon", "2014-13-01", "2014-02-30T00:00:00Z", "9999-12-31T24:00:00Z", "2014-09-30T25:00:00"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(text)


def test_a_norwegian_due_date_in_gmt_means_its_day() -> None:
    assert parse("2015-01-31T23:59:59Z").last_day(OSLO).isoformat() == "2015-01-31T23:59:59+01:00"
