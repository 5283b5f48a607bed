"""Every message in every language, and a library that says it in its own words."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.model import Letter, LetterId, LibraryId, PatronId
from server.post.rendering import LANGUAGES, SHIPPED, BadTemplate, Templates

NAMES = sorted(path.stem for path in (SHIPPED / "en").glob("*.txt") if path.stem != "letter")
DATA = {
    "library": "Folkebiblioteket",
    "patron": "Inga Ystanes",
    "currency": "NOK",
    "items": [{"title": "Fjellgarden", "author": "Ås, Per", "due": "2026-03-10"}],
    "number": 3,
    "fee": "50.00",
    "kid": "00000020537",
    "total": "410.00",
    "charges": [{"kind": "reminder", "title": "", "amount": "50.00"}],
    "pickup": "Hovudbiblioteket",
    "pickup_by": "2026-03-17",
    "reference": "0123",
}


def letter(template: str, language: str, **data: object) -> Letter:
    return Letter(
        id=LetterId(1),
        library=LibraryId("NYN"),
        addressee=PatronId(1),
        channel="email",
        language=language,
        template=template,
        data=json.dumps(data or DATA),
        created=datetime(2026, 3, 10, tzinfo=UTC),
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", NAMES)
def test_every_message_has_a_subject_and_names_what_it_is_about(template: str, language: str) -> None:
    words = Templates().words(letter(template, language))
    assert words.subject
    assert "Fjellgarden" in words.text
    assert "Folkebiblioteket" in words.text
    assert "None" not in words.text


@pytest.mark.parametrize("template", NAMES)
def test_every_language_has_the_same_messages(template: str) -> None:
    assert all((SHIPPED / language / f"{template}.txt").is_file() for language in LANGUAGES)


def test_amounts_and_days_are_written_as_people_write_them() -> None:
    text = Templates().words(letter("invoice", "nb")).text
    assert "410,00" in text.replace("\xa0", " ")
    assert "10. mars 2026" in text
    assert "KID 00000020537" in text


def test_an_unknown_language_is_english_and_an_unknown_letter_a_reminder() -> None:
    assert Templates().words(letter("own-idea", "fi")).subject == "Reminder 3: Fjellgarden"


def test_a_library_replaces_one_file(tmp_path: Path) -> None:
    (tmp_path / "nn").mkdir()
    (tmp_path / "nn" / "reminder.txt").write_text("Kom att!\n\n{{ library }} saknar {{ items[0].title }}.\n")
    words = Templates(tmp_path).words(letter("reminder", "nn"))
    assert (words.subject, words.text) == ("Kom att!", "Folkebiblioteket saknar Fjellgarden.\n")
    assert Templates(tmp_path).words(letter("claim", "nn")).subject.startswith("Krav 3")


@pytest.mark.parametrize(
    ("name", "written"),
    [("nn/reminder.txt", b"Heis\xe5"), ("nn/claim.txt", b"Kom\n\n{% if %}"), ("nn/recall.txt", b"{{ 1 / 0 }}")],
)
def test_a_template_that_cannot_be_used_is_one_kind_of_mistake(tmp_path: Path, name: str, written: bytes) -> None:
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_bytes(written)
    with pytest.raises(BadTemplate):
        Templates(tmp_path).words(letter(Path(name).stem, "nn"))


def test_what_cannot_be_read_of_ones_own_templates_is_told_by_place(tmp_path: Path) -> None:
    (tmp_path / "nn").mkdir()
    (tmp_path / "nn" / "claim.txt").write_bytes(b"Kom\n\n{% if %}")
    (tmp_path / "nn" / "reminder.txt").write_bytes(b"Heis\xe5")
    first, second = Templates(tmp_path).mistakes(tmp_path)
    assert first.startswith(f"{tmp_path}/nn/claim.txt:3: ")
    assert second.startswith(f"{tmp_path}/nn/reminder.txt: ")
