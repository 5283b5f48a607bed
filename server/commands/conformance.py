"""`skranke conformance …`: judge any ACS with transcripts, record one through a proxy, print reports.

The judge is a stranger: it gets the words as they stand and answers with an exit status (see `conformance/cli.py`).
"""

import sys

import typer

from conformance import cli as judge

WORDS = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def conformance(context: typer.Context) -> None:
    """Judge any ACS with transcripts, record one through a proxy, print reports: replay, record, report."""
    raise typer.Exit(judge.main(context.args, sys.stdout))
