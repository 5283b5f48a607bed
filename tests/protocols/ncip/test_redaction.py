"""Nothing personal or secret is left in what is shown and kept, in whatever spelling it came."""

import pytest
from hypothesis import HealthCheck, given, settings

from protocols.ncip.codec import encode
from protocols.ncip.elements import LEAVES
from protocols.ncip.envelope import Message
from protocols.ncip.errors import InvalidDate
from protocols.ncip.kinds import Privacy
from protocols.ncip.redaction import redact
from tests.strategies_ncip import SCHEMA_CLASSES, messages

NS = "http://www.niso.org/2008/ncip"
PRIVATE = [name for name, kind in LEAVES.items() if kind.privacy is not Privacy.OPEN]
SPELLINGS = {
    "prefixed": "<n:NCIPMessage xmlns:n='{ns}'><n:{name}>Hemmelig7</n:{name}></n:NCIPMessage>",
    "bare": "<NCIPMessage><LookupUser><{name}>Hemmelig7</{name}></LookupUser></NCIPMessage>",
    "lower case": "<NCIPMessage><{lower}>Hemmelig7</{lower}></NCIPMessage>",
    "as value child": "<NCIPMessage><{name}><Value>Hemmelig7</Value></{name}></NCIPMessage>",
    "no message at all": "<{name}>Hemmelig7</{name}>",
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
@pytest.mark.parametrize("name", PRIVATE)
def test_every_private_leaf_is_masked_in_every_spelling(name: str, spelling: str) -> None:
    shown = redact(spelling.format(ns=NS, name=name, lower=name.lower()).encode())
    assert "Hemmelig7" not in shown
    assert "***" in shown


@pytest.mark.parametrize(
    "hidden",
    [
        "<VisibleUserIdentifier>Hemmelig7</VisibleUserIdentifier>",
        "<ProcessingErrorValue>Hemmelig7</ProcessingErrorValue>",
        "<Ext><m:Note xmlns:m='urn:mine' m:for='Hemmelig7'>Hemmelig7<m:By>Hemmelig7</m:By>Hemmelig7</m:Note></Ext>",
        "<Unheard>Hemmelig7</Unheard>",
        "<UserId>Hemmelig7<UserIdentifierValue/>Hemmelig7</UserId>",
    ],
)
def test_what_nobody_declared_is_masked(hidden: str) -> None:
    assert "Hemmelig7" not in redact(f"<NCIPMessage>{hidden}</NCIPMessage>".encode())


def test_what_is_no_message_is_told_by_its_size() -> None:
    assert redact(b"<NCIPMessage>Hemmelig7") == "[22 bytes that are no message: MalformedXml]"


def test_what_a_dispute_turns_on_is_kept() -> None:
    data = """<NCIPMessage><CancelRequestItem><RequestId><RequestIdentifierValue>NO-1:17</RequestIdentifierValue>
    </RequestId><Ext><NoticeContent>CancelledBy.Lender</NoticeContent><ItemNote>10</ItemNote></Ext></CancelRequestItem>
    </NCIPMessage>"""
    shown = redact(data.encode())
    assert all(word in shown for word in ("NO-1:17", "CancelledBy.Lender", ">10<"))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(messages(*SCHEMA_CLASSES))
def test_every_message_can_be_shown(message: Message) -> None:
    assert redact(encode(message)).startswith("<ns1:NCIPMessage")


def test_a_secret_is_masked_in_the_problem_that_names_it() -> None:
    error = InvalidDate("odd", element="AuthenticationInputData", value="1234")
    assert error.as_problem().problem_value == "***"
