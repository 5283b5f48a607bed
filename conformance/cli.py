"""`replay`, `record` and `report` as one command line; `main` returns the exit status and prints to `out`."""

from __future__ import annotations

import argparse
import json
import socket
import ssl
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TextIO

from conformance import report
from conformance.anonymise import Anonymiser
from conformance.connection import Dial, tcp
from conformance.control import HttpControl
from conformance.draft import TranscriptError
from conformance.ncip import play as ncip_play
from conformance.ncip import transcript as ncip_transcript
from conformance.record import Heading, Recorder
from conformance.replay import Target, find_unknown_names, flatten, replay
from conformance.transcript import Transcript, load_all
from conformance.verdict import Mode, Verdict

TRANSCRIPTS = Path(__file__).with_name("transcripts")
USAGE_ERROR = 2


class UsageError(Exception):
    """Something on the command line cannot be used; the message is one line for a person."""


def main(argv: Sequence[str] | None = None, out: TextIO = sys.stdout) -> int:
    """0 if all that must hold holds, 1 if not, 2 if the command line, a file or a transcript is wrong."""
    asked = _parser().parse_args(argv)
    try:
        status: int = asked.run(asked, out)
    except (UsageError, TranscriptError) as wrong:
        out.write(f"{wrong}\n")
        return USAGE_ERROR
    except OSError as wrong:
        out.write(f"{wrong.filename or 'network'}: {wrong.strerror or wrong}\n")
        return USAGE_ERROR
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="conformance", description="Judge any ACS by conversations.")
    commands = parser.add_subparsers(required=True, metavar="replay | record | report")
    _add_replay(commands.add_parser("replay", help="play transcripts against an ACS"))
    _add_record(commands.add_parser("record", help="write down what a machine and its ACS say, anonymised"))
    _add_report(commands.add_parser("report", help="add up verdicts kept by replay --json"))
    return parser


def _add_replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("address", metavar="HOST:PORT", help="SIP2; or http://HOST:PORT for NCIP")
    parser.add_argument("files", nargs="*", type=Path, help="transcripts or folders; all of ours if none is named")
    parser.add_argument("--secrets", type=Path, metavar="JSON", help="logins, cards and PINs for the placeholders")
    parser.add_argument("--control", metavar="URL", help="where /demo/clock, /demo/world and /demo/job are")
    parser.add_argument("--mode", choices=[*map(str, Mode), "all"], default=str(Mode.WHOLE))
    parser.add_argument("--patience", type=float, default=5.0, metavar="SECONDS", help="to wait for an answer")
    parser.add_argument("--encoding", help="of the account, where a transcript does not say")
    parser.add_argument("--now", type=datetime.fromisoformat, metavar="ISO", help="the ACS's clock, if it has its own")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the verdicts")
    _add_tls(parser)
    _add_outputs(parser)
    parser.set_defaults(run=_run_replay)


