"""Values: cheap to make, and otherwise what frozen dataclasses are."""

from dataclasses import FrozenInstanceError, dataclass, field, fields, replace

import pytest
from pydantic import TypeAdapter

from backend.value import value


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    number: int
    words: tuple[str, ...] = ()
    memory: object = field(default=None, compare=False)


@value(frozen=True, slots=True, kw_only=True)
class Cheap:
    number: int
    words: tuple[str, ...] = ()
    memory: object = field(default=None, compare=False)


def test_a_value_compares_and_hashes_as_a_frozen_dataclass() -> None:
    one, same, other = Cheap(number=1), Cheap(number=1, memory=object()), Cheap(number=2)
    assert one == same != other
    assert hash(one) == hash(same) == hash(Frozen(number=1))
    assert {one, same, other} == {one, other}


def test_a_value_is_a_dataclass_to_everybody() -> None:
    assert [each.name for each in fields(Cheap)] == [each.name for each in fields(Frozen)]
    assert replace(Cheap(number=1), words=("a",)) == Cheap(number=1, words=("a",))
    written = TypeAdapter(Cheap).dump_json(Cheap(number=3, words=("b",)))
    assert TypeAdapter(Cheap).validate_json(written) == Cheap(number=3, words=("b",))


def test_only_the_lock_is_missing() -> None:
    with pytest.raises(FrozenInstanceError):
        Frozen(number=1).number = 2
    with pytest.raises(AttributeError):
        Cheap(number=1).nonsense = 2
    with pytest.raises(TypeError, match="a value is frozen"):
        value(frozen=False)
