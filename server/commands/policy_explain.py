"""`skranke policy explain`: the deciding row of every table, for people on record or for circumstances made up."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.model import Channel
from backend.policy.checking import files_in
from backend.policy.explain import Deciding
from backend.policy.loader import load_files
from backend.policy.shelf import PolicyShelf
from backend.store.kept import kept
from server.commands.days import a_day
from server.commands.printing import AsJson, as_json
from server.commands.records import library_of, records_at
from server.commands.where import ConfigFile, DataDirectory, config_at
from server.explaining import Act, Explanation, Question, explanation
from server.office.errors import OrderRefused
from server.rulebook import read_policies, refuse_strange_money

ACTS: Mapping[str, Act] = {"checkout": "checkout", "renewal": "renewal", "hold": "hold", "return": "return"}


def explain(
    patron: Annotated[str | None, typer.Option(help="Any number of a patron on record.")] = None,
    item: Annotated[str | None, typer.Option(help="Barcode of an item on record.")] = None,
    branch: Annotated[str | None, typer.Option(help="Where it is done; by default the library's first branch.")] = None,
    day: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="When, at noon; by default now.")] = None,
    op: Annotated[str, typer.Option(help=f"What is done: {', '.join(ACTS)}.")] = "checkout",
    channel: Annotated[Channel, typer.Option(help="By what kind of machine or person.")] = Channel.SELFCHECK,
    category: Annotated[str | None, typer.Option(help="Of the patron, such as adult.")] = None,
    age: Annotated[int | None, typer.Option(help="Of the patron, in years.")] = None,
    home_branch: Annotated[str | None, typer.Option(help="Of the patron.")] = None,
    unlinked: Annotated[bool, typer.Option("--unlinked", help="The card is a national one, not linked here.")] = False,
    material: Annotated[str | None, typer.Option(help="Of the item, such as film.feature.")] = None,
    audience: Annotated[str | None, typer.Option(help="Of the item, such as child.")] = None,
    loan_type: Annotated[str | None, typer.Option(help="Of the item, such as express.")] = None,
    language: Annotated[str | None, typer.Option(help="Of the item, such as sv.")] = None,
    flag: Annotated[list[str] | None, typer.Option(help="Of the item, such as course; may be said again.")] = None,
    item_home_branch: Annotated[str | None, typer.Option(help="Of the item.")] = None,
    price: Annotated[str | None, typer.Option(help="Of the item, such as 310.00.")] = None,
    item_age_days: Annotated[int | None, typer.Option(help="Days since the item was bought.")] = None,
    waiting: Annotated[int | None, typer.Option(help="How many others wait for the title.")] = None,
    due: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="Due date of the loan, for fines.")] = None,
    debt: Annotated[str | None, typer.Option(help="What the patron owes, such as 75.00.")] = None,
    overdue_items: Annotated[int | None, typer.Option(help="How many items the patron has too long.")] = None,
    items_out: Annotated[int | None, typer.Option(help="How many items the patron has.")] = None,
    billed_items: Annotated[int | None, typer.Option(help="How many of them are billed.")] = None,
    library: Annotated[str, typer.Option(help="The library's id; needed where there are several.")] = "",
    files: Annotated[Path | None, typer.Option("--policy", metavar="FILE", help="Ask this file or folder.")] = None,
    config: ConfigFile = None,
    data: DataDirectory = None,
    json: AsJson = False,
) -> None:
    """Name the row of every table that decides, where it stands in the file, and what comes of it.

    With --patron or --item, facts are read from the installation's records; the other options state or change them.
    """
    if op not in ACTS:
        raise typer.BadParameter(f"--op is one of {', '.join(ACTS)}")
    of_patron = given(category=category, age=age, home_branch=home_branch, linked=False if unlinked else None)
    of_title = given(material=material, audience=audience, loan_type=loan_type, language=language, waiting=waiting)
    of_copy = given(item_home_branch=item_home_branch, price=price, item_age_days=item_age_days)
    said: dict[str, Any] = {
        "op": ACTS[op],
        "patron": patron,
        "item": item,
        "branch": branch,
        "day": a_day(day),
        "channel": channel,
        "due": a_day(due),
        "stated": of_patron | of_title | of_copy | given(flags=frozenset(flag) if flag else None),
        "account": given(debt=debt, overdue_items=overdue_items, items_out=items_out, billed_items=billed_items),
    }
    found = asked(said, library, files, config, data)
    typer.echo(as_json(as_data(found)) if json else "\n".join(lines(found)))


def asked(
    said: Mapping[str, Any], library: str, files: Path | None, config: Path | None, data: Path | None
) -> Explanation:
    """From records where a patron or item is named, else from the policy alone. Raises what ends in one line."""
    from server.cli import SystemClock  # the clock's one owner

    now = SystemClock().now()
    of_files = PolicyShelf(load_files(files_in([files]))) if files else None
    try:
        if said["patron"] is None and said["item"] is None:
            shelf = of_files or PolicyShelf(read_policies(config_at(config, data)))
            return explanation(Question(library=library_of(shelf, library), **said), shelf, now)
        with records_at(config, data) as records:
            shelf = of_files or records.shelf
            question = Question(library=library_of(shelf, library), **said)
            refuse_strange_money(kept(records.session), (shelf.of(question.library, now),))
            return explanation(question, shelf, now, records.session)
    except ValueError as why:
        raise OrderRefused(str(why)) from why


def lines(found: Explanation) -> Iterator[str]:
    """A paragraph for each table: the row, where it stands, what it says, what comes of it, and who stood aside."""
    yield f"{found.library}, policy {found.policy}, {found.at:%Y-%m-%d %H:%M}: {facts_in_words(found)}"
    for one in found.tables:
        yield ""
        yield f"{one.table}: {where(one)}"
        yield from (f"    {line.strip()}" for line in (one.printed.words if one.printed else "").splitlines())
        yield f"  => {one.answer}"
        yield from (f"     not {passed.row}: {', '.join(passed.unmet)}" for passed in one.passed_over)
    if found.answered:
        yield ""
        yield f"a machine would be told: {'; '.join(found.answered)}"


def where(one: Deciding) -> str:
    if one.printed is None:
        return "no row" if one.row is None else one.row.id
    place = f"{one.printed.file}:{one.printed.line}"
    return f"row {one.printed.number}, {one.row.id}, {place}" if one.row else f"[{one.table}], {place}"


def facts_in_words(found: Explanation) -> str:
    """Those that differ from what is usual, by name."""
    usual = type(found.facts)._field_defaults
    told = {name: value for name, value in found.facts._asdict().items() if value != usual[name] and name != "day"}
    return ", ".join(f"{name} {value_in_words(value)}" for name, value in told.items())


def value_in_words(value: object) -> str:
    return " ".join(sorted(map(str, value))) if isinstance(value, frozenset) else str(value)


def as_data(found: Explanation) -> dict[str, Any]:
    """As JSON has it: facts by name, rows flat."""
    tables = [
        {
            "table": one.table,
            "row": one.row.id if one.row else None,
            "number": one.printed.number if one.printed and one.row else None,
            "file": one.printed.file if one.printed else None,
            "line": one.printed.line if one.printed else None,
            "words": one.printed.words if one.printed else None,
            "answer": one.answer,
            "passed_over": one.passed_over,
        }
        for one in found.tables
    ]
    return {
        "library": found.library,
        "policy": found.policy,
        "at": found.at,
        "facts": found.facts._asdict(),
        "tables": tables,
        "answered": found.answered,
    }


def given(**said: Any) -> dict[str, Any]:
    """What was said."""
    return {name: value for name, value in said.items() if value is not None}
