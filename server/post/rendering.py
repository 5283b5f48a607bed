"""From a message's data to words: Jinja2 templates by language, which a library replaces file by file.

A template's first line is the subject of an e-mail and all that an SMS says; the rest is the letter.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency
from jinja2 import (
    ChoiceLoader,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    pass_context,
    select_autoescape,
)
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

from backend.model import Letter

SHIPPED: Final = Path(__file__).with_name("templates")
LANGUAGES: Final = ("sv", "nb", "nn", "en")
OTHERWISE: Final = "en"  # for a language that nobody has words in
FALLBACK: Final = "reminder"  # for a policy row's `letter` that has no template
OPTIONAL: Final = ("items", "charges", "pickup", "pickup_by", "reference", "fee", "kid", "total", "number")
ITEM: Final = {"author": "", "barcode": "", "due": ""}  # what an item need not have


@dataclass(frozen=True, slots=True)
class Words:
    """One message as a person reads it."""

    subject: str
    text: str


class BadTemplate(Exception):
    """A template says what cannot be carried out."""


class Templates:
    """`own` is the library's folder, looked into first; it has the shipped folder's file names."""

    def __init__(self, own: Path | None = None) -> None:
        folders = [own, SHIPPED] if own else [SHIPPED]
        self._environment = SandboxedEnvironment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
            autoescape=select_autoescape(default=False, default_for_string=False),
            undefined=StrictUndefined,
            keep_trailing_newline=True,
        )
        self._environment.filters |= {"day": in_words, "money": amount}

    def mistakes(self, own: Path) -> Iterator[str]:
        """What cannot even be read of the library's own files, a line each with its place."""
        for path in sorted(own.rglob("*.txt")):
            try:
                self._environment.get_template(path.relative_to(own).as_posix())
            except TemplateSyntaxError as why:
                yield f"{path}:{why.lineno}: {why.message}"
            except (OSError, UnicodeError, TemplateError) as why:
                yield f"{path}: {why}"

    def words(self, letter: Letter) -> Words:
        """Raises BadTemplate for a library's own template that cannot be used, whatever it does."""
        try:
            return self._words(letter)
        except Exception as why:
            raise BadTemplate(f"{type(why).__name__}: {why}") from why

    def _words(self, letter: Letter) -> Words:
        language = letter.language if letter.language in LANGUAGES else OTHERWISE
        data: dict[str, Any] = dict.fromkeys(OPTIONAL, "") | {"items": [], "charges": [], "price_by_staff": False}
        data |= json.loads(letter.data) | {"language": language}
        data["items"] = [ITEM | item for item in data["items"]]
        rendered = self._template(language, letter.template).render(data)
        subject, _, text = rendered.strip().partition("\n")
        return Words(subject=subject.strip(), text=f"{text.strip()}\n")

    def _template(self, language: str, name: str) -> Template:
        try:
            return self._environment.get_template(f"{language}/{name}.txt")
        except TemplateNotFound:
            return self._environment.get_template(f"{language}/{FALLBACK}.txt")


@pass_context
def in_words(context: Context, day: str) -> str:
    """`9 mars 2026`; nothing for nothing."""
    return format_date(date.fromisoformat(day), "long", locale=locale_of(context)) if day else ""


@pass_context
def amount(context: Context, text: str) -> str:
    """`75,00 kr`."""
    return format_currency(Decimal(text), context["currency"], locale=locale_of(context)) if text else ""


def locale_of(context: Context) -> Locale:
    return Locale.parse(context["language"])
