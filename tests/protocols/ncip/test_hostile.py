"""Hostile XML gets a typed error with an answer, in bounded time, and reads no file and no network."""

import time

import pytest

from protocols.ncip.codec import Limits, decode, encode, tree, understand
from protocols.ncip.errors import (
    EntityRefused,
    InvalidAmount,
    MalformedXml,
    MessageTooLarge,
    NcipError,
    NotNcip,
    SchemaViolation,
    TooComplex,
    UnknownMessage,
)
from protocols.ncip.lookups import LookupUser
from protocols.ncip.messages import Unread
from protocols.ncip.problems import ProblemName
from protocols.ncip.profiles import Wire

LONGEST = 2.0  # seconds; every case takes well under a tenth of that
BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
PERCENT = "".join(f'<!ENTITY % a{n} "{f"%a{n - 1};" * 10}">' for n in range(1, 12))


def lookup(user: str, doctype: str = "", version: str = "x") -> bytes:
    body = f"<LookupUser><UserId><UserIdentifierValue>{user}</UserIdentifierValue></UserId></LookupUser>"
    return f'{doctype}<NCIPMessage version="{version}">{body}</NCIPMessage>'.encode()


def many(piece: str, times: int, before: str = "<NCIPMessage", after: str = "/>") -> bytes:
    return (before + "".join(piece.replace("#", str(n)) for n in range(times)) + after).encode()


HOSTILE = {
    "external entity": (lookup("&x;", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), EntityRefused),
    "unused entity": (lookup("1", '<!DOCTYPE a [<!ENTITY x "y">]>'), EntityRefused),
    "undeclared entity": (lookup("2000100&x;1", '<!DOCTYPE a PUBLIC "b" "http://127.0.0.1:1/c.dtd">'), EntityRefused),
    "entity in attribute": (lookup("1", '<!DOCTYPE a PUBLIC "b" "http://127.0.0.1:1/c.dtd">', "a&x;b"), EntityRefused),
    "entity without document type": (lookup("2000100&x;1"), MalformedXml),
    "parameter entity": (lookup("1", '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;]>'), EntityRefused),
    "billion laughs": (lookup("&a11;", f'<!DOCTYPE a [<!ENTITY a0 "aaaaaaaaaa">{BOMB}]>'), NcipError),
    "laughs in an attribute": (lookup("1", f'<!DOCTYPE a [<!ENTITY a0 "aaaaaaaaaa">{BOMB}]>', "&a11;"), NcipError),
    "laughs in the subset": (lookup("1", f'<!DOCTYPE a [<!ENTITY % a0 "aaaa">{PERCENT} %a11;]>'), NcipError),
    "deep": (b"<a>" * 200_000, TooComplex),
    "deep in Ext": (b"<NCIPMessage>" + b"<Ext>" * 200 + b"</Ext>" * 200 + b"</NCIPMessage>", TooComplex),
    "wide": (many("<a/>", 200_000, "<NCIPMessage>", "</NCIPMessage>"), TooComplex),
    "many attributes": (many(' a#="1"', 80_000), TooComplex),
    "100k attributes": (many(' a#="1"', 100_000), MessageTooLarge),
    "many namespaces": (many(' xmlns:a#="u#"', 40_000), NotNcip),
    "nested namespaces": (many('<a#:x xmlns:a#="u#"/>', 20_000, "<NCIPMessage>", "</NCIPMessage>"), TooComplex),
    "huge text": (lookup("9" * 900_000), TooComplex),
    "huge": (lookup("9" * 2_000_000), MessageTooLarge),
    "huge amount": (
        b"<NCIPMessage><CheckOutItem><PaidFeeAmount><MonetaryValue>%s</MonetaryValue></PaidFeeAmount></CheckOutItem>"
        b"</NCIPMessage>" % (b"9" * 60_000),
        InvalidAmount,
    ),
    "wrong encoding": (lookup("1").replace(b"1", b"\xe6"), MalformedXml),
    "unknown encoding": (b'<?xml version="1.0" encoding="klingon"?>' + lookup("1"), MalformedXml),
    "truncated": (lookup("1")[:-4], MalformedXml),
    "two roots": (lookup("1") + lookup("2"), MalformedXml),
    "two messages": (lookup("1").replace(b"</LookupUser>", b"</LookupUser><LookupUser/>"), NotNcip),
    "undeclared prefix": (b"<x:NCIPMessage/>", MalformedXml),
    "nothing": (b"", MalformedXml),
    "zero byte": (lookup("\0"), MalformedXml),
    "a bare ampersand": (lookup("a & b"), MalformedXml),
    "another root": (b"<html/>", NotNcip),
    "no message": (b"<NCIPMessage/>", NotNcip),
    "unknown message": (b"<NCIPMessage><OpenPodBayDoors/></NCIPMessage>", UnknownMessage),
}


