"""A stream of messages is cut at the end of each root element, however the bytes arrive, and never grows endless."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.ncip.errors import MessageTooLarge, NcipError, OutOfStep
from protocols.ncip.stream import Documents

DOCUMENTS = [
    b"<a/>",
    b"<a></a>",
    b"<a x=\"/>\"><b y='</a>'/></a>",
    b'<?xml version="1.0"?><!-- </a> <b> --><a><!-- </a> --></a>',
    b"<a><![CDATA[</a>]]]]></a>",
    b'<!DOCTYPE a PUBLIC "-//x>y//" "z"><a>text</a>',
    b'<!DOCTYPE a [<!ENTITY b "]>"><!-- ]> it\'s --><?pi ]> ?>]><a><b/></a>',
    b"<a ><b  ></b ></a >",
    "<a>blåbærsyltetøy</a>".encode(),
]


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("between", [b"", b"\n", b"\x04", b"\r\n\r\n", b"\xef\xbb\xbf"])
def test_each_document_whole_byte_by_byte_and_with_a_stranger_behind(document: bytes, between: bytes) -> None:
    assert list(Documents().receive(document + between)) == [document]
    slowly = Documents()
    assert [found for byte in document for found in slowly.receive(bytes([byte]))] == [document]
    assert list(Documents().receive(document + between + b"<stranger/>")) == [document, b"<stranger/>"]
    cut_off = Documents()
    assert list(cut_off.receive(document[:-1])) == []
    assert cut_off.waiting


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(DOCUMENTS), max_size=5), st.data())
def test_any_cut_gives_the_same_documents(documents: list[bytes], data: st.DataObject) -> None:
    stream = b"\n".join(documents)
    splitter, found, at = Documents(), [], 0
    while at < len(stream):
        size = data.draw(st.integers(1, 30))
        found += splitter.receive(stream[at : at + size])
        at += size
    assert found == documents


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=20) | st.sampled_from([b"<", b">", b"</a>", b"<a>", b"<!--", b"-->", b"<![CDATA["])))
def test_any_bytes_give_documents_or_a_typed_error(pieces: list[bytes]) -> None:
    splitter = Documents(largest=100)
    try:
        for piece in pieces:
            list(splitter.receive(piece))
    except NcipError:
        return


@pytest.mark.parametrize("start", [b"GET / HTTP/1.0\r\n", b"\xff\xfe<\0", b"</a>", b"9300CNlogin|"])
def test_what_starts_no_message_ends_the_stream(start: bytes) -> None:
    with pytest.raises(OutOfStep):
        list(Documents().receive(start))


@pytest.mark.parametrize("nonsense", [b"no XML", b"</a>", b"<a>" + b"b" * 200])
def test_what_is_whole_comes_before_the_nonsense_behind_it(nonsense: bytes) -> None:
    found = []
    with pytest.raises(NcipError):
        for document in Documents(largest=100).receive(b"<a/><b></b>" + nonsense):
            found.append(document)
    assert found == [b"<a/>", b"<b></b>"]


@pytest.mark.parametrize("endless", [b"<a>", b"<a b='", b"<!--", b"<a><![CDATA[", b"<?x ", b"<!DOCTYPE a ["])
def test_an_endless_message_is_cut_off_in_linear_time(endless: bytes) -> None:
    splitter = Documents(largest=200_000)
    began = time.process_time()
    list(splitter.receive(endless))
    with pytest.raises(MessageTooLarge):
        for _ in range(30_000):
            list(splitter.receive(b"<x y>]]-- "))
    assert time.process_time() - began < 3
