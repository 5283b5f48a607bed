"""The player against an ACS of fifty lines: what it accepts, what it blames, and how it puts frames on the wire."""

from datetime import datetime
from pathlib import Path

import pytest

from conformance.control import NotOfferedError
from conformance.draft import TranscriptError
from conformance.replay import Target, flatten, replay
from conformance.transcript import parse
from conformance.verdict import Mode, Result
from tests.conformance.fake_acs import FakeAcs, fake_acs, polite

HEAD = "title = t\nsource = s\nlevel = must\nworld = none\n"
LOGIN = HEAD + "terminal = T-KAL-S\n"
SECRETS = {"terminal.T-KAL-S.login": "kiosk", "terminal.T-KAL-S.password": "secret", "patron.K1.card": "2000"}
ITEM = "SC   17{now}AOKAL|ABKB3|AC|\nACS? 1803~|ABKB3|AJBlåbær|\n"


def play(acs: FakeAcs, text: str, mode: Mode = Mode.WHOLE, **more):
    target = Target(acs.dial, SECRETS, quiet=0.05, patience=more.pop("patience", 2.0), **more)
    return replay(parse(text, Path("a.txt")), target, mode)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("detection", ["on", "off"])
def test_a_good_acs_passes(mode, detection):
    text = (
        LOGIN
        + f"error_detection = {detection}\n"
        + ITEM
        + "SC   9900802.00\nACS? 98Y~|AOKAL|\nSC   71\nSILENCE\n"
        + ITEM
    )
    with fake_acs(polite) as acs:
        verdict = play(acs, text, mode)
    assert verdict.result is Result.PASSED, verdict.explain()
    assert len(verdict.lines) == 5  # login included
    assert acs.frames[0].startswith(b"9300CNkiosk|COsecret|CP|")


def test_numbers_count_up_and_wrap_and_start_again():
    with fake_acs(polite) as acs:
        assert play(acs, LOGIN + ITEM * 11 + "RECONNECT\n" + ITEM).ok
    digits = [frame[frame.rindex(b"AY") + 2 : frame.rindex(b"AZ")] for frame in acs.frames]
    assert digits == [b"%d" % (n % 10) for n in range(12)] + [b"0", b"1"]


def test_a_stranger_behind_travels_in_the_same_segment():
    with fake_acs(polite) as acs:
        assert play(acs, LOGIN + ITEM + ITEM, Mode.BEHIND).ok
    assert any(data.count(b"\r") == 2 for data in acs.heard)


def test_a_wrong_answer_is_told_field_by_field():
    with fake_acs(polite) as acs:
        verdict = play(acs, HEAD + "SC   17{now}AOKAL|ABKB4|AC|\nACS? 1803~|ABKB4|CV01|\n")
    assert verdict.result is Result.FAILED
    told = verdict.explain()
    assert "a.txt:6: t (whole)" in told and "AB: expected 'ABKB4', got 'AB?'" in told
    assert "CV: expected 'CV01', got nothing" in told


@pytest.mark.parametrize(
    ("manners", "text", "told"),
    [
        ({"wrong_digit": True}, ITEM, "sequence number 0 was sent, 9 came back"),
        ({"never_trailer": True}, ITEM, "no checksum in the answer"),
        ({}, "SC   71\nACS  96\n", "no answer in time"),
        ({}, "SC   9900802.00\nSILENCE\n", "an answer came though none is due"),
        ({}, "SC   9900802.00\nACS? 98~|\nCLOSED\n", "the connection stayed open"),
        ({}, "RAW  GET /\\r\nACS  96\n", "the connection was closed"),
        ({}, ITEM + "SC   9900802.00\nSAME\n", "again, got"),
    ],
)
def test_bad_manners_are_blamed(manners, text, told):
    with fake_acs(polite, **manners) as acs:
        verdict = play(acs, HEAD + text, patience=0.2)
    assert verdict.result is Result.FAILED and told in verdict.explain()


