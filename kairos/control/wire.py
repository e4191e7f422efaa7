"""Converts named tuples to plain JSON values and back, validating what comes back: it is from another process."""

from __future__ import annotations

import types
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_value(thing: object) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Convert a named tuple, with everything in it, to values for `json.dumps`; raises TypeError if it cannot."""
    if type(thing) in _PLAIN:  # first, because most of the thousands of values of a status are
        return thing
    if isinstance(thing, datetime):
        return thing.isoformat()
    if not isinstance(thing, tuple):
        raise TypeError(f"{type(thing).__name__} does not go through the socket")
    values = map(to_value, thing)
    names = getattr(thing, "_fields", None)
    return list(values) if names is None else dict(zip(names, values, strict=True))


_PLAIN = frozenset({str, bool, int, float, types.NoneType})


def from_value(kind: type[T], value: object) -> T:
    """Rebuild a named tuple from what `to_value` returned; raises ValueError if it does not fit `kind`.

    Unknown keys are ignored and missing ones get their defaults, because the other side may be another version.
    """
    try:
        return _reader(kind)(value)  # type: ignore[no-any-return, arg-type] # types are hashable
    except _Misfit as misfit:
        raise ValueError(f"{kind.__name__}{misfit}") from None


class _Misfit(Exception):  # noqa: N818 - never leaves this module
    """A value of the wrong kind. Each level that it passes on its way up adds to the path."""

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(reason, place)
        self._reason, self._place = reason, place

    def below(self, step: str) -> _Misfit:
        """Return the same error as seen from one level up."""
        return _Misfit(self._reason, step + self._place)

    def __str__(self) -> str:
        return f"{self._place} {self._reason}"


_Reader = Callable[[Any], Any]


@cache
def _reader(kind: Any) -> _Reader:  # noqa: ANN401
    """Return the function that reads values of one type; cached, because a status has thousands of them."""
    if isinstance(kind, types.UnionType):
        (member,) = (member for member in get_args(kind) if member is not types.NoneType)
        return _optional(_reader(member))
    if get_origin(kind) is tuple:
        return _items(_reader(get_args(kind)[0]))
    if hasattr(kind, "_fields"):
        return _fields(kind)
    if kind is datetime:
        return _moment
    return _number if kind is float else _plain(kind)


def _plain(kind: type) -> _Reader:
    def read(value: Any) -> Any:  # noqa: ANN401
        if type(value) is not kind:
            raise _Misfit(f"is no {kind.__name__}")
        return value

    return read


def _number(value: Any) -> float:  # noqa: ANN401
    if type(value) not in {int, float}:
        raise _Misfit("is no float")
    return float(value)


def _moment(value: Any) -> datetime:  # noqa: ANN401
    try:
        moment = datetime.fromisoformat(_plain(str)(value))
    except ValueError:
        raise _Misfit("is no point in time") from None
    if moment.tzinfo is None:
        raise _Misfit("has no time zone")
    return moment


def _optional(reader: _Reader) -> _Reader:
    return lambda value: None if value is None else reader(value)


def _items(reader: _Reader) -> _Reader:
    def read(value: Any) -> tuple[Any, ...]:  # noqa: ANN401
        found = []
        for number, item in enumerate(_plain(list)(value)):
            try:
                found.append(reader(item))
            except _Misfit as misfit:
                raise misfit.below(f"[{number}]") from None
        return tuple(found)

    return read


def _fields(kind: Any) -> _Reader:  # noqa: ANN401
    readers = {name: _reader(hint) for name, hint in get_type_hints(kind).items()}

    def read(value: Any) -> Any:  # noqa: ANN401
        found: dict[str, Any] = {}
        for name, item in _plain(dict)(value).items():
            try:
                if name in readers:
                    found[name] = readers[name](item)
            except _Misfit as misfit:
                raise misfit.below(f".{name}") from None
        try:
            return kind(**found)
        except TypeError as error:  # a field without a default is missing
            raise _Misfit(f"is not whole: {error}") from None

    return read
