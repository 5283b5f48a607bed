"""Any message of the table survives the wire, and any bytes give a message or a typed error."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocols.ncip.codec import Dialect, Unsendable, decode, encode
from protocols.ncip.envelope import Message, Problem, Response
from protocols.ncip.errors import NcipError
from protocols.ncip.extension import Ext, Foreign, Leaf
from protocols.ncip.identifiers import ItemId, UserId
from protocols.ncip.kinds import Coded
from protocols.ncip.legacy import BEYOND_SCHEMA
from protocols.ncip.lending import CheckInItem, CheckInItemResponse, CheckOutItem
from protocols.ncip.lookups import LookupUser, LookupUserResponse
from protocols.ncip.messages import MESSAGES, BareProblem
from protocols.ncip.nodes import Node
from protocols.ncip.profiles import DANISH, NNCIPP, PROFILES, VERSION_1_01, Profile, Wire
from tests.strategies_ncip import FAITHFUL, MESSAGE_CLASSES, SCHEMA_CLASSES, elements, messages

pytestmark = pytest.mark.slow

FEW = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("cls", MESSAGE_CLASSES, ids=lambda cls: cls.element)
def test_every_message_survives_the_wire(cls: type[Message]) -> None:
    @FEW
    @given(elements(cls))
    def survives(message: Message) -> None:
        decoded = decode(encode(message, FAITHFUL))
        assert decoded.message == message
        assert decoded.verdict.valid or message.element in BEYOND_SCHEMA
        assert not decoded.quirks

    survives()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(messages(*SCHEMA_CLASSES), st.sampled_from([p for p in PROFILES.values() if p.wire is Wire.VERSION_2]))
def test_every_profile_sends_valid_messages_with_the_prefix(message: Message, profile: Profile) -> None:
    sent = encode(message, profile)
    assert decode(sent, strict=True).message.element == message.element
    assert sent.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<ns1:NCIPMessage ')


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(messages(*MESSAGES.values(), BareProblem))
def test_version_1_is_written_and_read(message: Message) -> None:
    sent = encode(message, DANISH)
    decoded = decode(sent)
    assert type(decoded.message) is type(message)
    assert decoded.dialect == Dialect(Wire.VERSION_1, VERSION_1_01)
    assert b"xmlns" not in sent


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_give_a_message_or_a_typed_error(data: bytes) -> None:
    _message_or_answer(data)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(messages().map(lambda message: encode(message, FAITHFUL)), st.data())
def test_a_damaged_message_gives_a_message_or_a_typed_error(sent: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(sent)))
    upto = data.draw(st.integers(at, min(len(sent), at + 40)))
    _message_or_answer(sent[:at] + data.draw(st.binary(max_size=5)) + sent[upto:])


def _message_or_answer(data: bytes) -> None:
    try:
        decode(data)
    except NcipError as error:
        answer = decode(encode(error.reply()), strict=True).message
        assert isinstance(answer, BareProblem | Response)
        assert answer.problem


def test_what_the_schema_refuses_is_not_sent() -> None:
    no_user = CheckOutItem(item_id=ItemId(item_identifier_value="1"))
    foreign = CheckInItem(
        item_id=ItemId(item_identifier_value="1"), ext=Ext(content=(Foreign(Node("Note", "urn:mine")),))
    )
    for message in (no_user, foreign, BareProblem(), LookupUserResponse()):
        with pytest.raises(Unsendable):
            encode(message)


def test_an_answer_leaves_out_what_the_partner_put_beside_a_number() -> None:
    stranger = Ext(content=(Foreign(Node("ref", "urn:theirs", text="1")),))
    ours = Ext(content=(Leaf("ItemIdentifierValue", "2"),))
    answer = CheckInItemResponse(item_id=ItemId(item_identifier_value="1", ext=stranger), ext=ours)
    sent = decode(encode(answer), strict=True).message
    assert sent == CheckInItemResponse(item_id=ItemId(item_identifier_value="1"), ext=ours)


def test_control_characters_of_a_catalogue_do_not_stop_an_answer() -> None:
    sent = encode(BareProblem(problem=(Problem(problem_type=Coded("A\x1fB\ud800"), problem_detail="\x00 \x0b]]>"),)))
    message = decode(sent, strict=True).message
    assert message == BareProblem(problem=(Problem(problem_type=Coded("AB"), problem_detail="]]>"),))


def test_the_norwegian_profile_sends_no_scheme() -> None:
    sent = encode(LookupUser(user_id=UserId(user_identifier_type=Coded("Barcode"), user_identifier_value="N1")), NNCIPP)
    assert b"Scheme" not in sent


def test_a_plain_partner_gets_the_scheme_of_a_listed_value_only() -> None:
    listed = UserId(user_identifier_type=Coded("barcode"), user_identifier_value="N1")
    own = UserId(user_identifier_type=Coded("uuid"), user_identifier_value="N1")
    assert b"visibleuseridentifiertype.scm" in encode(LookupUser(user_id=listed))
    assert b"Scheme" not in encode(LookupUser(user_id=own))