def _add_tls(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--ca", type=Path, metavar="PEM", help="who signed the ACS's certificate")
    parser.add_argument("--certificate", type=Path, metavar="PEM", help="ours, with its key")


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--junit", type=Path, metavar="FILE", help="verdicts as JUnit XML")


def _add_record(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("listen", metavar="HOST:PORT", help="where the machine connects to")
    parser.add_argument("address", metavar="HOST:PORT", help="the ACS")
    parser.add_argument("folder", type=Path, help="where transcripts are written")
    parser.add_argument("--title", default="A recorded conversation")
    parser.add_argument("--machine", default="machine not named", help="make and version, for the source line")
    parser.add_argument("--day", default="day not named", help="when, for the source line")
    parser.add_argument("--encoding", default="cp850")
    parser.add_argument("--keep-text", action="store_true", help="keep screen messages, with known persons replaced")
    _add_tls(parser)
    parser.set_defaults(run=_run_record)


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="JSON")
    _add_outputs(parser)
    parser.set_defaults(run=_run_report)


def _run_replay(asked: argparse.Namespace, out: TextIO) -> int:
    if asked.address.startswith("http://"):
        return _run_ncip(asked, out)
    transcripts = load_all(asked.files or [TRANSCRIPTS / "sip2"])
    modes = list(Mode) if asked.mode == "all" else [Mode(asked.mode)]
    verdicts = play_all(transcripts, _target(asked), modes)
    if asked.json is not None:
        asked.json.write_text(report.as_json(verdicts), encoding="utf-8")
    return _conclude(verdicts, asked, out)


def _run_ncip(asked: argparse.Namespace, out: TextIO) -> int:
    """A responder of NCIP, by its address on the web."""
    transcripts = ncip_transcript.load_all(asked.files or [TRANSCRIPTS / "ncip"])
    control = HttpControl(asked.control) if asked.control else None
    target = ncip_play.NcipTarget(asked.address, _read_secrets(asked.secrets), control)
    missing = [mistake for one in transcripts for mistake in ncip_play.find_unknown_names(one, target.secrets)]
    if missing:
        raise TranscriptError(missing)
    return _conclude([ncip_play.play(one, target) for one in transcripts], asked, out)


def play_all(transcripts: Sequence[Transcript], target: Target, modes: Sequence[Mode] = (Mode.WHOLE,)) -> list[Verdict]:
    """Every transcript in every mode, one after the other; raises TranscriptError before the first if one cannot be."""
    missing = [mistake for transcript in transcripts for mistake in find_unknown_names(transcript, target.secrets)]
    if missing:
        raise TranscriptError(missing)
    return [replay(transcript, target, mode) for transcript in transcripts for mode in modes]


def _target(asked: argparse.Namespace) -> Target:
    return Target(
        dial=_dial(asked),
        secrets=_read_secrets(asked.secrets),
        control=HttpControl(asked.control) if asked.control else None,
        patience=asked.patience,
        encoding=asked.encoding,
        now=asked.now,
    )


def _read_secrets(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as trouble:
        raise UsageError(f"{path}: not JSON: {trouble}") from trouble
    if not isinstance(data, dict):
        raise UsageError(f"{path}: secrets are a JSON object")
    return flatten(data)


def _dial(asked: argparse.Namespace) -> Dial:
    host, port = read_address(asked.address)
    return tcp(host, port, _tls_context(asked), getattr(asked, "patience", 5.0))


def _tls_context(asked: argparse.Namespace) -> ssl.SSLContext | None:
    if not (asked.tls or asked.ca or asked.certificate):
        return None
    context = ssl.create_default_context(cafile=asked.ca)
    if asked.certificate:
        context.load_cert_chain(asked.certificate)
    return context


def read_address(text: str) -> tuple[str, int]:
    """HOST:PORT; raises UsageError."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise UsageError(f"an address is HOST:PORT, not {text!r}")
    return host.strip("[]"), int(port)


def _run_record(asked: argparse.Namespace, out: TextIO) -> int:
    asked.folder.mkdir(parents=True, exist_ok=True)
    recorder = Recorder(
        _dial(asked),
        asked.folder,
        Heading(asked.title, asked.machine, asked.day),
        Anonymiser(keep_text=asked.keep_text),
        asked.encoding,
        on_written=lambda path: _tell(out, f"written: {path}"),
    )
    with socket.create_server(read_address(asked.listen)) as listener:
        _tell(out, f"listening on {asked.listen}, passing on to {asked.address}; stop with Ctrl-C")
        try:
            recorder.serve(listener)
        except KeyboardInterrupt:
            _tell(out, "stopped")
    return 0


def _tell(out: TextIO, text: str) -> None:
    out.write(f"{text}\n")
    out.flush()


def _run_report(asked: argparse.Namespace, out: TextIO) -> int:
    verdicts: list[Verdict] = []
    for path in asked.files:
        try:
            verdicts += report.read_json(path.read_text(encoding="utf-8"))
        except ValueError as trouble:
            raise UsageError(f"{path}: {trouble}") from trouble
    return _conclude(verdicts, asked, out)


def _conclude(verdicts: list[Verdict], asked: argparse.Namespace, out: TextIO) -> int:
    if asked.junit is not None:
        asked.junit.write_text(report.as_junit(verdicts), encoding="utf-8")
    out.write(report.as_table(verdicts) + "\n")
    return report.exit_status(verdicts)
