"""The transcript format: what is read, and what is refused with file and line."""

from pathlib import Path

import pytest

from conformance.draft import TranscriptError
from conformance.transcript import Step, Verb, load_all, parse, unescape

HEAD = "title = t\nsource = s\nlevel = must\nworld = none\n"


def read(text: str):
    return parse(text, Path("a.txt"))


def mistakes(text: str) -> list[str]:
    with pytest.raises(TranscriptError) as refused:
        read(text)
    return [str(mistake) for mistake in refused.value.mistakes]


def test_a_whole_transcript_is_read():
    read_one = read(
        "# a comment\n"
        + HEAD
        + 'given.loan = { item = "KB3", patron = "K1", lent = 2026-02-02, due = 2026-03-02 }\n'
        + "clock = 2026-09-14T10:30:00+02:00\nterminal = T-KAL-S\nerror_detection = off\n\n"
        + "SC   9900802.00\nACS? 98~|AOKAL|\nSC   71\nACS  -\nRECONNECT T-KAL-B\nKILL\n"
    )
    assert [step.verb for step in read_one.steps] == [
        Verb.SEND,
        Verb.FIELDS,
        Verb.SEND,
        Verb.SILENCE,
        Verb.RECONNECT,
        Verb.KILL,
    ]
    assert read_one.steps[0] == Step(11, Verb.SEND, "9900802.00")
    assert read_one.given["loan"][0]["item"] == "KB3"
    assert (read_one.terminal, read_one.error_detection, read_one.clock.hour) == ("T-KAL-S", False, 10)
    assert read_one.needs_control()


def test_what_a_header_leaves_out():
    plain = read(HEAD + "SC   97\n")
    assert plain.clock.isoformat() == "2026-02-12T12:00:00+01:00"
    assert plain.terminal is None and plain.error_detection and not plain.needs_control()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title = t\nSC   97\n", "a.txt:1: no `source` in the header"),
        (HEAD + "colour = red\nSC   97\n", "a.txt:5: unknown key `colour`"),
        (HEAD + "level = must\nSC   97\n", "a.txt:5: `level` is said twice"),
        (HEAD.replace("must", "should") + "SC   97\n", "a.txt:3: level is must, may or vendor:NAME, not 'should'"),
        (HEAD + "clock = noon\nSC   97\n", "a.txt:5: not an ISO date and time: 'noon'"),
        (HEAD + "clock = 2026-02-12T12:00:00\nSC   97\n", "a.txt:5: a clock needs its offset"),
        (HEAD + "encoding = cp12345\nSC   97\n", "a.txt:5: no such encoding: 'cp12345'"),
        (HEAD + "error_detection = maybe\nSC   97\n", "a.txt:5: error_detection is on or off"),
        (HEAD + "given.shelf = { a = 1 }\nSC   97\n", "a.txt:5: no table `shelf` in a world"),
        (HEAD + "given.loan = { a = \nSC   97\n", "a.txt:5: not a TOML table"),
        (HEAD + "given.loan = 5\nSC   97\n", "a.txt:5: a row is written { key = value, ... }"),
        (HEAD + "terminal =\nSC   97\n", "a.txt:5: `terminal` is empty"),
        (HEAD + "SC   97\nACS  96\nACS  96\n", "a.txt:7: ACS without anything sent before it"),
        (HEAD + "SC   97\nworld = fixtures\n", "a.txt:6: header line `world` after the conversation has begun"),
        (HEAD + "SC\n", "a.txt:5: SC says nothing"),
        (HEAD + "SC   97\nSAME again\n", "a.txt:6: SAME stands alone"),
        (HEAD + "REPEAT\n", "a.txt:5: REPEAT without an SC line to repeat"),
        (HEAD + "RAW  \\q\n", "a.txt:5: unknown escape \\q"),
        (HEAD + "SC   17{now\n", "a.txt:5: a brace without its partner"),
        (HEAD + "SC   checkout\n", "a.txt:5: a message opens with two digits"),
        (HEAD + "SAY  hello\nSC   97\n", "a.txt:5: neither `key = value` nor one of SC"),
        (HEAD + "CLOCK soon\nSC   97\n", "a.txt:5: not an ISO date and time"),
        (HEAD, "a.txt:1: nobody says anything"),
    ],
)
def test_a_mistake_is_told_with_file_and_line(text, told):
    assert any(line.startswith(told) for line in mistakes(text)), mistakes(text)


def test_all_mistakes_are_told_at_once():
    assert len(mistakes("level = x\nSC\nACS  96\n")) >= 5


def test_mistakes_of_several_files_come_together(tmp_path):
    for name in ("b.txt", "a.txt"):
        (tmp_path / name).write_text("SC   97\n")
    with pytest.raises(TranscriptError) as refused:
        load_all([tmp_path])
    assert [mistake.path.name for mistake in refused.value.mistakes] == ["a.txt"] * 4 + ["b.txt"] * 4


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ("97\\r\\n", b"97\r\n"),
        ("\\x16\\x03a", b"\x16\x03a"),
        ("\\0\\t\\\\", b"\0\t\\"),
        ("å", "å".encode()),
    ],
)
def test_escapes(text, raw):
    assert unescape(text) == raw


@pytest.mark.parametrize("text", ["\\", "\\q", "a\\x1"])
def test_bad_escapes_are_refused(text):
    with pytest.raises(ValueError, match=r"escape|lone"):
        unescape(text)
