"""The NCIP rows of the desk: every service has its answer, every reason its problem, and no message breaks a row."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.clock import LibraryTime
from backend.model import AccountId, AskedBy, BranchId, Channel, LibraryId
from backend.money import Money
from backend.outcomes import Reason, Refusal, Refused
from protocols.ncip.codec import decode, encode
from protocols.ncip.envelope import Initiation, Message, Response
from protocols.ncip.identifiers import ItemId, UserId
from protocols.ncip.lending import CheckOutItem, CheckOutItemResponse, RenewItem, RenewItemResponse
from protocols.ncip.messages import SERVICES, Service
from protocols.ncip.problems import NO_PROBLEM, SERVICE_PROBLEMS, ProblemName
from protocols.ncip.profiles import PROFILES, Profile
from server.desk import ncip as desk
from server.desk.ncip_loans import answer_renew
from server.desk.ncip_problems import problem_of, refused, type_for
from server.desk.ncip_turn import Heard, NcipTurn
from server.desk.turn import Library
from tests.strategies_ncip import messages

ZONE = ZoneInfo("Europe/Stockholm")
NOON = datetime(2026, 2, 12, 12, 0, tzinfo=ZONE)
KALMAR = Library(
    id=LibraryId("KAL"),
    institution="KAL",
    name="Kalmar stadsbibliotek",
    time=LibraryTime(ZONE),
    currency="SEK",
    branches={BranchId("KAL-S"): "Stadsbiblioteket"},
)
BY = AskedBy(account=AccountId("p"), library=LibraryId("KAL"), branch=BranchId("KAL-S"), channel=Channel.PARTNER)
SERVED = [cls for cls in desk.ROWS if issubclass(cls, Initiation)]
NOTES = {  # reasons that accompany what is granted, and are never refused
    Reason.FINE_ON_RETURN,
    Reason.FOUND_AFTER_BILL,
    Reason.FOUND_AFTER_PAYMENT,
    Reason.FEE_NOT_SET,
    Reason.PRICE_BY_STAFF,
    Reason.COURSE_ADVICE,
    Reason.LOAN_CLOSED_FOR_OTHER,
    Reason.PAID_ALIKE,
    Reason.COPY_ORDERED,
}


def turn(profile: Profile = PROFILES["ncip-2.02"]) -> NcipTurn:
    return NcipTurn(
        profile=profile, asked_by=BY, library=KALMAR, agency="SE-KAL", partner="EX", own_ids=("SE-KAL",), now=NOON
    )


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.name)
def test_every_service_is_served_or_says_that_it_is_not(service: Service) -> None:
    cls = service.initiation
    if cls in desk.ROWS:
        assert desk.row_of(cls.__new__(cls)) is desk.ROWS[cls]
    else:
        assert cls.__name__ in {
            *("CancelRecallItem", "CreateAgency", "UpdateAgency", "DeleteUser"),
            *("SendUserNotice", "UpdateCirculationStatus"),
        }


@pytest.mark.parametrize("service", sorted(SERVICE_PROBLEMS))
def test_every_reason_has_a_type_that_some_list_has(service: str) -> None:
    for reason in Reason:
        if reason not in NOTES and reason not in NO_PROBLEM:
            assert type_for(reason, service) in ProblemName


def test_a_reason_without_a_word_of_its_own_is_said_knowingly() -> None:
    """Reasons that fall to Element Rule Violated are those that are meant to."""
    fallen = {reason for reason in Reason if type_for(reason, "CheckOutItem") is ProblemName.ELEMENT_RULE_VIOLATED}
    assert fallen - NOTES == {
        Reason.UNKNOWN_BRANCH,
        Reason.UNKNOWN_FEE,
        Reason.IDENTIFIER_TAKEN,
        Reason.NUMBER_EMPTY,
        Reason.NUMBER_UNSENDABLE,
        Reason.IDENTITY_NUMBER,
        Reason.SAME_PATRON,
        Reason.NOTHING_TO_INVOICE,
        Reason.NOT_TEMPORARY,
        Reason.LENDER_DECIDES,
        Reason.NO_UNSTAFFED_ACCESS,
    }


def lend() -> CheckOutItem:
    return CheckOutItem(user_id=UserId(user_identifier_value="1"), item_id=ItemId(item_identifier_value="2"))


def test_a_fee_stands_beside_its_problem() -> None:
    fee = Refusal(reason=Reason.FEE_ACK, amount=Money(2000, "SEK"))
    answer = refused(lend(), Refused(at=NOON, refusals=(fee,)), turn())
    assert isinstance(answer, CheckOutItemResponse)
    assert answer.problem[0].problem_detail == "fee_ack"
    assert answer.required_fee_amount is not None
    assert answer.required_fee_amount.monetary_value == 2000
    assert decode(encode(answer)).verdict.valid


def test_the_lender_is_asked_without_a_problem() -> None:
    question = RenewItem(user_id=UserId(user_identifier_value="1"), item_id=ItemId(item_identifier_value="2"))
    outcome = Refused(at=NOON, refusals=(Refusal(reason=Reason.LENDER_DECIDES),))
    answer = answer_renew(question, Heard(outcomes=(outcome,)), turn())
    assert isinstance(answer, RenewItemResponse)
    assert answer.pending is not None
    assert answer.problem == ()


def test_failures_answer_in_the_message_s_own_response() -> None:
    for answer in (desk.unavailable(lend()), desk.unserved(lend()), desk.denied(lend(), ProblemName.UNKNOWN_AGENCY)):
        assert isinstance(answer, CheckOutItemResponse)
        assert decode(encode(answer)).verdict.valid


@given(message=messages(*SERVED), profile=st.sampled_from(list(PROFILES.values())))
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_message_is_asked_or_answered(message: Message, profile: Profile) -> None:
    """Whatever the schema allows gives commands, or an answer that can be sent."""
    assert isinstance(message, Initiation)
    stand = turn(profile)
    row = desk.row_of(message)
    desk.pin_given(message, stand)
    if row.find is not None:
        row.find(message, stand)
    asked = row.ask(message, stand)
    if isinstance(asked, Message):
        assert isinstance(asked, Response)
        encode(asked, profile)
    else:
        assert asked
        no = Refused(at=datetime(2026, 2, 12, tzinfo=UTC), refusals=(Refusal(reason=Reason.UNKNOWN_ITEM),))
        assert row.answer is not None
        encode(row.answer(message, Heard(outcomes=(no,) * len(asked)), stand), profile)


@pytest.mark.parametrize("reason", Reason)
def test_every_refusal_names_an_element(reason: Reason) -> None:
    """And what it holds, unless that is nobody's business."""
    user, item = UserId(user_identifier_value="20001001"), ItemId(item_identifier_value="KB3")
    said = problem_of(Refusal(reason=reason), CheckOutItem(user_id=user, item_id=item))
    assert said.problem_element
    if said.problem_element in ("UserIdentifierValue", "ItemIdentifierValue") and reason is not Reason.IDENTITY_NUMBER:
        assert said.problem_value in ("20001001", "KB3")
