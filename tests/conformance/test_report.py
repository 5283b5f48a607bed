"""Adding up, and the command line around it."""

import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conformance import report
from conformance.cli import main, read_address
from conformance.verdict import LineVerdict, Mode, Result, Verdict
from tests.conformance.fake_acs import fake_acs, polite

LINE = LineVerdict(6, "9900802.00", "98~", "98\x01<&", 0.001, ("fixed part",))


def verdict(result: Result, level: str = "must") -> Verdict:
    lines = (LINE,) if result is Result.FAILED else ()
    return Verdict(
        "a.txt", "tittel", level, Mode.WHOLE, result, 0.5, lines, "no control" if result is Result.NOT_RUN else ""
    )


PASSED, FAILED, NOT_RUN = (verdict(result) for result in Result)


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        ([], 0),
        ([PASSED], 0),
        ([PASSED, FAILED], 1),
        ([verdict(Result.FAILED, "may"), verdict(Result.FAILED, "vendor:x")], 0),
        ([NOT_RUN], 0),
    ],
)
def test_only_what_must_hold_fails_the_run(verdicts, status):
    assert report.exit_status(verdicts) == status


def test_the_table_tells_what_failed_and_the_sum():
    table = report.as_table([PASSED, FAILED, NOT_RUN])
    assert "a.txt:6: tittel (whole)" in table and "- fixed part" in table
    assert table.endswith("3 played: 1 passed, 1 failed, 1 not run (1 of them must hold)")


def test_json_comes_back_as_it_went():
    assert report.read_json(report.as_json([PASSED, FAILED, NOT_RUN])) == [PASSED, FAILED, NOT_RUN]


@pytest.mark.parametrize("text", ["{}x", '[{"path": 1}]', "[1]", '{"a": 1}'])
def test_other_json_is_refused(text):
    with pytest.raises(ValueError):
        report.read_json(text)


def test_junit_is_xml_with_the_right_counts():
    suite = ElementTree.fromstring(report.as_junit([PASSED, FAILED, NOT_RUN]).encode())
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "1")
    failure = suite.find("testcase/failure")
    assert failure is not None and "got       98<&" in (failure.text or "")


GOOD = "title = t\nsource = s\nlevel = must\nworld = none\nterminal = K\nSC   9900802.00\nACS? 98Y~|AOKAL|\n"


def run(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    return main(list(arguments), out), out.getvalue()


def test_replay_report_and_outputs(tmp_path):
    (tmp_path / "good.txt").write_text(GOOD)
    (tmp_path / "demo.json").write_text(json.dumps({"terminal": {"K": {"login": "k", "password": "p"}}}))
    kept, junit = tmp_path / "v.json", tmp_path / "v.xml"
    with fake_acs(polite) as acs:
        status, said = run(
            "replay", f"127.0.0.1:{acs.port}", str(tmp_path / "good.txt"), "--secrets", str(tmp_path / "demo.json"),
            "--mode", "all", "--json", str(kept), "--junit", str(junit),
        )  # fmt: skip
    assert status == 0 and said.endswith("3 played: 3 passed\n")
    assert ElementTree.parse(junit).getroot().get("tests") == "3"
    assert run("report", str(kept)) == (0, said)


def test_a_must_that_fails_is_status_one(tmp_path):
    (tmp_path / "bad.txt").write_text(GOOD.replace("terminal = K\n", "").replace("AOKAL", "AOLYS"))
    with fake_acs(polite) as acs:
        status, said = run("replay", f"127.0.0.1:{acs.port}", str(tmp_path / "bad.txt"))
    assert status == 1 and "AO: expected 'AOLYS', got 'AOKAL'" in said


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("replay", "nowhere", "good.txt"), "an address is HOST:PORT, not 'nowhere'"),
        (("replay", "127.0.0.1:1", "absent.txt"), "absent.txt: No such file or directory"),
        (("replay", "127.0.0.1:1", "good.txt"), "no value for {terminal.K.login}"),
        (("replay", "127.0.0.1:1", "wrong.txt"), "wrong.txt:1: no `title` in the header"),
        (("replay", "127.0.0.1:1", "good.txt", "--secrets", "wrong.txt"), "not JSON"),
        (("report", "wrong.txt"), "wrong.txt: "),
    ],
)
def test_what_cannot_be_used_is_said_in_a_line_and_is_status_two(tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    Path("good.txt").write_text(GOOD)
    Path("wrong.txt").write_text("SC   97\n")
    status, said = run(*arguments)
    assert status == 2 and told in said


@pytest.mark.parametrize(("text", "address"), [("acs:6001", ("acs", 6001)), ("[::1]:6001", ("::1", 6001))])
def test_addresses(text, address):
    assert read_address(text) == address
