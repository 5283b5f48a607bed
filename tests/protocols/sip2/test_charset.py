"""Text fits its terminal: in its encoding, on one line, at most 255 characters and bytes, never half a letter."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.sip2.charset import ENCODINGS, decode, sendable
from protocols.sip2.dialects import DIALECTS, Dialect


@pytest.mark.parametrize(
    ("text", "encoding", "sent"),
    [
        ("Bjørk, Åse", "cp850", "Bjørk, Åse"),
        ("Bjo\u0308rk A\u030ase", "cp850", "Björk Åse"),
        ("æøåÆØÅäöÄÖ", "cp865", "æøåÆØÅäöÄÖ"),
        ("æøåÆØÅ", "ascii", "aeoaAEOA"),
        ("5 € – «god» bok…", "cp850", "5 EUR - «god» bok..."),
        ("5 €", "cp1252", "5 €"),
        ("5 €", "iso-8859-1", "5 EUR"),
        ("Čábmá đáŋŧa Dvořák Šostakovič", "iso-8859-1", "Cábmá dánta Dvorák Sostakovic"),
        ("Łódź", "cp850", "Lódz"),
        ("„Faust“ ‘x’", "ascii", "\"Faust\" 'x'"),
        ("Война", "cp850", "?????"),
        ("Война", "utf-8", "Война"),
        ("smil \U0001f600", "cp850", "smil ?"),
        ("lone \ud800", "utf-8", "lone ?"),
        ("a\u00a0b", "ascii", "a b"),
        ("to\r\nlinjer\tog\x00mer\u2028slutt", "utf-8", "to linjer og mer slutt"),
        ("a|b", "utf-8", "a/b"),
        ("a\uff5cb", "ascii", "a/b"),
        ("", "cp850", ""),
    ],
)
def test_what_an_encoding_lacks_is_spelled(text: str, encoding: str, sent: str) -> None:
    assert sendable(text, encoding, "|", "/") == sent


@pytest.mark.parametrize(
    ("text", "encoding", "sent"),
    [
        ("å" * 300, "cp850", "å" * 255),
        ("å" * 300, "utf-8", "å" * 127),
        ("a" + "å" * 300, "utf-8", "a" + "å" * 127),
        ("€" * 85, "utf-8", "€" * 85),
        ("€" * 86, "utf-8", "€" * 85),
        ("€" * 100, "cp850", "EUR" * 85),
        ("x" * 256, "ascii", "x" * 255),
    ],
)
def test_long_values_are_cut_between_characters(text: str, encoding: str, sent: str) -> None:
    assert sendable(text, encoding, "|", " ") == sent


@given(st.text(), st.sampled_from(ENCODINGS))
def test_whatever_is_to_be_said_can_be_sent(text: str, encoding: str) -> None:
    sent = sendable(text, encoding, "|", " ")
    data = sent.encode(encoding)
    assert data.decode(encoding) == sent
    assert len(data) <= 255
    assert len(sent) <= 255
    assert "|" not in sent
    assert not [character for character in sent if unicodedata.category(character) == "Cc"]
    assert sendable(sent, encoding, "|", " ") == sent


@pytest.mark.parametrize(
    ("data", "encoding", "text", "replaced"),
    [
        (b"Bj\x9brk", "cp850", "Bjørk", 0),
        ("Bjørk".encode(), "utf-8", "Bjørk", 0),
        (b"Bj\xf8rk", "utf-8", "Bj\ufffdrk", 1),
        (b"Bj\xf8rk \xe5", "ascii", "Bj\ufffdrk \ufffd", 2),
    ],
)
def test_bytes_that_are_no_text_are_replaced_and_counted(data: bytes, encoding: str, text: str, replaced: int) -> None:
    assert decode(data, encoding) == (text, replaced)


@pytest.mark.parametrize(
    "settings",
    [
        {"encoding": "cp437"},
        {"encoding": "utf-16"},
        {"terminator": b"\n"},
        {"delimiter": "||"},
        {"delimiter": "A"},
        {"delimiter": "?"},
        {"delimiter": "^", "delimiter_substitute": "^"},
        {"delimiter_substitute": "&#124;"},
        {"delimiter_substitute": "ø"},
        {"delimiter_substitute": "\n"},
    ],
)
def test_a_dialect_that_cannot_work_is_refused(settings: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="expected"):
        Dialect(**settings)


def test_dialects_are_known_by_their_names() -> None:
    assert all(name == dialect.name for name, dialect in DIALECTS.items())
    assert hash(DIALECTS["standard"]) == hash(Dialect())
