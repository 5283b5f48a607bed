"""A property that is worked out once. `functools.cached_property` as it is from Python 3.12 on.

Before that it holds a lock which all objects of the class share, while it works: the thread that reads would wait
for the thread that writes. What is worked out here depends on nothing but the object, so that twice does no harm.
"""

from collections.abc import Callable
from typing import Generic, TypeVar, overload

Worked = TypeVar("Worked")


class once(Generic[Worked]):  # noqa: N801, a decorator, spelled like `property`
    """Of objects with a `__dict__`, where the value is kept."""

    def __init__(self, work: Callable[..., Worked]) -> None:
        self._work = work
        self.__doc__ = work.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, thing: None, owner: type) -> "once[Worked]": ...

    @overload
    def __get__(self, thing: object, owner: type) -> Worked: ...

    def __get__(self, thing: object | None, owner: type) -> "once[Worked] | Worked":
        if thing is None:
            return self
        value = self._work(thing)
        thing.__dict__[self._name] = value
        return value
