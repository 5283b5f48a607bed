"""What is written the short way is written there as it is with all patience, and masked as what came is masked."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocols.ncip.codec import Dialect, Unsendable, encode, encode_patiently, straight
from protocols.ncip.envelope import Message
from protocols.ncip.extension import Ext
from protocols.ncip.identifiers import UserId
from protocols.ncip.kinds import Coded
from protocols.ncip.lookups import LookupUser, LookupUserResponse
from protocols.ncip.messages import MESSAGES, BareProblem
from protocols.ncip.profiles import DANISH, PLAIN, PROFILES, VERSION_2_02, Profile, Wire
from protocols.ncip.redaction import encode_and_redact, redact
from protocols.ncip.transactions import LoanedItemsCount
from tests.strategies_ncip import FAITHFUL, SCHEMA_CLASSES, messages

MANY = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
PLAINLY = LookupUser(user_id=UserId(user_identifier_value="N7 & <co>\r\x07"), loaned_items_desired=True)
ODD = {
    "an extension": (replace(PLAINLY, ext=Ext()), None),
    "in an extension": (PLAINLY, Dialect(in_ext=True)),
    "version 1": (PLAINLY, Dialect(Wire.VERSION_1)),
    "the other root": (PLAINLY, Dialect(version_root=True)),
    "no service": (BareProblem(), None),
    "against the schema": (LookupUser(), None),
    "a value that the schema refuses": (
        LookupUserResponse(
            user_id=PLAINLY.user_id,
            loaned_items_count=(LoanedItemsCount(circulation_status=Coded("On Loan"), loaned_item_count_value=-1),),
        ),
        None,
    ),
}


def test_a_plain_message_is_written_straight() -> None:
    assert straight(PLAINLY, PLAIN, None) is not None
    assert straight(PLAINLY, DANISH, Dialect(Wire.VERSION_2, VERSION_2_02)) is not None


@pytest.mark.parametrize(("message", "reply_to"), ODD.values(), ids=ODD.keys())
def test_an_odd_one_is_written_with_patience(message: Message, reply_to: Dialect | None) -> None:
    assert straight(message, PLAIN, reply_to) is None


@pytest.mark.parametrize(
    ("message", "why"), [(LookupUser(), "must follow"), (ODD["a value that the schema refuses"][0], "-1")]
)
def test_what_the_schema_refuses_is_not_sent(message: Message, why: str) -> None:
    with pytest.raises(Unsendable, match=why):
        encode(message)


def test_a_value_of_the_wrong_kind_is_not_sent() -> None:
    wrong: dict[str, Any] = {"user_identifier_value": Coded("7")}
    with pytest.raises(TypeError, match="UserIdentifierValue"):
        encode(LookupUser(user_id=UserId(**wrong)))


@MANY
@given(
    messages(*SCHEMA_CLASSES, *MESSAGES.values()),
    st.sampled_from([FAITHFUL, *PROFILES.values()]),
    st.sampled_from([None, Dialect(), Dialect(Wire.VERSION_2, VERSION_2_02), Dialect(in_ext=True)]),
)
def test_both_ways_write_and_show_the_same(message: Message, profile: Profile, reply_to: Dialect | None) -> None:
    sent = encode_patiently(message, profile, reply_to=reply_to)
    assert encode(message, profile, reply_to=reply_to) == sent
    assert encode_and_redact(message, profile, reply_to=reply_to) == (sent, redact(sent))
