"""Every transcript that ships can be read, starts from a world that exists, and together they leave no message out."""

import itertools
import tomllib
from pathlib import Path

import pytest

from conformance.draft import find
from conformance.matching import fill
from conformance.replay import BUILT_IN
from conformance.transcript import PLACEHOLDER, Verb, load
from conformance.wire import WIDTH, cut
from conformance.worlds import FOLDER, compose, refuse_world

TRANSCRIPTS = Path(__file__).parents[2] / "conformance" / "transcripts" / "sip2"
FILES = list(find([TRANSCRIPTS]))
PAIRS = {
    ("01", "24"), ("09", "10"), ("11", "12"), ("15", "16"), ("17", "18"), ("19", "20"), ("23", "24"), ("25", "26"),
    ("29", "30"), ("35", "36"), ("37", "38"), ("63", "64"), ("65", "66"), ("93", "94"), ("97", "96"), ("99", "98"),
}  # fmt: skip
REASONS = {
    "unknown_patron", "pin_required", "pin_wrong", "card_lost", "card_expired", "card_unlinked", "guardian_missing",
    "manual_block", "suspended", "debt_limit", "age_limit", "unknown_item", "not_for_loan", "on_loan_other",
    "already_yours", "held_for_other", "fee_ack", "not_renewable", "max_renewals", "waiting_list",
    "overdue_no_renewal", "no_gain", "lender_decides", "billed", "not_on_loan", "not_holdable", "on_shelf",
    "duplicate_hold", "need_before", "no_unstaffed_access", "amount_too_high", "amount_invalid", "wrong_currency",
    "unknown_fee", "no_such_hold", "unknown_branch", "not_allowed", "nothing_to_undo", "payment_number_taken",
}  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TRANSCRIPTS)))
def test_a_transcript_is_whole(path):
    transcript = load(path)
    assert all(transcript.header[key] for key in ("title", "source", "level", "world"))
    world = compose(transcript)
    assert world is None or not refuse_world(tomllib.loads(world))
    names = {name for step in transcript.steps for name in PLACEHOLDER.findall(step.text)} - set(BUILT_IN)
    assert all(name.split(".")[0] in ("patron", "terminal") and name.count(".") >= 2 for name in names)


def test_every_world_on_file_is_used_and_well_formed():
    used = {load(path).world for path in FILES}
    for path in FOLDER.glob("*.toml"):
        assert not refuse_world(tomllib.loads(path.read_text(encoding="utf-8")))
        assert path.stem in used


def test_every_pair_of_messages_has_a_transcript():
    seen = set()
    for path in FILES:
        steps = load(path).steps
        for step, answer in itertools.pairwise(steps):
            if step.verb is Verb.SEND and answer.verb in (Verb.ANSWER, Verb.FIELDS):
                seen.add((step.text[:2], answer.text[:2]))
    assert seen >= PAIRS, PAIRS - seen


def test_every_reason_has_a_transcript():
    told = {load(path).header.get("rule") for path in FILES}
    assert told >= REASONS, REASONS - told


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TRANSCRIPTS)))
def test_expected_fixed_parts_have_the_right_width(path):
    """A pattern that no message of that kind could match would be a slip of the pen."""
    for step in load(path).steps:
        if step.verb is Verb.FIELDS:
            opening = step.text.partition("|")[0]
            width = 2 + WIDTH[opening[:2]]
            literal = len(opening.replace("~", ""))
            assert literal <= width if "~" in opening else literal == width, step


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TRANSCRIPTS)))
def test_requests_are_well_formed_unless_that_is_the_point(path):
    if path.parent.name in ("framing", "resend", "login"):
        return
    for step in load(path).steps:
        if step.verb is Verb.SEND:
            message = cut(fill(step.text, lambda name: {"now": "2" * 18, "none": " " * 18}.get(name, "x")))
            assert len(message.fixed) == WIDTH[message.code], step
            assert all(code.isalpha() and code.isupper() for code, _ in message.fields), step


def test_no_transcript_holds_a_secret():
    """Passwords and PINs come from the caller, or are wrong on purpose."""
    invented = ("not the password", "1234", "wrong", "0000wrong", "")
    for path in FILES:
        for step in load(path).steps:
            for piece in step.text.split("|")[1:] if step.verb in (Verb.SEND, Verb.RAW) else ():
                if piece[:2] in ("CO", "AD", "AC"):
                    assert piece[2:].rstrip("0123456789") in invented or piece[2:] in invented or piece[2] == "{", piece
