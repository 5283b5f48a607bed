"""How one partner likes its answers, and what it may be told.  Knows no message; every default stands here."""

from typing import Annotated, Final, Literal

from pydantic import Field

from server.desk.manner import Numbers, Settings

LONGEST_PAGE: Final = 500  # items in one answer to LookupItemSet


class NcipManner(Settings):
    """The desk's part of a partner's settings; nothing here proves who it is."""

    persons: bool = True
    """May be told about persons: LookupUser, borrowers, who waits.  A partner that proves nothing never is."""
    may_charge: bool = True
    """CreateUserFiscalTransaction: fees, waivers."""
    may_register: bool = False
    """CreateUser and UpdateUser."""
    may_catalogue: bool = True
    """CreateItem, UpdateItem and DeleteItem."""
    deletes_any_item: bool = False
    """DeleteItem of items that were not created through NCIP."""
    lent_already_is_ok: bool = False
    """CheckOutItem for an item that the user already has is answered with its due date instead of a Problem."""
    institution_card: str = ""
    """The card on which we lend to the partner itself; in the Norwegian profile orders are placed on it."""
    default_fee: Annotated[int, Field(ge=0)] = 0
    """What an amount of 0 means in a charge, in whole øre.  0: refused."""
    pin: Literal["never", "if_sent"] = "if_sent"
    """Whether a PIN or password that comes along is looked at."""
    page: Annotated[int, Field(ge=1, le=LONGEST_PAGE)] = 100
    """Items in one answer to LookupItemSet when the partner names no number."""
    token_lives: Annotated[int, Field(ge=1)] = 3600
    """Seconds in which the next page may be asked for."""
    items: Numbers = Numbers()
    patrons: Numbers = Numbers()
