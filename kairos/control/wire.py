"""Named tuples as plain JSON values and back; what comes back is checked, for it came from outside."""

from __future__ import annotations

import types
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_value(thing: object) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return a named tuple, with all that it holds, as what `json.dumps` takes."""
    if type(thing) in _PLAIN:  # most are: a status has thousands of values
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
    """Return the named tuple that `to_value` took apart; raises ValueError where it is none.

    Unknown keys are left out and missing ones take their default: the other side may be of another version.
    """
    try:
        return _reader(kind)(value)  # type: ignore[no-any-return, arg-type] # types are hashable
    except _Misfit as misfit:
        raise ValueError(f"{kind.__name__}{misfit}") from None


class _Misfit(Exception):  # noqa: N818 - never leaves this module
    """A value that is not what it should be; each level that it passes adds to the place."""

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(reason, place)
        self._reason, self._place = reason, place

    def below(self, step: str) -> _Misfit:
        """Return this, seen from one level further up."""
        return _Misfit(self._reason, step + self._place)

    def __str__(self) -> str:
        return f"{self._place} {self._reason}"


_Reader = Callable[[Any], Any]


@cache
def _reader(kind: Any) -> _Reader:  # noqa: ANN401
    """Return the function that reads a value of one type; made once, for a status has thousands of them."""
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
