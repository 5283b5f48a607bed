"""What must hold between the pieces of a policy file: rows that can answer, ids that differ, branches that open."""

from collections.abc import Iterator, Sequence

from backend.policy.draft import BRANCH, Draft
from backend.policy.fields import UnreadError
from backend.policy.places import WrittenBranch, lineage, pattern_of
from backend.policy.reading import disagreements_within
from backend.policy.rows import BlockRow, ExemptRow, FeeRow, NoticeRow, Row
from backend.policy.when import When, alternatives, implies, is_impossible, written

ANSWERING_TABLES = ("loan", "renewal", "hold", "overdue", "replacement")  # each ends in a row without conditions
# The keys that decide which question a row answers.
ASKED_BY = ("id", "when", "event", "kind", "before_days", "after_days", "kinds", "stops")


def check(draft: Draft) -> None:
    """Adds to the draft's mistakes and warnings all that the single pieces could not know."""
    _check_ids(draft)
    for table, rows in draft.rows.items():
        _check_last_row(draft, table)
        _check_dead_rows(draft, table, list(rows.items()))
        _warn_of_unset(draft, table, rows)
    _warn_of_what_comes_after_a_bill(draft)
    _check_branches(draft)
    _check_named_branches(draft)


def _check_ids(draft: Draft) -> None:
    first: dict[str, str] = {}
    for table, number, row in _each_row(draft):
        if not row.knows("id"):
            continue
        if row.id in first:
            draft.mistake((table, number, "id"), f"the id {row.id} is taken by a row of {first[row.id]}", row.id)
        first.setdefault(row.id, table)


def _check_last_row(draft: Draft, table: str) -> None:
    """Looks at the text, so that a last row with another mistake in it is still a last row."""
    written_rows = draft.content.get(table, [])
    if table not in ANSWERING_TABLES or not isinstance(written_rows, list):
        return
    last = written_rows[-1] if written_rows else {"when": "nothing"}
    if isinstance(last, dict) and last.get("when"):
        draft.mistake((table, len(written_rows) - 1), "the last row must have no conditions", table)


def _check_dead_rows(draft: Draft, table: str, rows: list[tuple[int, Row]]) -> None:
    above_it: list[Row] = []
    for number, row in rows:
        path, key = (table, number), draft.key_of(table, number)
        if row.knows("when") and is_impossible(row.when):
            draft.mistake(path, "can never match: its conditions exclude each other", key)
            continue
        if not _has_a_clear_question(row):
            continue
        above = [earlier for earlier in above_it if _answer_the_same(earlier, row)]
        above_it.append(row)
        shadow = _shadow_of_block(row, above) if isinstance(row, BlockRow) else _shadow_of(row.when, above)
        if shadow:
            draft.mistake(path, f"can never match: {shadow} above it always answers first", key)


def _has_a_clear_question(row: Row) -> bool:
    """Whether all that decides when a row answers could be read, and makes sense."""
    asked_by = [key for key in ASKED_BY if key in type(row).model_fields]
    if not row.knows(*asked_by) or not row.when.is_whole:
        return False
    return not isinstance(row, NoticeRow | BlockRow) or not any(disagreements_within(row))


def _answer_the_same(earlier: Row, later: Row) -> bool:
    """Whether both rows compete for one question; fees of different events, say, do not."""
    match earlier, later:
        case FeeRow(), FeeRow():
            return earlier.event == later.event
        case NoticeRow(), NoticeRow():
            return (earlier.kind, earlier.before_days, earlier.after_days) == (
                later.kind,
                later.before_days,
                later.after_days,
            )
        case ExemptRow(), ExemptRow():
            return set(later.kinds) <= set(earlier.kinds)
        case BlockRow(), BlockRow():
            return earlier.threshold == later.threshold
    return True


def _shadow_of_block(row: BlockRow, earlier: Sequence[Row]) -> str:
    """Rows of one threshold that together stop all that `row` would; blocks of different thresholds stand together."""
    shadows: dict[str, None] = {}
    for stop in row.stops:
        rivals = [one for one in earlier if isinstance(one, BlockRow) and stop in one.stops]
        shadow = _shadow_of(row.when, rivals)
        if not shadow:
            return ""
        shadows |= dict.fromkeys(shadow.split(", "))
    return ", ".join(shadows)


