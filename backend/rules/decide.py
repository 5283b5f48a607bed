"""One command, one rule. Whatever can be asked has its line here; mypy counts them."""

from typing import assert_never

from backend.commands import CheckIn, CheckOut, Renew, RenewAll
from backend.facts import Decision, Facts
from backend.rules import checkin, checkout, offline, renewal

Lending = CheckOut | CheckIn | Renew | RenewAll


def decide(facts: Facts, command: Lending) -> Decision:
    """The outcome of `command`, and the changes that make it true. Pure: the same facts, the same decision."""
    match command:
        case CheckOut():
            return _check_out(facts, command)
        case CheckIn():
            return checkin.check_in(facts, command)
        case Renew():
            return _renew(facts, command)
        case RenewAll():
            return renewal.renew_all(facts, command)
        case _:
            assert_never(command)


def _check_out(facts: Facts, command: CheckOut) -> Decision:
    happened = offline.happened(facts, command)
    return offline.check_out(facts, command, happened) if happened else checkout.check_out(facts, command)


def _renew(facts: Facts, command: Renew) -> Decision:
    happened = offline.happened(facts, command)
    return offline.renew(facts, command, happened) if happened else renewal.renew(facts, command)