@pytest.mark.parametrize(("data", "expected"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_input_gets_a_typed_error_in_time(data: bytes, expected: type[NcipError]) -> None:
    began = time.process_time()
    with pytest.raises(expected) as raised:
        decode(data)
    assert time.process_time() - began < LONGEST
    assert decode(encode(raised.value.reply())).verdict.valid


def test_a_document_type_without_entities_is_ignored() -> None:
    doctype = '<!DOCTYPE NCIPMessage PUBLIC "-//NISO//NCIP DTD Version 1.0//EN" "http://127.0.0.1:1/ncip_v1_0.dtd">'
    assert isinstance(decode(lookup("1", doctype)).message, LookupUser)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_the_declared_encoding_is_honoured(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{declared}"?>' + lookup("Bjørn").decode()
    message = decode(text.encode(encoding)).message
    assert isinstance(message, LookupUser)
    assert message.user_id is not None
    assert message.user_id.user_identifier_value == "Bjørn"


def test_an_error_tells_line_element_and_place() -> None:
    with pytest.raises(MalformedXml) as malformed:
        decode(b"<NCIPMessage>\n<LookupUser>\n</NCIPMessage>")
    assert malformed.value.line == 3
    assert "column" not in malformed.value.detail  # the place is told once
    with pytest.raises(SchemaViolation) as violation:
        decode(lookup("1"), strict=True)
    assert violation.value.element == "NCIPMessage"
    assert violation.value.message == "LookupUser"


def test_a_wrong_date_is_answered_in_the_services_own_response() -> None:
    data = b"""<NCIPMessage><RenewItem><InitiationHeader><FromAgencyId><AgencyId>A</AgencyId></FromAgencyId>
    <ToAgencyId><AgencyId>B</AgencyId></ToAgencyId></InitiationHeader><DesiredDateDue>soon</DesiredDateDue>
    </RenewItem></NCIPMessage>"""
    with pytest.raises(NcipError) as raised:
        decode(data)
    answer = decode(encode(raised.value.reply()), strict=True).message
    assert answer.element == "RenewItemResponse"
    assert raised.value.as_problem().problem_type.says(ProblemName.INVALID_DATE)
    assert raised.value.as_problem().problem_element == "DesiredDateDue"
    assert raised.value.header is not None
    assert raised.value.header.to_agency_id.agency_id.value == "A"


def test_limits_are_the_callers() -> None:
    with pytest.raises(MessageTooLarge):
        decode(lookup("1"), limits=Limits(size=10))


def test_of_what_is_no_message_the_sender_and_the_spelling_are_known() -> None:
    agency = "<UniqueAgencyId><Value>{}</Value></UniqueAgencyId>"
    data = f"""<NCIPMessage version="http://www.niso.org/ncip/v1_0/imp1/dtd/ncip_v1_0.dtd"><OpenDoor><InitiationHeader>
    <FromAgencyId>{agency.format("A")}</FromAgencyId><ToAgencyId>{agency.format("B")}</ToAgencyId></InitiationHeader>
    <UniqueRequestId><RequestIdentifierValue>7</RequestIdentifierValue></UniqueRequestId></OpenDoor></NCIPMessage>"""
    decoded = understand(tree(data.encode()), len(data))
    assert isinstance(decoded.fault, UnknownMessage)
    assert decoded.dialect.wire is Wire.VERSION_1
    unread = decoded.message
    assert isinstance(unread, Unread)
    assert unread.initiation_header is not None
    assert unread.initiation_header.from_agency_id.agency_id.value == "A"
    assert unread.request_id is not None
    assert unread.request_id.request_identifier_value == "7"
