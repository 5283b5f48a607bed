"""Reasons and phrases in a person's words: which language, and the facts filled in. Knows no protocol.

Dates are ISO (`2026-03-02`) and amounts plain (`75.00 kr`) in every language: a receipt says what the due date field
says, and nobody reads a comma as a thousand.  Source: lending rules, message catalogue.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from backend.model import BranchId
from backend.money import Money
from backend.outcomes import Refusal
from server.desk.phrasebook import en, nb, nn, sv
from server.desk.phrases import Said

BOOKS: Final[Mapping[str, Mapping[Said, str]]] = {"sv": sv.WORDS, "nb": nb.WORDS, "nn": nn.WORDS, "en": en.WORDS}
NORWEGIAN: Final = ("nb", "nn")
KRONER: Final = frozenset({"NOK", "SEK", "DKK", "ISK"})  # all `kr` where a Nordic language is read
SIP2_LANGUAGES: Final[Mapping[str, str]] = {"001": "en", "006": "sv", "012": "no", "024": "en"}  # sip2 8.6

_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_BLANK = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Wording:
    """Words in one language; `branches` are the names by which people know the places."""

    language: str
    branches: Mapping[BranchId, str]

    def say(self, said: Said, **facts: str | None) -> str:
        """The text of `said`; an optional part with an unknown fact is left out, any other unknown fact is `?`."""
        text = BOOKS[self.language][said]
        if "{" not in text and "[" not in text:
            return text
        known = {name: fact for name, fact in facts.items() if fact}
        while (shorter := _OPTIONAL.sub(lambda part: _if_known(part[1], known), text)) != text:
            text = shorter
        return _BLANK.sub(lambda blank: known.get(blank[1], "?"), text)

    def reason(self, refusal: Refusal) -> str:
        """Why not, with the facts of the refusal."""
        count = None if refusal.count is None else str(refusal.count)
        return self.say(
            refusal.reason,
            amount=self._money(refusal.amount),
            limit=self._money(refusal.limit) or count,
            n=count,
            days=count,
            age=None if refusal.age is None else str(refusal.age),
            date=in_iso(refusal.day),
            branch=self.branch(refusal.branch),
        )

    def reasons(self, refusals: Sequence[Refusal]) -> tuple[str, ...]:
        """One text each, gravest first; the same text is not said twice."""
        return tuple(dict.fromkeys(self.reason(refusal) for refusal in refusals))

    def branch(self, branch: BranchId | None) -> str | None:
        """The branch's name, or its id where no name is known."""
        return None if branch is None else self.branches.get(branch, str(branch))

    def money(self, amount: Money) -> str:
        """`75.00 kr`, or the currency's code where `kr` would not do."""
        kr = self.language != "en" and amount.currency in KRONER
        return f"{amount.text()} {'kr' if kr else amount.currency}"

    def _money(self, amount: Money | None) -> str | None:
        return None if amount is None else self.money(amount)


def in_iso(day: date | None) -> str | None:
    """`2026-03-02`."""
    return None if day is None else day.isoformat()


def _if_known(part: str, known: Mapping[str, str]) -> str:
    names = _BLANK.findall(part)
    if any(name not in known for name in names):
        return ""
    return _BLANK.sub(lambda blank: known[blank[1]], part)


def choose_language(
    patrons: str | None, code: str | None, accounts: str | None, libraries: Sequence[str], codes: Mapping[str, str]
) -> str:
    """The patron's own language, else the message's code, else the account's, else the library's first.

    `codes` maps SIP2 language codes where an account reads them in its own way (nynorsk and Sámi have none).
    Norwegian without saying which is the one that the library names first, bokmål if it names none.
    """
    said = codes.get(code, SIP2_LANGUAGES.get(code)) if code else None
    for wish in (patrons, said, accounts, *libraries):
        if found := _spoken(wish, libraries):
            return found
    return "en"


def _spoken(wish: str | None, libraries: Sequence[str]) -> str | None:
    language = wish.lower().replace("_", "-").partition("-")[0] if wish else ""
    if language == "no":
        return next((ours for ours in libraries if ours in NORWEGIAN), "nb")
    return language if language in BOOKS else None
