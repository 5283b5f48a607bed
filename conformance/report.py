"""Verdicts added up: a table for people, JSON to keep, JUnit XML for build servers, and an exit status."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from conformance.verdict import MUST, Result, Verdict

_NOT_IN_XML = {code: None for code in range(0x20) if code not in (0x09, 0x0A, 0x0D)}


def exit_status(verdicts: Iterable[Verdict]) -> int:
    """1 if anything that must hold failed, else 0; `may` and vendors' habits are told but not held against anyone."""
    return int(any(verdict.result is Result.FAILED and verdict.level == MUST for verdict in verdicts))


def as_table(verdicts: Sequence[Verdict]) -> str:
    """One row a verdict, explanations of what failed, and the sum."""
    rows = [("result", "level", "mode", "ms", "transcript")]
    rows += [(v.result, v.level, v.mode, f"{v.seconds * 1000:.0f}", f"{v.path}: {v.title}") for v in verdicts]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)) for row in rows]
    told = [verdict.explain() for verdict in verdicts if not verdict.ok]
    return "\n".join([*table, "", *told, *([""] if told else []), summary(verdicts)])


def summary(verdicts: Sequence[Verdict]) -> str:
    """One line: how many passed, failed and were not run; of the failures, how many must hold."""
    count = {result: sum(verdict.result is result for verdict in verdicts) for result in Result}
    serious = sum(verdict.result is Result.FAILED and verdict.level == MUST for verdict in verdicts)
    told = [f"{number} {result}" for result, number in count.items() if number or result is Result.PASSED]
    return f"{len(verdicts)} played: {', '.join(told)}" + (f" ({serious} of them must hold)" if serious else "")


def as_json(verdicts: Iterable[Verdict]) -> str:
    """A list of verdicts as JSON."""
    return json.dumps([verdict.as_json() for verdict in verdicts], ensure_ascii=False, indent=1) + "\n"


def read_json(text: str) -> list[Verdict]:
    """What `as_json` wrote; raises ValueError if it is something else."""
    try:
        data: list[dict[str, Any]] = json.loads(text)
        return [Verdict.from_json(one) for one in data]
    except (KeyError, TypeError) as trouble:
        raise ValueError(f"not a list of verdicts: {trouble!r}") from trouble


def as_junit(verdicts: Sequence[Verdict]) -> str:
    """JUnit XML, one test case a verdict."""
    failures = sum(verdict.result is Result.FAILED for verdict in verdicts)
    skipped = sum(verdict.result is Result.NOT_RUN for verdict in verdicts)
    spent = sum(verdict.seconds for verdict in verdicts)
    cases = "".join(map(_junit_case, verdicts))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuite name="conformance" tests="{len(verdicts)}" failures="{failures}" skipped="{skipped}"'
        f' time="{spent:.3f}">\n{cases}</testsuite>\n'
    )


def _junit_case(verdict: Verdict) -> str:
    opening = f"  <testcase classname={_quote(verdict.path)} name={_quote(f'{verdict.title} ({verdict.mode})')}"
    opening += f' time="{verdict.seconds:.3f}"'
    if verdict.ok:
        return f"{opening}/>\n"
    told = escape(verdict.explain().translate(_NOT_IN_XML))
    element = "skipped" if verdict.result is Result.NOT_RUN else "failure"
    return f"{opening}>\n    <{element} message={_quote(verdict.level)}>{told}</{element}>\n  </testcase>\n"


def _quote(text: str) -> str:
    return quoteattr(text.translate(_NOT_IN_XML))