@pytest.mark.parametrize(
    "text",
    [
        ITEM + "SC   97\nSAME\nSC   97\nSAME\n",
        "BAD  17{now}AOKAL|ABKB3|\nACS  96\n" + ITEM,
        ITEM + "REPEAT\nSAME\n",
        "RAW  9900802.00\\r\nACS? 98~|AOKAL|\n",
        "RAW  9900802.00AY1AZFCA0\\r\nACS? 98~|AOKAL|\n",
        "RAW  \\r\\n\\0 9900802.00\\r\\n9900802.00\\r\nACS? 98~|\nACS? 98~|\n",
        "RAW  99008\nRAW  02.00\\r\nACS? 98~|\n",
        "RAW  GET / HTTP/1.1\\r\\n\nCLOSED\n",
    ],
)
def test_every_kind_of_step(text):
    with fake_acs(polite) as acs:
        verdict = play(acs, HEAD + text)
    assert verdict.ok, verdict.explain()


def test_names_without_a_value_are_told_with_file_and_line():
    with fake_acs(polite) as acs, pytest.raises(TranscriptError) as refused:
        play(acs, HEAD + "terminal = T-X\nSC   97\nACS  96\nSC   17{now}AA{patron.K9.card}|\n")
    assert [str(mistake) for mistake in refused.value.mistakes] == [
        "a.txt:8: no value for {patron.K9.card}",
        "a.txt:1: no value for {terminal.T-X.login}",
        "a.txt:1: no value for {terminal.T-X.password}",
    ]


def test_clock_world_and_jobs_go_through_the_control():
    asked: list[tuple[str, str]] = []
    text = (
        HEAD.replace("none", "fixtures")
        + 'given.loan = { item = "KB3", patron = "K1", lent = 2026-02-02, due = 2026-03-02 }\n'
        + "clock = 2026-03-01T12:00:00+01:00\nterminal = T-KAL-S\n"
        + "SC   9900802.00\nACS? 98~|\nCLOCK 2026-03-02T08:00:00+01:00\nJOB 2026-03-02\n"
        + "CONTROL staff {patron.K1.card}\nKILL\nSC   17{now}ABKB3|\nACS? 18~|\n"
    )
    with fake_acs(polite) as acs:
        verdict = play(acs, text, control=lambda action, argument: asked.append((action, argument)))
    assert verdict.ok, verdict.explain()
    assert [action for action, _ in asked] == ["clock", "world", "clock", "job", "control", "kill"]
    assert asked[1][1].splitlines()[2:] == [
        "[[loan]]",
        'item = "KB3"',
        'patron = "K1"',
        "lent = 2026-02-02",
        "due = 2026-03-02",
    ]
    assert asked[4] == ("control", "staff 2000")
    assert acs.frames[-1].startswith(b"1720260302    080000ABKB3|")


def test_without_control_what_needs_it_is_not_run():
    with fake_acs(polite) as acs:
        verdict = play(acs, HEAD + ITEM + "JOB 2026-03-02\n")
        assert verdict.result is Result.NOT_RUN and not acs.frames
        assert play(acs, HEAD.replace("none", "fixtures") + ITEM).ok


def test_a_control_that_lacks_an_action_means_not_run():
    with fake_acs(polite) as acs:
        verdict = play(acs, HEAD + ITEM + "KILL\n", control=offers_only_the_clock)
    assert verdict.result is Result.NOT_RUN and verdict.trouble == "no kill here"


def offers_only_the_clock(action: str, argument: str) -> None:
    if action != "clock":
        raise NotOfferedError(f"no {action} here")


def test_an_acs_with_its_own_clock():
    with fake_acs(polite) as acs:
        assert play(acs, HEAD + ITEM, now=datetime.fromisoformat("2027-01-02T03:04:05+00:00")).ok
    assert acs.frames[0].startswith(b"1720270102    030405")


def test_nobody_at_home():
    with fake_acs(polite) as acs:
        pass
    verdict = play(acs, HEAD + ITEM)
    assert verdict.result is Result.FAILED and "ConnectionRefusedError" in verdict.trouble


def test_nested_secrets_become_dotted_names():
    assert flatten({"patron": {"K1": {"pin": 1234}}, "x": "y"}) == {"patron.K1.pin": "1234", "x": "y"}
