"""What people read: every reason in every language, the printed texts to the letter, and who is spoken to how."""

import re
from datetime import date

import pytest

from backend.model import BranchId, FeeKind
from backend.money import Money
from backend.outcomes import Reason, Refusal
from server.desk.phrases import Phrase, Said
from server.desk.wording import BOOKS, Wording, choose_language

BRANCHES = {BranchId("KAL-S"): "Stadsbiblioteket"}
EVERYTHING_SAID: list[Said] = [*Reason, *Phrase, *FeeKind]
ALL_FACTS = {
    "amount": "75.00 kr",
    "limit": "75.00 kr",
    "n": "3",
    "days": "10",
    "date": "2026-03-02",
    "age": "15",
    "branch": "Berga",
    "title": "Sult",
    "reference": "1234",
    "field": "AB",
}


def full(reason: Reason) -> Refusal:
    return Refusal(
        reason=reason,
        amount=Money(7500, "SEK"),
        limit=Money(10000, "SEK"),
        count=3,
        age=15,
        day=date(2026, 3, 2),
        branch=BranchId("KAL-S"),
    )


@pytest.mark.parametrize("language", BOOKS)
def test_every_language_says_everything(language: str) -> None:
    assert set(BOOKS[language]) == set(EVERYTHING_SAID)


@pytest.mark.parametrize("language", BOOKS)
@pytest.mark.parametrize("said", EVERYTHING_SAID)
def test_a_text_is_plain_with_its_facts_and_without(language: str, said: Said) -> None:
    words = Wording(language, BRANCHES)
    for text in (words.say(said, **ALL_FACTS), words.say(said)):
        assert text and text == text.strip()
        assert not re.search(r"[\[\]{}|\r\n]|BLN|CQY|  ", text)


@pytest.mark.parametrize(
    ("language", "refusal", "text"),
    [
        ("sv", full(Reason.DEBT_LIMIT), "Spärrad: du är skyldig 75.00 kr (gräns 100.00 kr)"),
        ("nb", full(Reason.DEBT_LIMIT), "Sperret: du skylder 75.00 kr (grense 100.00 kr)"),
        ("nn", full(Reason.DEBT_LIMIT), "Sperra: du skuldar 75.00 kr (grense 100.00 kr)"),
        ("en", full(Reason.DEBT_LIMIT), "Blocked: you owe 75.00 SEK (limit 100.00 SEK)"),
        ("sv", Refusal(reason=Reason.DEBT_LIMIT, amount=Money(7500, "EUR")), "Spärrad: du är skyldig 75.00 EUR"),
        ("sv", Refusal(reason=Reason.DEBT_LIMIT), "Spärrad"),
        ("sv", full(Reason.AGE_LIMIT), "Åldersgräns 15 år"),
        ("nn", full(Reason.SUSPENDED), "Utestengd til 2026-03-02"),
        ("nb", Refusal(reason=Reason.TOO_MANY_ITEMS, count=20), "Du har nådd grensen på 20 lån"),
        ("en", Refusal(reason=Reason.TOO_MANY_ITEMS, count=20), "Limit of 20 loans reached"),
        ("nb", full(Reason.TOO_MANY_OVERDUE), "Sperret: 3 lån over fristen"),
        ("nb", full(Reason.MAX_RENEWALS), "Allerede fornyet 3 ganger"),
        ("sv", full(Reason.FINE_ON_RETURN), "3 dagar sen: 75.00 kr"),
        ("sv", full(Reason.ON_SHELF), "Finns inne på Stadsbiblioteket"),
        ("sv", Refusal(reason=Reason.ON_SHELF, branch=BranchId("ASK-H")), "Finns inne på ASK-H"),
        ("sv", full(Reason.FEE_ACK), "Avgift 75.00 kr. Godkänn för att låna"),
    ],
)
def test_facts_are_filled_in(language: str, refusal: Refusal, text: str) -> None:
    assert Wording(language, BRANCHES).reason(refusal) == text


NORWEGIAN_WEST = ("nn", "nb", "en")


@pytest.mark.parametrize(
    ("patron", "code", "account", "library", "codes", "language", "why"),
    [
        ("nb", "006", "en", ("sv",), {}, "nb", "the patron's own comes first"),
        (None, "006", "en", ("nb",), {}, "sv", "then the message's code"),
        (None, "001", None, ("nb",), {}, "en", "001 is English"),
        (None, "012", None, ("sv", "en"), {}, "nb", "Norwegian is bokmål"),
        (None, "012", None, NORWEGIAN_WEST, {}, "nn", "where the library writes nynorsk, 012 is nynorsk"),
        (None, "012", None, NORWEGIAN_WEST, {"012": "nb"}, "nb", "an account may read 012 in its own way"),
        (None, "006", None, ("nb",), {"006": "nn"}, "nn", "also a code that means something else"),
        (None, "000", "nn", ("sv",), {}, "nn", "then the account's"),
        (None, "007", None, ("sv", "en"), {}, "sv", "Finnish is not spoken: the library's first"),
        (None, None, None, ("fi", "sv"), {}, "sv", "the first that is spoken"),
        (None, None, None, (), {}, "en", "nobody said anything"),
        ("no", None, None, NORWEGIAN_WEST, {}, "nn", "no is whichever Norwegian the library writes"),
        ("nb-NO", None, None, ("sv",), {}, "nb", "a country is not a language"),
        ("so", "001", None, ("nb",), {}, "en", "a patron's language without words falls through"),
    ],
)
def test_whose_language(
    patron: str | None,
    code: str | None,
    account: str | None,
    library: tuple[str, ...],
    codes: dict[str, str],
    language: str,
    why: str,
) -> None:
    assert choose_language(patron, code, account, library, codes) == language, why


def test_the_same_text_is_not_said_twice() -> None:
    refusal = Refusal(reason=Reason.MANUAL_BLOCK)
    assert Wording("en", {}).reasons((refusal, refusal)) == ("Account blocked. Please contact staff",)