def _shadow_of(when: When, earlier: Sequence[Row]) -> str:
    """The ids of the rows that together leave nothing for `when`, or an empty text."""
    shadows: dict[str, None] = {}
    for part in alternatives(when):
        cover = next((row.id for row in earlier if implies(part, row.when)), None)
        if cover is None:
            return ""
        shadows[cover] = None
    return ", ".join(shadows)


def _warn_of_unset(draft: Draft, table: str, rows: dict[int, Row]) -> None:
    for number, row in rows.items():
        for key in (key for key in ("amount", "fee", "price") if vars(row).get(key) == "unset"):
            reason = "is not set: nothing is charged"
            draft.warning((table, number, key), reason, f"{draft.key_of(table, number)}.{key}")


def _warn_of_what_comes_after_a_bill(draft: Draft) -> None:
    """What is billed gets no more reminders: a step after a bill that everybody gets is never reached."""
    steps = [
        (number, row) for number, row in draft.rows["notice"].items() if isinstance(row, NoticeRow) and row.is_whole
    ]
    bills = [row for _, row in steps if row.bill and row.after_days and not written(row.when)]
    first = min(bills, key=lambda row: row.after_days or 0, default=None)
    for number, row in steps:
        if first and (row.after_days or 0) > (first.after_days or 0):
            draft.warning(("notice", number), f"is never sent: {first.id} bills the item before", f"notice.{row.id}")


def _check_branches(draft: Draft) -> None:
    if draft.branches_written == 0:
        draft.mistake((BRANCH,), "a library has at least one branch")
    by_id = _named_branches(draft)
    seen: set[str] = set()
    for number, branch in draft.branches.items():
        path, key = (BRANCH, number), draft.key_of(BRANCH, number)
        if branch.knows("id"):
            if branch.id in seen:
                draft.mistake((*path, "id"), f"two branches have the id {branch.id}", key)
            seen.add(branch.id)
        try:
            _check_calendar(draft, number, lineage(branch, by_id))
        except UnreadError:
            continue  # what its calendar hangs on is told already


def _check_calendar(draft: Draft, number: int, chain: Sequence[WrittenBranch]) -> None:
    """`chain` is the branch and those that it is like. Raises UnreadError when it hangs on what could not be read."""
    path, key, by_id = (BRANCH, number), draft.key_of(BRANCH, number), _named_branches(draft)
    if chain[-1].like is not None:
        if chain[-1].like in by_id:
            draft.mistake((*path, "like"), "is like itself", key)
        elif _names_every_branch(draft):
            draft.mistake((*path, "like"), f"there is no branch {chain[0].like}", key)
    elif not any(each.has_hours for each in chain):
        draft.mistake(path, "has no calendar: write open, self_service, stops or like", key)
    elif not pattern_of(tuple(chain)).ever_opens:
        draft.mistake(path, "is never open: no day of an ordinary week has hours", key)


def _named_branches(draft: Draft) -> dict[str, WrittenBranch]:
    return {branch.id: branch for branch in draft.branches.values() if branch.knows("id")}


def _names_every_branch(draft: Draft) -> bool:
    """Whether a name that is not known is no branch; it may be one of those whose id could not be read."""
    return sum(branch.knows("id") for branch in draft.branches.values()) == draft.branches_written


def _check_named_branches(draft: Draft) -> None:
    """A condition on a branch that does not exist never matches; nobody can bring anything there either."""
    known = _named_branches(draft)
    if not _names_every_branch(draft):
        return
    for table, number, row in _each_row(draft):
        for where, name in _branches_named_by(row):
            if name not in known:
                path = (table, number, where.partition(".")[0])
                draft.mistake(path, f"there is no branch {name}", f"{draft.key_of(table, number)}.{where}")


def _branches_named_by(row: Row) -> Iterator[tuple[str, str]]:
    """Key within the row, and the name that stands there."""
    when = vars(row.when) if row.knows("when") else {}
    named_in = {f"when.{key}": when.get(key) for key in ("branch", "home_branch")}
    named_in["accepted_at"] = vars(row).get("accepted_at")
    for where, names in named_in.items():
        yield from ((where, name) for name in names or ())


def _each_row(draft: Draft) -> Iterator[tuple[str, int, Row]]:
    for table, rows in draft.rows.items():
        for number, row in rows.items():
            yield table, number, row
