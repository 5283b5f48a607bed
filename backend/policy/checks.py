"""What must hold between the pieces of a policy file: rows that can answer, ids that differ, branches that open."""

from collections.abc import Iterator, Sequence

from backend.policy.draft import BRANCH, Draft
from backend.policy.places import lineage, pattern_of
from backend.policy.rows import BlockRow, ExemptRow, FeeRow, NoticeRow, OverdueRow, ReplacementRow, ReturnRow, Row
from backend.policy.when import When, alternatives, implies, is_impossible, written

ANSWERING_TABLES = ("loan", "renewal", "hold", "overdue", "replacement")  # each ends in a row without conditions


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
    for place, (number, row) in enumerate(rows):
        path, key = (table, number), f"{table}.{row.id}"
        if is_impossible(row.when):
            draft.mistake(path, "can never match: its conditions exclude each other", key)
            continue
        above = [earlier for _, earlier in rows[:place] if _answer_the_same(earlier, row)]
        shadow = _shadow_of_block(row, above) if isinstance(row, BlockRow) else _shadow_of(row.when, above)
        if shadow:
            draft.mistake(path, f"can never match: {shadow} above it always answers first", key)


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
        unset = {
            "amount": isinstance(row, OverdueRow | FeeRow) and row.amount == "unset",
            "fee": isinstance(row, NoticeRow) and row.fee == "unset",
            "price": isinstance(row, ReplacementRow) and row.price == "unset",
        }
        for key in (key for key, is_unset in unset.items() if is_unset):
            draft.warning((table, number, key), "is not set: nothing is charged", f"{table}.{row.id}.{key}")


def _warn_of_what_comes_after_a_bill(draft: Draft) -> None:
    """What is billed gets no more reminders: a step after a bill that everybody gets is never reached."""
    steps = [(number, row) for number, row in draft.rows["notice"].items() if isinstance(row, NoticeRow)]
    bills = [row for _, row in steps if row.bill and row.after_days and not written(row.when)]
    first = min(bills, key=lambda row: row.after_days or 0, default=None)
    for number, row in steps:
        if first and (row.after_days or 0) > (first.after_days or 0):
            draft.warning(("notice", number), f"is never sent: {first.id} bills the item before", f"notice.{row.id}")


def _check_branches(draft: Draft) -> None:
    if draft.branches_written == 0:
        draft.mistake((BRANCH,), "a library has at least one branch")
    by_id = {branch.id: branch for branch in draft.branches.values()}
    seen: set[str] = set()
    for number, branch in draft.branches.items():
        path, key = (BRANCH, number), f"branch.{branch.id}"
        if branch.id in seen:
            draft.mistake((*path, "id"), f"two branches have the id {branch.id}", key)
        seen.add(branch.id)
        chain = lineage(branch, by_id)
        if chain[-1].like is not None:
            known = chain[-1].like in by_id
            draft.mistake((*path, "like"), "is like itself" if known else f"there is no branch {branch.like}", key)
        elif not any(each.has_hours for each in chain):
            draft.mistake(path, "has no calendar: write open, self_service, stops or like", key)
        elif not pattern_of(chain).ever_opens:
            draft.mistake(path, "is never open: no day of an ordinary week has hours", key)


def _check_named_branches(draft: Draft) -> None:
    """A condition on a branch that does not exist never matches; nobody can bring anything there either."""
    known = {branch.id for branch in draft.branches.values()}
    if len(draft.branches) < draft.branches_written:
        return  # the branch may be one of those that could not be read
    for table, number, row in _each_row(draft):
        for key in ("branch", "home_branch"):
            for name in getattr(row.when, key) or ():
                if name not in known:
                    draft.mistake((table, number, "when"), f"there is no branch {name}", f"{table}.{row.id}.when.{key}")
        for name in (row.accepted_at or ()) if isinstance(row, ReturnRow) else ():
            if name not in known:
                path = (table, number, "accepted_at")
                draft.mistake(path, f"there is no branch {name}", f"{table}.{row.id}.accepted_at")


def _each_row(draft: Draft) -> Iterator[tuple[str, int, Row]]:
    for table, rows in draft.rows.items():
        for number, row in rows.items():
            yield table, number, row
