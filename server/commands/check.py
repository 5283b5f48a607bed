"""`skranke check`: configuration and policies, every mistake at once, before a daemon has to live with them."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import typer

from backend.policy.checking import files_in
from backend.policy.loader import Examined, PolicySet, examine, load_policies
from backend.policy.mistakes import PolicyError
from backend.policy.shelf import PolicyShelf
from backend.store.accounts import accounts_of
from backend.store.errors import StoreError
from backend.store.kept import kept_in
from server.accounts.together import Joined, joined, misplaced_among, misplaced_by
from server.commands.where import NeededFile
from server.config import Config, ConfigError, load_config
from server.listening import PortError, tls_options
from server.post.rendering import Templates
from server.rulebook import forsaken, read_policies, refuse_unknown_accounts


def check(config: NeededFile) -> None:
    """Read configuration and policies, and say everything that is wrong with them; exit status 1 if anything is."""
    found = list(mistakes_in(config))
    for line in found:
        typer.echo(f"skranke: {line}", err=True)
    if found:
        raise typer.Exit(1)
    read = load_config(config)
    policies = read_policies(read)
    for warning in policies.warnings:
        typer.echo(f"worth a look: {warning}")
    for name in accounts_beside(read, policies).unserved(listener.account for listener in read.sip2):
        typer.echo(f"worth a look: sip2.account: {name} is disabled or cannot be used: its listener lets nobody in")
    typer.echo(summary(read, policies))


def mistakes_in(path: Path) -> Iterator[str]:
    """One line each: of the configuration, then of the policies that it names, then of the two together."""
    try:
        config = load_config(path)
    except ConfigError as why:
        yield from why.mistakes
        yield from mistakes_of_policies(policies_named_in(path))
        return
    try:
        yield from mistakes_together(config, path)
    except StoreError as why:
        yield str(why)
    if config.templates is not None:
        yield from Templates(config.templates).mistakes(config.templates)
    for listener in config.sip2:
        if listener.tls is not None:
            try:
                tls_options(listener.tls)
            except PortError as why:
                yield f"{path}: sip2 {listener.listen}: {why}"


def mistakes_together(config: Config, path: Path) -> Iterator[str]:
    """Of policies, accounts, listeners and records, one beside the other. Raises StoreError."""
    try:
        policies = read_policies(config)
        accounts = accounts_beside(config, policies)
        yield from forsaken(kept_in(config.database_url), policies)
    except (ConfigError, PolicyError) as why:
        yield from map(str, why.mistakes)
        if isinstance(why, PolicyError):
            yield from misplaced_in(config, examine(files_in([config.policies])))
        accounts = joined(config.account, accounts_of(config.database_url), lambda account: "")
    try:
        refuse_unknown_accounts(config, accounts)
    except ConfigError as why:
        yield from (f"{path}: {line}" for line in why.mistakes)


def misplaced_in(config: Config, found: Examined) -> Iterator[str]:
    """Accounts at places that no file names, as far as files with mistakes tell; of a file that is no TOML nothing is
    known.
    """
    if any(mistake.key == "file" for mistake in found.mistakes):
        return
    libraries = {named(draft.content.get("library")) for draft in found.drafts}
    rows = (row for draft in found.drafts for row in listed(draft.content.get("branch")))
    branches = {named(row) for row in rows}
    misplaced = misplaced_among(libraries, branches.__contains__)
    yield from (f"account {one.name}: {why}" for one in config.account if (why := misplaced(one)))


def named(table: object) -> str:
    """Its id, as far as it is written."""
    return str(table.get("id")) if isinstance(table, dict) else ""


def listed(rows: object) -> list[object]:
    return rows if isinstance(rows, list) else []


def accounts_beside(config: Config, policies: PolicySet) -> Joined:
    """Those of the file, and with a listener for another one those of the database. Raises StoreError."""
    placed = misplaced_by(PolicyShelf(policies))
    alone = joined(config.account, (), placed)
    if not alone.unserved(listener.account for listener in config.sip2):
        return alone
    return joined(config.account, accounts_of(config.database_url), placed)


def policies_named_in(path: Path) -> Path | None:
    """The policies' folder of a file that is wrong elsewhere; None when not even that can be read."""
    try:
        named = tomllib.loads(path.read_text("utf-8-sig")).get("policies")
    except (OSError, ValueError):
        return None
    return path.parent / named if isinstance(named, str) else None


def mistakes_of_policies(folder: Path | None) -> list[str]:
    try:
        if folder is not None:
            load_policies(folder)
    except PolicyError as why:
        return [str(mistake) for mistake in why.mistakes]
    return []


def summary(config: Config, policies: PolicySet) -> str:
    libraries = ", ".join(policies.libraries)
    return f"good: {len(config.account)} accounts, {len(config.addresses())} addresses, policies of {libraries}"
