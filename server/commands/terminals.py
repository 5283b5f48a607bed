"""`skranke terminals`: accounts of machines that staff add while the daemon runs, beside those of the file."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.model import BranchId, LibraryId
from backend.store.accounts import StoredAccount
from server.accounts.pairs import PairError, settings_of
from server.commands.secret import made_up, read_secret
from server.commands.where import ConfigFile, DataDirectory, office_at
from server.office.orders import Changed, LetIn, ListLocked, ListTerminals, Order, PutTerminal, SetDisabled, SetPassword
from server.pins import hash_secret

app = typer.Typer(no_args_is_help=True, help="Accounts of machines.")

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="The account's name, with which the machine logs in.")]
Ask = Annotated[bool, typer.Option("--ask", help="Read the password from a prompt or standard input.")]


@app.command()
def add(
    login: Login,
    library: Annotated[str, typer.Option(help="The library's id.")],
    branch: Annotated[str, typer.Option(help="The id of the branch where it stands.")],
    profile: Annotated[
        str, typer.Option(help="self-check, sorter, drop, authentication, door, payment or desk.")
    ] = "self-check",
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Any setting of an account, such as wire.encoding=utf-8."),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="New settings for an account that is there.")] = False,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="Known by its address or certificate only.")
    ] = False,
    ask: Ask = False,
    config: ConfigFile = None,
    data: DataDirectory = None,
) -> None:
    """Add an account. Its password is made up and printed once, unless you give one.

    With --replace an account keeps its password, unless you say otherwise, and stays disabled if it is.
    """
    as_before = replace and not ask and not no_password
    password = None if no_password or as_before else read_secret("password") if ask else made_up()
    account = StoredAccount(
        login=login,
        library=LibraryId(library),
        branch=BranchId(branch),
        profile=profile,
        password_hash=hash_secret(password) if password else None,
        settings=json.dumps(read_pairs(setting or [])),
    )
    tell(PutTerminal(account=account, replace=replace, keep_password=as_before), config, data)
    if password and not ask:
        typer.echo(f"password: {password}")


@app.command("list")
def show(config: ConfigFile = None, data: DataDirectory = None) -> None:
    """Every account: where it stands, how it is known, where it can be changed."""
    with office_at(config, data) as office:
        lines = office.ask(ListTerminals())
    for line in lines:
        opens = "+".join(line.opens_by) or "nothing"
        place = f"{line.library} {line.branch}"
        typer.echo(f"{line.name}  {place}  {line.profile}  opens by {opens}  in the {line.kept_in}: {line.state}")
    if not lines:
        typer.echo("there are no terminals yet: skranke terminals add")


@app.command()
def password(login: Login, ask: Ask = False, config: ConfigFile = None, data: DataDirectory = None) -> None:
    """Give a new password, made up and printed once, unless you give one."""
    chosen = read_secret("password") if ask else made_up()
    tell(SetPassword(login=login, password_hash=hash_secret(chosen)), config, data)
    if not ask:
        typer.echo(f"password: {chosen}")


@app.command()
def disable(login: Login, config: ConfigFile = None, data: DataDirectory = None) -> None:
    """Let nobody log in any more; who is connected stays until the line is closed."""
    tell(SetDisabled(login=login), config, data)


@app.command()
def enable(login: Login, config: ConfigFile = None, data: DataDirectory = None) -> None:
    """Let the account in again."""
    tell(SetDisabled(login=login, disabled=False), config, data)


@app.command()
def locked(config: ConfigFile = None, data: DataDirectory = None) -> None:
    """Network addresses that the daemon has shut out after too many bad logins."""
    with office_at(config, data) as office:
        found = office.ask(ListLocked())
    for one in found:
        typer.echo(f"{one.address}  for {one.seconds:.0f} s more")
    if not found:
        typer.echo("nobody is shut out")


@app.command("let-in")
def let_in(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="As `skranke terminals locked` prints it.")],
    config: ConfigFile = None,
    data: DataDirectory = None,
) -> None:
    """Forget the bad logins of a network address."""
    tell(LetIn(address=address), config, data)


def read_pairs(pairs: list[str]) -> dict[str, Any]:
    try:
        return settings_of(pairs)
    except PairError as why:
        raise typer.BadParameter(str(why)) from why


def tell(order: Order[Changed], config: Path | None, data: Path | None) -> None:
    with office_at(config, data) as office:
        typer.echo("\n".join(office.ask(order).words))
