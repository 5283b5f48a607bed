"""Settings as people type them: text where the setting wants text, else what it says."""

from typing import Any

import pytest

from server.accounts.pairs import PairError, settings_of
from server.accounts.settings import AccountSettings

PLACED = {"name": "kasse1", "library": "KAL", "branch": "KAL-S"}


@pytest.mark.parametrize(
    ("pair", "read"),
    [
        ("wire.unknown=96", {"wire": {"unknown": "96"}}),
        ("wire.encoding=utf-8", {"wire": {"encoding": "utf-8"}}),
        ("wire.strict=true", {"wire": {"strict": True}}),
        ('wire.extensions=["CV", "CT"]', {"wire": {"extensions": ["CV", "CT"]}}),
        ("wire.overwrite.AM=1881", {"wire": {"overwrite": {"AM": "1881"}}}),
        ("login=007", {"login": "007"}),
        ("channel=desk", {"channel": "desk"}),
        ("limits.idle=30", {"limits": {"idle": 30}}),
        ("repeats.by_meaning=false", {"repeats": {"by_meaning": False}}),
        ("terminals.12.location=12", {"terminals": {"12": {"location": "12"}}}),
        ("terminals.12.branch=12", {"terminals": {"12": {"branch": "12"}}}),
        ("manner.fees.write_off_type=06", {"manner": {"fees": {"write_off_type": "06"}}}),
        ("manner.timeout=50", {"manner": {"timeout": 50}}),
        ("manner.institution=a=b", {"manner": {"institution": "a=b"}}),
        ('sources={"networks": ["10.0.0.0/8"]}', {"sources": {"networks": ["10.0.0.0/8"]}}),
    ],
)
def test_a_value_is_read_as_its_setting_wants_it(pair: str, read: dict[str, Any]) -> None:
    assert settings_of([pair]) == read
    AccountSettings.model_validate({**PLACED, **read})


@pytest.mark.parametrize(
    ("pair", "read"),
    [
        ("limits.idle=long", {"limits": {"idle": "long"}}),
        ("colour=3", {"colour": 3}),
        ("wire.encoding.deep=x", {"wire": {"encoding": {"deep": "x"}}}),
    ],
)
def test_what_fits_nothing_is_for_others_to_refuse(pair: str, read: dict[str, Any]) -> None:
    assert settings_of([pair]) == read


@pytest.mark.parametrize("pairs", [["wire"], ["=3"], ["wire..unknown=96"], ["wire.encoding=x", "wire.encoding.y=z"]])
def test_what_is_no_setting_and_its_value(pairs: list[str]) -> None:
    with pytest.raises(PairError):
        settings_of(pairs)
