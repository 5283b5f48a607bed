"""What goes the short way is read there as it is read with all patience; and what is proper does go the short way."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocols.ncip import proper
from protocols.ncip.codec import LIMITS, Dialect, Limits, decode, encode, read_patiently, tree
from protocols.ncip.envelope import Message
from protocols.ncip.errors import NcipError
from protocols.ncip.profiles import Wire
from protocols.ncip.redaction import redact, shown
from tests.strategies_ncip import FAITHFUL, SCHEMA_CLASSES, messages

MANY = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
LOOKUP = """<n:NCIPMessage xmlns:n="http://www.niso.org/2008/ncip" {root}>{before}
 <n:LookupUser{on}><n:UserId><n:AgencyId{scheme}>NO-1</n:AgencyId>{between}
  <n:UserIdentifierValue> {value} </n:UserIdentifierValue></n:UserId>{inside}
 </n:LookupUser>{after}</n:NCIPMessage>"""
VERSION = 'n:version="http://www.niso.org/schemas/ncip/v2_02/ncip_v2_02.xsd"'
PLAIN = {"root": VERSION, "before": "", "on": "", "scheme": "", "between": "", "value": "7", "inside": "", "after": ""}

PROPER = {
    "blanks": {},
    "a flag": {"inside": "<n:LoanedItemsDesired/>"},
    "a scheme": {"scheme": ' n:Scheme="http://example.org/list.scm"'},
    "several of one": {"inside": "<n:UserElementType>A</n:UserElementType><n:UserElementType>B</n:UserElementType>"},
    "a comment": {"between": "<!-- from the desk -->"},
    "a reference to a character": {"value": "&#55;&amp;7"},
    "where the schema lies": {
        "root": f'{VERSION} xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="a b"'
    },
}
ODD = {
    "no version": {"root": ""},
    "a version nobody knows": {"root": 'n:version="mine"'},
    "a version without namespace": {"root": 'version="http://www.niso.org/schemas/ncip/v2_02/ncip_v2_02.xsd"'},
    "an attribute of the root": {"root": f'{VERSION} mine="1"'},
    "an attribute": {"on": ' mine="1"'},
    "a scheme that is no URI": {"scheme": ' n:Scheme="a b c[]"'},
    "an empty scheme": {"scheme": ' n:Scheme=""'},
    "two attributes": {"scheme": ' n:Scheme="urn:a:b" mine="1"'},
    "text between": {"between": "text"},
    "text before": {"before": "text"},
    "text after": {"after": "text"},
    "text at the end": {"inside": "<n:LoanedItemsDesired/>text"},
    "text in a flag": {"inside": "<n:LoanedItemsDesired>yes</n:LoanedItemsDesired>"},
    "an empty value": {"value": ""},
    "a value that says null": {"value": "null"},
    "an element in a value": {"value": "<n:AgencyId>7</n:AgencyId>"},
    "an element of somebody else": {"inside": '<m:Note xmlns:m="urn:mine"/>'},
    "an extension": {"inside": "<n:Ext><n:AgencyId>7</n:AgencyId></n:Ext>"},
    "out of order": {"inside": "<n:InitiationHeader/>"},
    "twice": {"inside": "<n:UserId><n:UserIdentifierValue>8</n:UserIdentifierValue></n:UserId>"},
    "two messages": {"after": "<n:LookupUser/>"},
}


def document(**odd: str) -> bytes:
    return LOOKUP.format(**(PLAIN | odd)).encode()


@pytest.mark.parametrize("written", PROPER.values(), ids=PROPER.keys())
def test_a_proper_message_goes_the_short_way(written: dict[str, str]) -> None:
    assert goes_short(document(**written))
    same_both_ways(document(**written))


@pytest.mark.parametrize("written", ODD.values(), ids=ODD.keys())
def test_an_odd_one_is_read_with_patience(written: dict[str, str]) -> None:
    assert not goes_short(document(**written))


@MANY
@given(messages(*SCHEMA_CLASSES))
def test_both_ways_lead_to_the_same_message(message: Message) -> None:
    sent = encode(message, FAITHFUL)
    same_both_ways(sent)
    if b":Ext" not in sent and message.element not in ("BareProblem", "BareExtension"):
        assert goes_short(sent)


@MANY
@given(messages(*SCHEMA_CLASSES), st.data())
def test_nothing_that_is_against_the_schema_goes_the_short_way(message: Message, data: st.DataObject) -> None:
    """Elements are left out, doubled, swapped, emptied, renamed and given attributes."""
    pieces = re.split(rb"(?=<)", encode(message, FAITHFUL))
    at = data.draw(st.integers(2, len(pieces) - 1))
    there = data.draw(st.integers(2, len(pieces) - 1))
    change = data.draw(st.integers(0, 5))
    if change == 0:
        del pieces[at]
    elif change == 1:
        pieces.insert(there, pieces[at])
    elif change == 2:
        pieces[at], pieces[there] = pieces[there], pieces[at]
    elif change == 3:
        pieces[at] = pieces[at].partition(b">")[0] + b">"
    elif change == 4:
        pieces[at] = pieces[at].replace(b"ns1:A", b"ns1:B").replace(b"ns1:User", b"ns1:Item")
    else:
        pieces[at] = pieces[at].replace(b">", b' mine="1">')
    same_both_ways(b"".join(pieces))


def test_a_message_that_limits_may_refuse_is_read_with_patience() -> None:
    assert LIMITS.bear(len(document()))
    assert not LIMITS.bear(LIMITS.text)
    assert not Limits(elements=3).bear(len(document()))
    assert not Limits(depth=3).bear(10)


def goes_short(data: bytes) -> bool:
    return proper.read(tree(data)) is not None


def same_both_ways(data: bytes) -> None:
    try:
        taken = tree(data)
    except NcipError:
        return
    read = proper.read(taken)
    if read is None:
        return
    patient = read_patiently(tree(data))
    assert patient.message == read.message
    assert patient.dialect == Dialect(Wire.VERSION_2, read.version)
    assert (patient.verdict.valid, patient.quirks) == (True, ())
    assert decode(data) == patient
    assert shown(taken, proper=True) == redact(data)
